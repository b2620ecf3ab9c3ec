using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>The codecs of lists and dictionaries.</summary>
internal static class CollectionCodecs
{
    private static readonly Type[] ListInterfaces =
        [typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IList<>), typeof(ICollection<>)];

    private static readonly Type[] Dictionaries = [typeof(Dictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)];

    public static Codec? For(Type type, CodecScope scope)
    {
        if (type.IsArray) return type.IsSZArray ? List(type.GetElementType()!, type, asList: false, scope) : null;
        if (!type.IsGenericType) return null;
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GetGenericArguments();
        if (definition == typeof(List<>)) return List(arguments[0], type, asList: true, scope);
        if (Array.IndexOf(ListInterfaces, definition) >= 0) return List(arguments[0], ArrayOf(arguments[0]), asList: false, scope);
        return Array.IndexOf(Dictionaries, definition) >= 0 && arguments[0] == typeof(string) ? Dictionary(arguments[1], scope) : null;
    }

    private static Codec? List(Type itemType, Type type, bool asList, CodecScope scope)
    {
        if (Codec.For(itemType, scope) is not { } items) return null;
        return new Codec
        {
            Shape = new Field { Type = FieldType.List, Element = items.Shape with { IsRequired = !items.AcceptsNull } },
            Write = list => Write((IEnumerable)list, items),
            Read = (Value value, ref Violation? fault) =>
            {
                if (value.Kind != ValueKind.List) return Codec.Mismatch(FieldType.List, value, ref fault);
                return Read(value.AsList.Span, asList ? (IList)New(type) : NewArray(type, value.AsList.Length), items, ref fault);
            },
            Items = items,
        };
    }

    private static Value Write(IEnumerable list, Codec items)
    {
        var values = new List<Value>((list as ICollection)?.Count ?? 4);
        foreach (var item in list) values.Add(item is null ? default : items.Write(item));
        return Value.OwnList([.. values]);
    }

    private static IList? Read(ReadOnlySpan<Value> values, IList list, Codec items, ref Violation? fault)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var item = ReadItem(values[i], items, ref fault);
            if (fault is not null)
            {
                fault = fault.Within($"[{i}]");
                return null;
            }

            if (list.IsFixedSize) list[i] = item;
            else list.Add(item);
        }

        return list;
    }

    private static Codec? Dictionary(Type valueType, CodecScope scope)
    {
        if (Codec.For(valueType, scope) is not { } values) return null;
        var type = DictionaryOf(valueType);
        return new Codec
        {
            Shape = new Field { Type = FieldType.Map },
            Write = map => WriteMap(map, values),
            Read = (Value value, ref Violation? fault) =>
            {
                if (value.Kind != ValueKind.Map) return Codec.Mismatch(FieldType.Map, value, ref fault);
                var dictionary = (IDictionary)New(type);
                foreach (var (name, entry) in value.AsMap)
                {
                    var item = ReadItem(entry, values, ref fault);
                    if (fault is not null)
                    {
                        fault = fault.Within(Filters.FilterText.PrintName(name));
                        return null;
                    }

                    dictionary[name] = item;
                }

                return dictionary;
            },
            Items = values,
        };
    }

    private static Value WriteMap(object map, Codec values)
    {
        if (map is not IDictionary dictionary)
            throw new NotSupportedException($"A {Codec.Name(map.GetType())} cannot be written, as it is no IDictionary; use Dictionary.");
        var builder = new ValueMapBuilder(dictionary.Count);
        var entries = dictionary.GetEnumerator();
        while (entries.MoveNext()) builder.Set((string)entries.Key, entries.Value is null ? default : values.Write(entries.Value));
        return builder.Build();
    }

    private static object? ReadItem(Value value, Codec items, ref Violation? fault)
    {
        if (!value.IsNull) return items.Read(value, ref fault);
        if (!items.AcceptsNull) fault = new Violation("", "required", "is null, and cannot be");
        return items.Default;
    }

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Mapping.DynamicCodeReason)]
    private static Type ArrayOf(Type item) => item.MakeArrayType();

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Mapping.DynamicCodeReason)]
    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = Mapping.TrimReason)]
    private static Type DictionaryOf(Type value) => typeof(Dictionary<,>).MakeGenericType(typeof(string), value);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Mapping.DynamicCodeReason)]
    private static Array NewArray(Type arrayType, int length) => Array.CreateInstanceFromArrayType(arrayType, length);

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = Mapping.TrimReason)]
    private static object New(Type type) => Activator.CreateInstance(type)!;
}

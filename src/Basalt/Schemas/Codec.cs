using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>Reads a value that is not null as a CLR object, or says what does not fit.</summary>
internal delegate object? ValueReader(Value value, ref Violation? fault);

/// <summary>How values of one CLR type are written and read. Immutable and thread-safe.</summary>
internal sealed class Codec
{
    // Types are finite in a program; what is kept is small.
    private static readonly ConcurrentDictionary<Type, Codec> Literals = new();

    /// <summary>The field that holds such values, without a name.</summary>
    public required Field Shape { get; init; }

    public required Func<object, Value> Write { get; init; }

    public required ValueReader Read { get; init; }

    /// <summary>Whether the CLR type has null.</summary>
    public bool AcceptsNull { get; init; } = true;

    /// <summary>What <c>default</c> of the CLR type is.</summary>
    public object? Default { get; init; }

    /// <summary>The mapping of the members, when it is a nested type.</summary>
    public MappedType? Nested { get; init; }

    /// <summary>The codec of the items, when it is a list or a dictionary.</summary>
    public Codec? Items { get; init; }

    /// <summary>The codec of a type, or null when it cannot be a field.</summary>
    public static Codec? For(Type type, CodecScope scope)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return For(underlying, scope) is { } inner
                ? new Codec { Shape = inner.Shape, Write = inner.Write, Read = inner.Read, Nested = inner.Nested, Items = inner.Items }
                : null;
        }

        return ScalarCodecs.For(type) ?? CollectionCodecs.For(type, scope) ?? ForNested(type, scope);
    }

    /// <summary>The value that a constant stands for, by the rules of its own type.</summary>
    /// <exception cref="NotSupportedException">The type cannot be a field.</exception>
    public static Value Literal(object? constant)
    {
        if (constant is null) return default;
        if (constant is Value value) return value;
        var codec = Literals.GetOrAdd(constant.GetType(), static type =>
            For(type, new CodecScope()) ?? throw new NotSupportedException($"A {Name(type)} has no value that a record could hold."));
        return codec.Write(constant);
    }

    public static bool CanBeId(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare == typeof(string) || bare == typeof(Guid)
            || (Type.GetTypeCode(bare) is >= TypeCode.SByte and <= TypeCode.Int64 && !bare.IsEnum);
    }

    /// <summary>The name of a type as a reader of C# knows it.</summary>
    public static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (!type.IsGenericType) return type.Name;
        return $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }

    private static Codec? ForNested(Type type, CodecScope scope)
    {
        if (type.Namespace is "System" || type.Namespace?.StartsWith("System.", StringComparison.Ordinal) == true) return null;
        if (type.IsInterface || type.IsAbstract || type.IsPointer || type.IsByRefLike || typeof(Delegate).IsAssignableFrom(type)) return null;
        var nested = MappedType.Of(type, scope, isRoot: false);
        return new Codec
        {
            Shape = new Field { Type = FieldType.Map, Fields = [.. nested.Members.Select(static member => member.Field)] },
            Write = item => nested.Write(item),
            Read = (Value value, ref Violation? fault) =>
                value.Kind == ValueKind.Map ? nested.Read(value.AsMap, null, ref fault) : Mismatch(FieldType.Map, value, ref fault),
            AcceptsNull = !type.IsValueType,
            Default = DefaultOf(type),
            Nested = nested,
        };
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = Mapping.TrimReason)]
    private static object? DefaultOf(Type type) => type.IsValueType ? System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type) : null;

    internal static object? Mismatch(FieldType wanted, Value value, ref Violation? fault)
    {
        fault = new Violation("", "type", $"is {FieldTypes.Of(value.Kind).Name()}, not {wanted.Name()}");
        return null;
    }

    internal static object? Unfit(Value value, string type, ref Violation? fault)
    {
        fault = new Violation("", "type", $"is {value}, which is no {type}");
        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>How objects of one CLR type are written as maps and made from them. Immutable after it is made; thread-safe.</summary>
internal sealed class MappedType
{
    private readonly Type _type;
    private readonly MappedMember[] _members;
    private readonly ConstructorInvoker? _constructor;
    private readonly Shape _shape;
    private readonly int _parameters;
    private Places? _lastPlaces;

    private MappedType(Type type, MappedMember[] members, ConstructorInfo? constructor)
    {
        _type = type;
        _members = members;
        _constructor = constructor is null ? null : ConstructorInvoker.Create(constructor);
        _parameters = constructor?.GetParameters().Length ?? 0;
        _shape = members.Aggregate(Shape.Empty, static (shape, member) => shape.Add(member.Field.Name));
        Key = members.FirstOrDefault(static member => member.IsKey);
    }

    /// <summary>Where the members are in maps of one shape; replaced whole, so readers need no lock.</summary>
    private sealed record Places(Shape Shape, int[] At);

    public IReadOnlyList<MappedMember> Members => _members;

    public MappedMember? Key { get; }

    public MappedMember? Find(string property) => Array.Find(_members, member => member.Property.Name == property);

    public static MappedType Of([DynamicallyAccessedMembers(Mapping.Members)] Type type) => Of(type, new CodecScope(), isRoot: true);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Mapping.TrimReason)]
    public static MappedType Of(Type type, CodecScope scope, bool isRoot)
    {
        if (type.IsAbstract || type.IsInterface || type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsByRefLike || type.ContainsGenericParameters
            || type.IsArray || typeof(Delegate).IsAssignableFrom(type) || type == typeof(object) || type == typeof(string) || type.Namespace is "System")
            throw scope.Refuse(type, "is no class, record or struct with fields of its own");
        scope.Enter(type);
        var constructors = type.GetConstructors();
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static p => p.GetIndexParameters().Length == 0 && p.GetMethod is { IsPublic: true } && !MappedAnnotations.IsExcluded(p))
            .GroupBy(static p => p.Name, (_, same) => same.MaxBy(p => Depth(p.DeclaringType))!)
            .ToArray();
        var constructor = MappedConstructor.Choose(type, constructors, properties);
        if (constructor is null && !type.IsValueType)
            throw scope.Refuse(type, "has no public constructor whose parameters are all properties");
        var members = MappedMember.Collect(type, properties, constructor?.GetParameters() ?? [], scope, isRoot);
        if (members.Length == 0) throw scope.Refuse(type, "has no property that can be read and set");
        scope.Leave();
        return new MappedType(type, members, constructor);
    }

    public Record ToRecord(object item)
    {
        if (Key is null) return new Record(Write(item));
        var id = RecordId.FromValue(Key.Write(item));
        if (id is not null && !(id.Length == 0 || Key.IsEmptyGuid(id))) return new Record(id, Write(item));
        return new Record(Write(item).Without(Key.Field.Name));
    }

    public ValueMap Write(object item)
    {
        var values = new Value[_members.Length];
        for (var i = 0; i < values.Length; i++) values[i] = _members[i].Write(item);
        return new ValueMap(_shape, values);
    }

    /// <summary>An object of the map; null with a fault when a value does not fit.</summary>
    /// <param name="map">The fields.</param>
    /// <param name="id">The id of the record, or null for a nested map.</param>
    /// <param name="fault">What does not fit, when something does not.</param>
    public object? Read(ValueMap map, string? id, ref Violation? fault)
    {
        var places = _lastPlaces;
        if (places is null || !ReferenceEquals(places.Shape, map.Shape)) places = Locate(map.Shape);
        var arguments = new object?[_parameters];
        foreach (var (index, member) in _members.Index())
        {
            if (member.Parameter is not { } parameter) continue;
            arguments[parameter.Position] = Read(member, map, places.At[index], id, ref fault);
            if (fault is not null) return null;
        }

        var item = _constructor is null ? Activated() : _constructor.Invoke(arguments.AsSpan());
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _members[i];
            if (member.Parameter is not null) continue;
            var isKept = places.At[i] < 0 && !member.IsMandatory && !(member.IsKey && id is { Length: > 0 });
            if (isKept) continue;
            var value = Read(member, map, places.At[i], id, ref fault);
            if (fault is not null) return null;
            member.Set(item, value);
        }

        return item;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = Mapping.TrimReason)]
    [UnconditionalSuppressMessage("Trimming", "IL2077", Justification = Mapping.TrimReason)]
    private object Activated() => RuntimeHelpers.GetUninitializedObject(_type);

    private static object? Read(MappedMember member, ValueMap map, int at, string? id, ref Violation? fault)
    {
        if (member.IsKey && id is { Length: > 0 }) return member.ReadId(id, ref fault);
        return at < 0 ? member.Missing(ref fault) : member.Read(map.RawValues[at], ref fault);
    }

    private Places Locate(Shape shape)
    {
        var places = new Places(shape, Array.ConvertAll(_members, member => shape.IndexOf(member.Field.Name)));
        _lastPlaces = places;
        return places;
    }

    private static int Depth(Type? type)
    {
        var depth = 0;
        for (; type is not null; type = type.BaseType) depth++;
        return depth;
    }
}

/// <summary>The choice of the constructor that makes mapped objects.</summary>
internal static class MappedConstructor
{
    /// <summary>The constructor with the most parameters that are all properties, or null when there is none.</summary>
    public static ConstructorInfo? Choose(Type type, ConstructorInfo[] constructors, PropertyInfo[] properties)
    {
        var usable = Array.FindAll(constructors, constructor =>
            Array.TrueForAll(constructor.GetParameters(), parameter => Array.Exists(properties, property => IsFor(parameter, property))));
        var most = usable.Length == 0 ? 0 : usable.Max(static constructor => constructor.GetParameters().Length);
        var best = Array.FindAll(usable, constructor => constructor.GetParameters().Length == most);
        return best.Length <= 1
            ? best.FirstOrDefault()
            : throw new NotSupportedException(
                $"{Codec.Name(type)} cannot be mapped: {best.Length} constructors take {most} of its properties; which one to call is not clear.");
    }

    public static bool IsFor(ParameterInfo parameter, PropertyInfo property) =>
        string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase) && parameter.ParameterType == property.PropertyType;
}

using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>One property of a mapped type and the field that it is.</summary>
internal sealed class MappedMember
{
    private readonly MethodInvoker _get;
    private readonly MethodInvoker? _set;
    private readonly Codec _codec;

    private MappedMember(PropertyInfo property, ParameterInfo? parameter, Codec codec, Field field, bool isKey)
    {
        Property = property;
        Parameter = parameter;
        Field = field;
        IsKey = isKey;
        IsMandatory = property.IsDefined(typeof(RequiredMemberAttribute));
        AcceptsNull = codec.AcceptsNull && !MappedAnnotations.IsNotNull(property);
        _codec = codec;
        _get = MethodInvoker.Create(property.GetMethod!);
        _set = parameter is null ? MethodInvoker.Create(property.SetMethod!) : null;
    }

    public PropertyInfo Property { get; }

    /// <summary>The constructor parameter that sets it, or null when its setter does.</summary>
    public ParameterInfo? Parameter { get; }

    public Field Field { get; }

    public Codec Codec => _codec;

    /// <summary>Whether it is the id of the record.</summary>
    public bool IsKey { get; }

    /// <summary>Whether the property must be set when an object is made.</summary>
    public bool IsMandatory { get; }

    public bool AcceptsNull { get; }

    public static MappedMember[] Collect(Type type, PropertyInfo[] properties, ParameterInfo[] parameters, CodecScope scope, bool isRoot)
    {
        var settable = properties.Select(property => (Property: property, Parameter: Array.Find(parameters, p => MappedConstructor.IsFor(p, property))))
            .Where(static pair => pair.Parameter is not null || pair.Property.SetMethod is { IsPublic: true }).ToArray();
        var keys = Array.FindAll(settable, static pair => MappedAnnotations.IsKey(pair.Property));
        if (keys.Length > 1) throw new NotSupportedException($"{Codec.Name(type)} cannot be mapped: it has {keys.Length} keys, and a record has one id.");
        if (keys.Length == 0) keys = Array.FindAll(settable, static pair => pair.Property.Name == "Id");
        var key = isRoot && keys.Length == 1 ? keys[0].Property : null;
        return Array.ConvertAll(settable, pair => Make(type, pair.Property, pair.Parameter, scope, pair.Property == key));
    }

    private static MappedMember Make(Type type, PropertyInfo property, ParameterInfo? parameter, CodecScope scope, bool isKey)
    {
        var place = $"The property {Codec.Name(type)}.{property.Name}";
        scope.At(place);
        var codec = Codec.For(property.PropertyType, scope)
            ?? throw new NotSupportedException(
                $"{place} cannot be mapped: there is no field type for {Codec.Name(property.PropertyType)}. Mark it [NotMapped] to leave it out.");
        if (isKey && !(codec.Shape.Type is FieldType.String or FieldType.Guid or FieldType.Int64 && Codec.CanBeId(property.PropertyType)))
            throw new NotSupportedException($"{place} cannot be the id: an id is text, a guid or an integer, not {Codec.Name(property.PropertyType)}.");
        return new MappedMember(property, parameter, codec, MappedAnnotations.Declare(property, parameter, codec, isKey), isKey);
    }

    public Value Write(object item) => _get.Invoke(item) is { } value ? _codec.Write(value) : default;

    public void Set(object item, object? value) => _set!.Invoke(item, value);

    public object? Read(Value value, ref Violation? fault)
    {
        if (value.IsNull)
        {
            if (!AcceptsNull) fault = new Violation(PathName, "required", $"is null, and {Property.Name} cannot be");
            return null;
        }

        var result = _codec.Read(value, ref fault);
        fault = fault?.Within(PathName);
        return result;
    }

    /// <summary>What the property is when its field is missing and it must be set.</summary>
    public object? Missing(ref Violation? fault)
    {
        if (Parameter is { HasDefaultValue: true } && !IsMandatory)
            return Parameter.DefaultValue is null ? _codec.Default : Parameter.DefaultValue;
        if (!AcceptsNull || IsMandatory) fault = new Violation(PathName, "required", $"is missing, and {Property.Name} needs it");
        return null;
    }

    /// <summary>The property's value of a record's id.</summary>
    public object? ReadId(string id, ref Violation? fault)
    {
        var value = Field.Type switch
        {
            FieldType.Int64 => long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : default(Value),
            FieldType.Guid => Guid.TryParseExact(id, "D", out var guid) ? guid : default(Value),
            _ => id,
        };
        if (!value.IsNull) return Read(value, ref fault);
        fault = new Violation("$id", "type", $"is no {Field.Type.Name()}, as {Property.Name} is");
        return null;
    }

    public bool IsEmptyGuid(string id) => Field.Type == FieldType.Guid && id == Guid.Empty.ToString("D");

    private string PathName => Filters.FilterText.PrintName(Field.Name);
}

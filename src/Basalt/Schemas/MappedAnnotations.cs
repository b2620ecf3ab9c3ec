using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>What the annotations and the nullability of a property say about its field.</summary>
internal static class MappedAnnotations
{
    private static readonly bool HasNullability =
        !AppContext.TryGetSwitch("System.Reflection.NullabilityInfoContext.IsSupported", out var isSupported) || isSupported;

    public static bool IsExcluded(PropertyInfo property) => property.IsDefined(typeof(NotMappedAttribute));

    public static bool IsKey(PropertyInfo property) => property.IsDefined(typeof(KeyAttribute));

    /// <summary>Whether the compiler knows that the property is never null. Trimmed programs do not keep that, and then nothing is known.</summary>
    public static bool IsNotNull(PropertyInfo property) =>
        HasNullability && !property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.NotNull;

    public static Field Declare(PropertyInfo property, ParameterInfo? parameter, Codec codec, bool isKey)
    {
        // A positional record has its annotations on the parameters.
        Attribute[] attributes = [.. property.GetCustomAttributes<Attribute>(inherit: true), .. parameter?.GetCustomAttributes<Attribute>() ?? []];
        var required = !codec.AcceptsNull || IsNotNull(property) || property.IsDefined(typeof(RequiredMemberAttribute));
        var field = codec.Shape with { Name = property.Name, IsRequired = required && !isKey };
        var checks = new List<ValidationAttribute>();
        foreach (var attribute in attributes) field = Apply(field, attribute, property, checks);
        return checks.Count == 0 ? field : field with { Check = Checking(property, codec, [.. checks]) };
    }

    private static Field Apply(Field field, Attribute attribute, PropertyInfo property, List<ValidationAttribute> checks)
    {
        switch (attribute)
        {
            case ColumnAttribute { Name: { } name }: return field with { Name = name };
            case DescriptionAttribute description: return field with { Description = description.Description };
            case DefaultValueAttribute { Value: { } value }: return field with { Default = Codec.Literal(value) };
            case RequiredAttribute required:
                var minimum = field.Type == FieldType.String && !required.AllowEmptyStrings ? Math.Max(1, field.MinLength ?? 0) : field.MinLength;
                return field with { IsRequired = true, MinLength = minimum };
            case StringLengthAttribute length: return Lengths(field, length.MinimumLength, length.MaximumLength, property);
            case MinLengthAttribute length: return Lengths(field, length.Length, null, property);
            case MaxLengthAttribute { Length: > 0 } length: return Lengths(field, null, length.Length, property);
            case MaxLengthAttribute: return field;
            case LengthAttribute length: return Lengths(field, length.MinimumLength, length.MaximumLength, property);
            case RegularExpressionAttribute expression: return field with { Pattern = expression.Pattern };
            case EmailAddressAttribute: return field with { IsEmail = true };
            case AllowedValuesAttribute allowed:
                var hasNull = Array.IndexOf(allowed.Values, null) >= 0;
                Value[] choices = [.. allowed.Values.Where(static v => v is not null).Select(Codec.Literal)];
                return field with { IsRequired = field.IsRequired || !hasNull, OneOf = choices };
            case RangeAttribute { MinimumIsExclusive: false, MaximumIsExclusive: false } range when Bounds(range, field.Type) is { } bounds:
                return field with { Min = bounds.Min, Max = bounds.Max };
            case DataTypeAttribute when attribute.GetType() == typeof(DataTypeAttribute): return field;
            case ValidationAttribute validation:
                if (validation.RequiresValidationContext)
                    throw new NotSupportedException(
                        $"The property {Codec.Name(property.DeclaringType!)}.{property.Name} has {attribute.GetType().Name}, which looks at the whole "
                        + "object; a field is checked by itself.");
                checks.Add(validation);
                return field;
            default: return field;
        }
    }

    private static Field Lengths(Field field, int? min, int? max, PropertyInfo property)
    {
        if (field.Type != FieldType.Vector)
            return field with { MinLength = min is > 0 ? Math.Max(min.Value, field.MinLength ?? 0) : field.MinLength, MaxLength = max ?? field.MaxLength };
        return min == max
            ? field with { Dimension = max }
            : throw new NotSupportedException(
                $"The property {Codec.Name(property.DeclaringType!)}.{property.Name} is a vector, whose length must be exact: use [Length(n, n)].");
    }

    /// <summary>The bounds in the type of the field, or null when only the attribute itself can tell.</summary>
    private static (Value? Min, Value? Max)? Bounds(RangeAttribute range, FieldType type)
    {
        if (!TryBound(range.Minimum, range.OperandType, out var min) || !TryBound(range.Maximum, range.OperandType, out var max)) return null;
        return type switch
        {
            FieldType.Int64 => (Whole(min, up: true), Whole(max, up: false)),
            FieldType.Decimal => (Fit(min, isMin: true), Fit(max, isMin: false)),
            FieldType.Double or FieldType.DateTime or FieldType.String => (min, max),
            _ => null,
        };
    }

    private static bool TryBound(object bound, Type operand, out Value value)
    {
        value = default;
        if (bound is not string text) value = Codec.Literal(bound);
        else if (operand == typeof(DateTime) || operand == typeof(DateTimeOffset) || operand == typeof(DateOnly))
            value = TimeText.TryParseAssumingUtc(text, out var time) ? time : default(Value);
        else if (operand == typeof(TimeSpan)) value = TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span.Ticks : default(Value);
        else if (operand.IsPrimitive || operand == typeof(decimal)) value = Number.TryParse(text, out var number) ? number : default(Value);
        return !value.IsNull;
    }

    /// <summary>The whole number at or within a bound; a bound beyond int64 on its far side bounds nothing.</summary>
    private static Value? Whole(Value bound, bool up)
    {
        if (bound.Kind == ValueKind.Double) bound = up ? Math.Ceiling(bound.AsDouble) : Math.Floor(bound.AsDouble);
        if (bound.Kind == ValueKind.Decimal) bound = up ? Math.Ceiling(bound.AsDecimal) : Math.Floor(bound.AsDecimal);
        return (up ? bound < long.MinValue : bound > long.MaxValue) ? null : (Value?)bound;
    }

    private static Value? Fit(Value bound, bool isMin) => (isMin ? bound < decimal.MinValue : bound > decimal.MaxValue) ? null : (Value?)bound;

    private static Func<Value, string?> Checking(PropertyInfo property, Codec codec, ValidationAttribute[] checks) => value =>
    {
        Violation? fault = null;
        var item = codec.Read(value, ref fault);
        if (fault is not null) return fault.Message;
        var broken = Array.Find(checks, check => !check.IsValid(item));
        return broken is null ? null : $"breaks {broken.GetType().Name}: {broken.FormatErrorMessage(property.Name)}";
    };
}

using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>
/// Conversion of a value to a named type, without loss or not at all: the lenient conversions of schemas, and text that holds a vector, or a list
/// or map as JSON.
/// </summary>
internal static class Conversion
{
    public static bool TryConvert(Value value, FieldType type, out Value converted)
    {
        converted = value;
        if (Coercion.Convert(value, type, Validation.Lenient, ref converted) != CoercionOutcome.Refused) return true;
        if (value.Kind != ValueKind.String) return false;
        if (type == FieldType.Vector) return VectorText.TryParse(value.AsString, out converted);
        if (type is not (FieldType.List or FieldType.Map)) return false;
        try
        {
            converted = RecordJson.ParseValue(value.AsString);
        }
        catch (FormatException)
        {
            return false;
        }

        return FieldTypes.Of(converted.Kind) == type;
    }
}

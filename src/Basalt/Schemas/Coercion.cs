using System.Globalization;
using System.Numerics;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>What became of a value.</summary>
internal enum CoercionOutcome
{
    /// <summary>It is of the type already.</summary>
    Unchanged,

    /// <summary>It was converted.</summary>
    Converted,

    /// <summary>It is of another type and cannot be converted without loss or guess.</summary>
    Refused,
}

/// <summary>Conversion of a value to a declared type, which loses and invents nothing or refuses.</summary>
internal static class Coercion
{
    /// <summary>Longer texts are no numbers: a bound on the work, far above every finite double.</summary>
    private const int LongestNumber = 400;

    public static CoercionOutcome Convert(Value value, FieldType type, Validation mode, ref Value converted)
    {
        if (type == FieldType.Any || FieldTypes.Of(value.Kind) == type) return CoercionOutcome.Unchanged;
        var lenient = mode == Validation.Lenient;
        var result = type switch
        {
            FieldType.Bool => lenient ? ToBool(value) : null,
            FieldType.Int64 => lenient ? ToInt64(value) : null,
            FieldType.Double => ToDouble(value, lenient),
            FieldType.Decimal => ToDecimal(value, lenient),
            FieldType.String => lenient ? ToText(value) : null,
            FieldType.DateTime => ToDateTime(value, lenient),
            FieldType.Guid => ToGuid(value),
            FieldType.Bytes => ToBytes(value),
            FieldType.Vector => ToVector(value),
            _ => null,
        };
        if (result is not { } found) return CoercionOutcome.Refused;
        converted = found;
        return CoercionOutcome.Converted;
    }

    private static Value? ToBool(Value value) => value.Kind != ValueKind.String ? null
        : value.AsString.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
        : value.AsString.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
        : (Value?)null;

    private static Value? ToInt64(Value value)
    {
        if (value.IsNumber) return value.TryGetInt64(out var whole) ? whole : (Value?)null;
        if (value.Kind != ValueKind.String || !IsJsonNumber(value.AsString, out var integral) || !integral) return null;
        return long.TryParse(value.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : (Value?)null;
    }

    private static Value? ToDouble(Value value, bool lenient)
    {
        if (value.IsNumber)
            return value.TryGetDouble(out var number) ? number : (Value?)null;
        if (!lenient || value.Kind != ValueKind.String || !IsJsonNumber(value.AsString, out var integral)) return null;
        var text = value.AsString;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) || !double.IsFinite(parsed)) return null;
        var sameDigits = Digits(text) == Digits(parsed.ToString("R", CultureInfo.InvariantCulture));
        var sameInteger = integral && double.IsInteger(parsed) && new BigInteger(parsed) == BigInteger.Parse(text, CultureInfo.InvariantCulture);
        return sameDigits || sameInteger ? parsed : (Value?)null;
    }

    private static Value? ToDecimal(Value value, bool lenient)
    {
        if (value.IsNumber)
            return value.TryGetDecimal(out var number) ? number : (Value?)null;
        if (!lenient || value.Kind != ValueKind.String || !IsJsonNumber(value.AsString, out _)) return null;
        return decimal.TryParse(value.AsString, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
            && Digits(value.AsString) == Digits(parsed.ToString(CultureInfo.InvariantCulture)) ? parsed : (Value?)null;
    }

    private static Value? ToText(Value value) => value.Kind switch
    {
        ValueKind.Bool => value.AsBool ? "true" : "false",
        ValueKind.Int64 => value.AsInt64.ToString(CultureInfo.InvariantCulture),
        ValueKind.Double when double.IsFinite(value.AsDouble) => RecordJson.FormatDouble(value.AsDouble),
        ValueKind.Decimal => value.AsDecimal.ToString(CultureInfo.InvariantCulture),
        _ => (Value?)null,
    };

    private static Value? ToDateTime(Value value, bool lenient)
    {
        if (value.Kind != ValueKind.String) return null;
        var text = value.AsString;
        var found = lenient ? TimeText.TryParseAssumingUtc(text, out var time) : TimeText.TryParse(text, out time);
        return found ? time : (Value?)null;
    }

    private static Value? ToGuid(Value value)
    {
        // 36 characters: the platform's parser would also trim blanks.
        if (value.Kind != ValueKind.String || value.AsString.Length != 36) return null;
        return Guid.TryParseExact(value.AsString, "D", out var guid) ? guid : (Value?)null;
    }

    private static Value? ToBytes(Value value)
    {
        if (value.Kind != ValueKind.String) return null;
        var text = value.AsString;
        var bytes = new byte[text.Length / 4 * 3];
        if (text.Length % 4 != 0 || !System.Convert.TryFromBase64String(text, bytes, out var length)) return null;
        // The platform's parser skips blanks and stray bits; only what reads back as the same text lost nothing.
        return System.Convert.ToBase64String(bytes, 0, length) == text ? Value.FromBytes(bytes.AsSpan(0, length)) : (Value?)null;
    }

    private static Value? ToVector(Value value)
    {
        if (value.Kind != ValueKind.List) return null;
        var items = value.AsList.Span;
        var components = new float[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            if (!items[i].IsNumber) return null;
            components[i] = items[i].Kind switch
            {
                ValueKind.Int64 => items[i].AsInt64,
                ValueKind.Double => (float)items[i].AsDouble,
                _ => (float)items[i].AsDecimal,
            };
            // A finite number beyond float32 would become an infinity.
            if (!float.IsFinite(components[i])) return null;
        }

        return Value.OwnVector(components);
    }

    /// <summary>JSON's number syntax: no blanks, no plus sign, no leading zero, digits on both sides of a point; and not a negative zero integer.</summary>
    private static bool IsJsonNumber(ReadOnlySpan<char> text, out bool integral)
    {
        integral = false;
        if (text.Length is 0 or > LongestNumber) return false;
        var rest = text[0] == '-' ? text[1..] : text;
        var whole = CountDigits(rest);
        if (whole == 0 || (whole > 1 && rest[0] == '0')) return false;
        rest = rest[whole..];
        integral = rest.Length == 0 && !(text is "-0");
        if (rest.Length > 0 && rest[0] == '.')
        {
            var fraction = CountDigits(rest[1..]);
            if (fraction == 0) return false;
            rest = rest[(1 + fraction)..];
        }

        if (rest.Length > 0 && rest[0] is 'e' or 'E')
        {
            rest = rest.Length > 1 && rest[1] is '+' or '-' ? rest[2..] : rest[1..];
            var exponent = CountDigits(rest);
            if (exponent is 0 or > 6) return false;
            rest = rest[exponent..];
        }

        return rest.Length == 0;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }

    /// <summary>A number's text as (sign, significant digits, exponent of the last one): equal for equal numbers however written.</summary>
    private static (bool Negative, string Digits, int Exponent) Digits(string text)
    {
        var negative = text.StartsWith('-');
        var exponentAt = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = text.AsSpan(negative ? 1 : 0, (exponentAt < 0 ? text.Length : exponentAt) - (negative ? 1 : 0));
        var point = mantissa.IndexOf('.');
        if (point >= 0) exponent -= mantissa.Length - point - 1;
        var digits = mantissa.ToString().Replace(".", "").TrimStart('0');
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? (negative, "", 0) : (negative, trimmed, exponent + digits.Length - trimmed.Length);
    }
}

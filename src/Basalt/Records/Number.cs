using System.Globalization;
using System.Numerics;

namespace Basalt.Records;

/// <summary>
/// The arithmetic meaning of the three number kinds: one exact, total order, and conversions that lose nothing or fail.
/// </summary>
/// <remarks>
/// An integral double stands for itself; another double stands for its shortest round-trip text. Both maps are strictly
/// increasing and meet at the integers, so the order over int64, double and decimal together is total and transitive.
/// </remarks>
internal static class Number
{
    // 2^63 as a double: the first value above the int64 range.
    private const double Int64Limit = 9223372036854775808d;

    // decimal.MaxValue is 2^96 - 1; every integral double below 2^96 converts exactly.
    private const double DecimalLimit = 79228162514264337593543950336d;

    public static int Compare(Value left, Value right) => (left.Kind, right.Kind) switch
    {
        (ValueKind.Int64, ValueKind.Int64) => left.AsInt64.CompareTo(right.AsInt64),
        (ValueKind.Double, ValueKind.Double) => Compare(left.AsDouble, right.AsDouble),
        (ValueKind.Decimal, ValueKind.Decimal) => left.AsDecimal.CompareTo(right.AsDecimal),
        (ValueKind.Int64, ValueKind.Double) => Compare(left.AsInt64, right.AsDouble),
        (ValueKind.Double, ValueKind.Int64) => -Compare(right.AsInt64, left.AsDouble),
        (ValueKind.Int64, ValueKind.Decimal) => decimal.Compare(left.AsInt64, right.AsDecimal),
        (ValueKind.Decimal, ValueKind.Int64) => decimal.Compare(left.AsDecimal, right.AsInt64),
        (ValueKind.Double, ValueKind.Decimal) => Compare(left.AsDouble, right.AsDecimal),
        (ValueKind.Decimal, ValueKind.Double) => -Compare(right.AsDouble, left.AsDecimal),
        _ => throw new InvalidOperationException("Both values must be numbers."),
    };

    /// <summary>NaN equals NaN and is above everything; the two zeros are equal.</summary>
    public static int Compare(double left, double right)
    {
        if (left < right) return -1;
        if (left > right) return 1;
        if (left == right) return 0;
        return double.IsNaN(left).CompareTo(double.IsNaN(right));
    }

    public static int Compare(long left, double right)
    {
        if (double.IsNaN(right) || right >= Int64Limit) return -1;
        if (right < -Int64Limit) return 1;
        var whole = (long)right;
        if (left != whole) return left < whole ? -1 : 1;
        return -(right - whole).CompareTo(0d);
    }

    public static int Compare(double left, decimal right)
    {
        if (double.IsNaN(left) || left >= DecimalLimit) return 1;
        if (left <= -DecimalLimit) return -1;
        if (double.IsInteger(left)) return decimal.Compare((decimal)new BigInteger(left), right);

        var (mantissa, scale) = ShortestDigits(left);
        return scale <= 28
            ? decimal.Compare(ToDecimal(mantissa, scale), right)
            : CompareScaled(mantissa, scale, right);
    }

    public static bool TryToInt64(Value value, out long result)
    {
        result = 0;
        switch (value.Kind)
        {
            case ValueKind.Int64:
                result = value.AsInt64;
                return true;
            case ValueKind.Double:
                var number = value.AsDouble;
                if (!double.IsInteger(number) || number < -Int64Limit || number >= Int64Limit) return false;
                result = (long)number;
                return true;
            case ValueKind.Decimal:
                var exact = value.AsDecimal;
                if (exact != decimal.Truncate(exact) || exact < long.MinValue || exact > long.MaxValue) return false;
                result = (long)exact;
                return true;
            default:
                return false;
        }
    }

    public static bool TryToDouble(Value value, out double result)
    {
        result = 0;
        switch (value.Kind)
        {
            case ValueKind.Double:
                result = value.AsDouble;
                return true;
            case ValueKind.Int64:
                result = value.AsInt64;
                return Compare(value.AsInt64, result) == 0;
            case ValueKind.Decimal:
                result = Nearest(value.AsDecimal);
                return Compare(result, value.AsDecimal) == 0;
            default:
                return false;
        }
    }

    public static bool TryToDecimal(Value value, out decimal result)
    {
        result = 0;
        switch (value.Kind)
        {
            case ValueKind.Decimal:
                result = value.AsDecimal;
                return true;
            case ValueKind.Int64:
                result = value.AsInt64;
                return true;
            case ValueKind.Double:
                var number = value.AsDouble;
                if (!double.IsFinite(number) || Math.Abs(number) >= DecimalLimit) return false;
                if (double.IsInteger(number))
                {
                    result = (decimal)new BigInteger(number);
                    return true;
                }

                var (mantissa, scale) = ShortestDigits(number);
                if (scale > 28) return false;
                result = ToDecimal(mantissa, scale);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Equal numbers hash alike whatever their kind.</summary>
    public static int Hash(Value value)
    {
        if (TryToInt64(value, out var whole)) return whole.GetHashCode();
        var number = value.Kind == ValueKind.Decimal ? Nearest(value.AsDecimal) : value.AsDouble;
        return number.GetHashCode();
    }

    /// <summary>
    /// The number that a text in JSON's number syntax means: int64 if integral without point or exponent and in range, else the
    /// double if that keeps every digit, else the decimal if that does, else the nearest finite double.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Value value)
    {
        value = default;
        var integral = text.IndexOfAny('.', 'e', 'E') < 0;
        if (integral && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && !(whole == 0 && text[0] == '-'))
        {
            value = whole;
            return true;
        }

        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return false;
        value = number;
        // 15 significant digits always survive a double. A longer text does if it is what the double prints; else the decimal may keep it.
        if (text.Length > 15 && SignificantDigits(text) <= 28 && decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var exact)
            && !(decimal.TryParse(number.ToString("R", CultureInfo.InvariantCulture), style, CultureInfo.InvariantCulture, out var printed) && printed == exact))
            value = exact;
        return true;
    }

    /// <summary>The decimal that a text of digits means; false when it would have to be rounded.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<char> text, out decimal value)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(text, style, CultureInfo.InvariantCulture, out value)) return false;
        var point = text.IndexOf('.');
        return value.Scale == (point < 0 ? 0 : text.Length - point - 1);
    }

    /// <summary>The float32 that is nearest to a text; false for a number beyond its range, which would become infinite.</summary>
    public static bool TryParseFloat(ReadOnlySpan<char> text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && (!float.IsInfinity(value) || text is "Infinity" or "-Infinity");

    /// <summary>The double that is nearest to a decimal.</summary>
    public static double Nearest(decimal value) => double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static int SignificantDigits(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            if (c is 'e' or 'E') break;
            if (char.IsAsciiDigit(c) && (count > 0 || c != '0')) count++;
        }

        return count;
    }

    /// <summary>The shortest round-trip digits of a finite, non-integral double: value = mantissa / 10^scale.</summary>
    private static (long Mantissa, int Scale) ShortestDigits(double value)
    {
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        long mantissa = 0;
        int scale = 0, exponent = 0;
        bool negative = false, fraction = false;
        for (var i = 0; i < length; i++)
        {
            var c = text[i];
            if (c == '-') negative = true;
            else if (c == '.') fraction = true;
            else if (c == 'E')
            {
                exponent = int.Parse(text[(i + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            else
            {
                mantissa = mantissa * 10 + (c - '0');
                if (fraction) scale++;
            }
        }

        return (negative ? -mantissa : mantissa, scale - exponent);
    }

    private static decimal ToDecimal(long mantissa, int scale)
    {
        var magnitude = (ulong)Math.Abs(mantissa);
        return new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), 0, mantissa < 0, (byte)scale);
    }

    private static int CompareScaled(long mantissa, int scale, decimal right)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(right, bits);
        var rightScale = (bits[3] >> 16) & 0xFF;
        var rightMantissa = new BigInteger((uint)bits[0]) + (new BigInteger((uint)bits[1]) << 32) + (new BigInteger((uint)bits[2]) << 64);
        if (bits[3] < 0) rightMantissa = -rightMantissa;
        return new BigInteger(mantissa).CompareTo(rightMantissa * BigInteger.Pow(10, scale - rightScale));
    }
}

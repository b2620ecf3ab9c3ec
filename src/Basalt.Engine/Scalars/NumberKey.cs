using System.Buffers.Binary;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Numbers of all three kinds as bytes whose order is that of <see cref="Number"/>, and which are the same when the numbers are equal: the greatest double that is
/// not above the number, then a byte that is 0 when it is the number, or else what is missing to it.
/// </summary>
/// <remarks>
/// The double: its 8 bytes, highest first, with the sign bit flipped, or all bits when it is negative; all ones for NaN; -0 is 0. What is missing is the
/// distance from the whole part of that double: one more than the length of its own whole part (1 byte), the whole part (0 to 6 bytes), the fraction in units of
/// 10^-28 (12 bytes), all highest byte first. Outside of lists and maps the zeros at the end go.
/// </remarks>
internal static class NumberKey
{
    private const int DoubleBytes = 8;

    /// <summary>All of it.</summary>
    public const int MostBytes = DoubleBytes + 1 + MostWholeBytes + FractionBytes;

    private const int FractionBytes = 12;
    private const int FractionScale = 28;
    private const int MostWholeBytes = 6;
    private const long ExactDouble = 1L << 53;
    private const double Int64Limit = 9223372036854775808d;

    // Of so many digits a decimal is what the double of its quotient stands for: 15 digits survive a double, and both operands of the division are exact.
    private const ulong ShortMantissa = 1_000_000_000_000_000;

    private static readonly double[] Powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    public static void Write(ByteBuffer to, in Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Int64: Write(to, value.AsInt64); break;
            case ValueKind.Double: WriteExact(to, value.AsDouble); break;
            default: Write(to, value.AsDecimal); break;
        }
    }

    /// <summary>Reads what <see cref="Write(ByteBuffer, in Value)"/> wrote: an int64 where that is equal, else a double, else a decimal.</summary>
    public static Value Read(ref ByteReader bytes)
    {
        var number = FromOrdered(BinaryPrimitives.ReverseEndianness(bytes.ReadUInt64()));
        var marker = bytes.ReadByte();
        if (marker == 0) return Number.TryToInt64(number, out var integer) ? (Value)integer : number;
        if (marker > MostWholeBytes + 1 || !double.IsFinite(number) || Math.Abs(number) > 79228162514264337593543950336d) throw Damage();
        var whole = (Int128)Math.Floor(number) + (Int128)ReadNumber(bytes.Take((ulong)marker - 1));
        var fraction = ReadNumber(bytes.Take(FractionBytes));
        if (Int128.Abs(whole) > (Int128)decimal.MaxValue || fraction >= 10_000_000_000_000_000_000_000_000_000m || (fraction > 0 && whole == (Int128)decimal.MaxValue)) throw Damage();
        if (fraction == 0 && whole >= long.MinValue && whole <= long.MaxValue) return (long)whole;
        var units = (UInt128)fraction;
        var part = new decimal((int)(uint)units, (int)(uint)(units >> 32), (int)(uint)(units >> 64), isNegative: false, FractionScale);
        // The whole part of a negative number is below it, by one at most, and so may be just past what a decimal holds.
        return whole < 0 ? (decimal)(whole + 1) - (1 - part) : (decimal)whole + part;
    }

    private static void Write(ByteBuffer to, long value)
    {
        double number = value;
        if (Math.Abs(number) < ExactDouble)
        {
            WriteExact(to, number);
            return;
        }

        if (number >= Int64Limit || (long)number > value) number = Math.BitDecrement(number);
        if ((long)number == value) WriteExact(to, number);
        else WriteMissing(to, number, (UInt128)(value - (long)number), 0);
    }

    private static void Write(ByteBuffer to, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var mantissa = (uint)bits[0] | (ulong)(uint)bits[1] << 32;
        var scale = bits[3] >> 16 & 0xFF;
        if (bits[2] == 0 && mantissa < ShortMantissa && scale < Powers.Length)
        {
            var quotient = mantissa / Powers[scale];
            WriteExact(to, bits[3] < 0 ? -quotient : quotient);
            return;
        }

        var number = Number.Nearest(value);
        var order = Number.Compare(number, value);
        if (order == 0)
        {
            WriteExact(to, number);
            return;
        }

        if (order > 0) number = Math.BitDecrement(number);
        var floor = decimal.Floor(value);
        var fraction = value - floor;
        decimal.GetBits(fraction, bits);
        UInt128 units = new((uint)bits[2], (uint)bits[0] | (ulong)(uint)bits[1] << 32);
        for (var i = bits[3] >> 16 & 0xFF; i < FractionScale; i++) units *= 10;
        WriteMissing(to, number, (UInt128)((Int128)floor - (Int128)Math.Floor(number)), units);
    }

    private static void WriteExact(ByteBuffer to, double number)
    {
        var bytes = to.Take(DoubleBytes + 1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Ordered(number));
        bytes[DoubleBytes] = 0;
    }

    private static void WriteMissing(ByteBuffer to, double number, UInt128 whole, UInt128 fraction)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to.Take(DoubleBytes), Ordered(number));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, whole);
        var digits = bytes.TrimStart((byte)0);
        to.Add((byte)(digits.Length + 1));
        to.Add(digits);
        BinaryPrimitives.WriteUInt128BigEndian(bytes, fraction);
        to.Add(bytes[^FractionBytes..]);
    }

    private static ulong Ordered(double number)
    {
        if (double.IsNaN(number)) return ulong.MaxValue;
        var bits = BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number);
        return (ulong)(bits < 0 ? ~bits : bits ^ long.MinValue);
    }

    private static double FromOrdered(ulong ordered) => ordered >> 63 == 0 ? BitConverter.Int64BitsToDouble((long)~ordered) : BitConverter.Int64BitsToDouble((long)ordered ^ long.MinValue);

    private static decimal ReadNumber(ReadOnlySpan<byte> bytes)
    {
        UInt128 number = 0;
        foreach (var b in bytes) number = number << 8 | b;
        return (decimal)number;
    }

    private static InvalidDataException Damage() => new("A number of the scalar index cannot be.");
}

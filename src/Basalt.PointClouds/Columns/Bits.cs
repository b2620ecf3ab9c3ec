using Basalt.Records;

namespace Basalt.PointClouds.Columns;

/// <summary>
/// Any value of a column as 64 bits: signed integers sign-extended, unsigned ones as they are, floating-point numbers by their own bits. So one codec serves all types, and every
/// value comes back bit by bit, NaN and -0 included.
/// </summary>
internal static class Bits
{
    public static Value ToValue(ColumnType type, ulong bits) => type switch
    {
        ColumnType.Float32 => (double)BitConverter.UInt32BitsToSingle((uint)bits),
        ColumnType.Float64 => BitConverter.UInt64BitsToDouble(bits),
        ColumnType.UInt64 => Unsigned(bits),
        _ => (long)bits,
    };

    /// <summary>An unsigned number as a value: int64, and a decimal above its range. Numbers of both kinds have one order and one equality in records.</summary>
    public static Value Unsigned(ulong number) => number <= long.MaxValue ? (Value)(long)number : (decimal)number;

    public static double ToDouble(ColumnType type, ulong bits) => type switch
    {
        ColumnType.Float32 => BitConverter.UInt32BitsToSingle((uint)bits),
        ColumnType.Float64 => BitConverter.UInt64BitsToDouble(bits),
        ColumnType.UInt64 => bits,
        _ => (long)bits,
    };

    public static string ToText(ColumnType type, ulong bits) => type switch
    {
        ColumnType.Float32 => BitConverter.UInt32BitsToSingle((uint)bits).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        ColumnType.Float64 => BitConverter.UInt64BitsToDouble(bits).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        ColumnType.UInt64 => bits.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => ((long)bits).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}

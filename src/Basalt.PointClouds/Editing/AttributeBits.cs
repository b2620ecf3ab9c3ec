using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Editing;

/// <summary>Values as attributes have them.</summary>
internal static class AttributeBits
{
    /// <summary>The bits of a value; null when no value of the type equals it.</summary>
    public static ulong? Of(ColumnType type, Value value)
    {
        if (!value.IsNumber) return null;
        switch (type)
        {
            case ColumnType.Float64:
                return value.TryGetDouble(out var wide) ? BitConverter.DoubleToUInt64Bits(wide) : null;
            case ColumnType.Float32:
                return value.TryGetDouble(out var number) && ((double)(float)number).Equals(number) ? BitConverter.SingleToUInt32Bits((float)number) : null;
            case ColumnType.UInt64:
                return value.TryGetDecimal(out var large) && large is >= 0 and <= ulong.MaxValue && large == decimal.Truncate(large) ? (ulong)large : null;
            default:
                if (!value.TryGetInt64(out var integer)) return null;
                var (lowest, highest) = type switch
                {
                    ColumnType.Int32 => (int.MinValue, int.MaxValue),
                    ColumnType.UInt8 => (0, byte.MaxValue),
                    ColumnType.UInt32 => (0, uint.MaxValue),
                    _ => (long.MinValue, long.MaxValue),
                };
                return integer >= lowest && integer <= highest ? (ulong)integer : null;
        }
    }
}

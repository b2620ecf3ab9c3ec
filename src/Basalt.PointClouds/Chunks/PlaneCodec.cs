using System.Numerics;

namespace Basalt.PointClouds.Chunks;

/// <summary>Numbers byte by byte: first the lowest byte of all, then the next. What is alike in the numbers lies together, which a compressor finds.</summary>
internal static class PlaneCodec
{
    /// <summary>How many bytes numbers take whose bits are all among these.</summary>
    public static int WidthOf(ulong all) => (64 - BitOperations.LeadingZeroCount(all) + 7) / 8;

    public static void Write(ReadOnlySpan<ulong> values, int width, Span<byte> planes)
    {
        for (var p = 0; p < width; p++)
        {
            var plane = planes.Slice(p * values.Length, values.Length);
            for (var i = 0; i < plane.Length; i++) plane[i] = (byte)(values[i] >> (8 * p));
        }
    }

    /// <summary>Reads numbers from a start on, of planes that hold <paramref name="count"/> each.</summary>
    public static void Read(ReadOnlySpan<byte> planes, int width, int count, int start, Span<ulong> values)
    {
        values.Clear();
        for (var p = 0; p < width; p++)
        {
            var plane = planes.Slice(p * count + start, values.Length);
            for (var i = 0; i < plane.Length; i++) values[i] |= (ulong)plane[i] << (8 * p);
        }
    }
}

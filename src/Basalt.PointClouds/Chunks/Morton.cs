using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Basalt.PointClouds.Chunks;

/// <summary>
/// Morton order (G. M. Morton, 1966): the bits of all axes in turn make one number, so that what is near in it is mostly near in space. Bit b of axis a is bit b * axes + a of the code.
/// </summary>
internal static class Morton
{
    /// <summary>The most bits of an axis that fit into a code.</summary>
    public static int BitsPerAxis(int axes) => 64 / axes;

    /// <summary>The bits of the first axis in a code; those of the others are shifted by one each.</summary>
    public static ulong Mask(int axes) => axes switch
    {
        2 => 0x5555_5555_5555_5555,
        // 21 bits: the 64th bit of a code of three axes is of none.
        3 => 0x1249_2492_4924_9249,
        _ => 0x1111_1111_1111_1111,
    };

    /// <summary>The code of a point whose axes have no bits beyond <see cref="BitsPerAxis"/>.</summary>
    public static ulong Encode(ReadOnlySpan<ulong> point)
    {
        var mask = Mask(point.Length);
        var code = 0UL;
        for (var axis = 0; axis < point.Length; axis++) code |= Spread(point[axis], point.Length, mask) << axis;
        return code;
    }

    /// <summary>Puts the codes of points together, axis by axis.</summary>
    public static void Encode(ReadOnlySpan<ulong> axis, int index, int axes, Span<ulong> codes)
    {
        var mask = Mask(axes);
        if (Bmi2.X64.IsSupported)
            for (var i = 0; i < codes.Length; i++) codes[i] |= Bmi2.X64.ParallelBitDeposit(axis[i], mask) << index;
        else
            for (var i = 0; i < codes.Length; i++) codes[i] |= SpreadScalar(axis[i], axes) << index;
    }

    /// <summary>Takes one axis out of codes and adds what all points have in common.</summary>
    public static void Decode(ReadOnlySpan<ulong> codes, int index, int axes, ulong shared, Span<ulong> axis)
    {
        var mask = Mask(axes) << index;
        if (Bmi2.X64.IsSupported)
            for (var i = 0; i < codes.Length; i++) axis[i] = shared | Bmi2.X64.ParallelBitExtract(codes[i], mask);
        else
            for (var i = 0; i < codes.Length; i++) axis[i] = shared | GatherScalar(codes[i] >> index, axes);
    }

    /// <summary>
    /// Whether a point comes before, with or after another, for axes of any width: by the axis whose bits differ highest, the later axis where two differ in the same bit
    /// (T. M. Chan, 2002).
    /// </summary>
    public static int Compare(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var (deciding, zeros) = (0, 64);
        for (var axis = 0; axis < left.Length; axis++)
        {
            var difference = left[axis] ^ right[axis];
            if (difference != 0 && BitOperations.LeadingZeroCount(difference) <= zeros) (deciding, zeros) = (axis, BitOperations.LeadingZeroCount(difference));
        }

        return left[deciding].CompareTo(right[deciding]);
    }

    private static ulong Spread(ulong value, int axes, ulong mask) => Bmi2.X64.IsSupported ? Bmi2.X64.ParallelBitDeposit(value, mask) : SpreadScalar(value, axes);

    /// <summary>Bit b goes to bit b * axes.</summary>
    internal static ulong SpreadScalar(ulong value, int axes)
    {
        var spread = 0UL;
        for (var bit = 0; bit < BitsPerAxis(axes); bit++) spread |= (value >> bit & 1) << (bit * axes);
        return spread;
    }

    /// <summary>Bit b * axes goes to bit b.</summary>
    internal static ulong GatherScalar(ulong code, int axes)
    {
        var value = 0UL;
        for (var bit = 0; bit < BitsPerAxis(axes); bit++) value |= (code >> (bit * axes) & 1) << bit;
        return value;
    }
}

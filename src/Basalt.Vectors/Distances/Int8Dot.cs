using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Distances;

/// <summary>
/// The inner product of int8 by the instruction that multiplies four unsigned bytes with signed ones and adds them up. A row is made unsigned by adding 128,
/// and 128 times the sum of the query is taken off in the end. Sums may wrap on the way; the result fits.
/// </summary>
internal static unsafe class Int8Dot
{
    private const int Width = 32;
    private const byte SignBit = 0x80;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum(byte* query, byte* row, int count)
    {
        Vector256<int> a = default, b = default, offset = default, offset2 = default;
        for (var i = 0; i < count; i += 2 * Width)
        {
            var q = Vector256.Load((sbyte*)query + i);
            var q2 = Vector256.Load((sbyte*)query + i + Width);
            a = AvxVnni.MultiplyWideningAndAdd(a, Unsigned(row, i), q);
            b = AvxVnni.MultiplyWideningAndAdd(b, Unsigned(row, i + Width), q2);
            offset = AvxVnni.MultiplyWideningAndAdd(offset, Vector256.Create(SignBit), q);
            offset2 = AvxVnni.MultiplyWideningAndAdd(offset2, Vector256.Create(SignBit), q2);
        }

        return Vector256.Sum(a + b - (offset + offset2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector256<int> a = default, b = default, c = default, d = default, offset = default;
        for (var i = 0; i < count; i += Width)
        {
            var q = Vector256.Load((sbyte*)query + i);
            a = AvxVnni.MultiplyWideningAndAdd(a, Unsigned(row0, i), q);
            b = AvxVnni.MultiplyWideningAndAdd(b, Unsigned(row1, i), q);
            c = AvxVnni.MultiplyWideningAndAdd(c, Unsigned(row2, i), q);
            d = AvxVnni.MultiplyWideningAndAdd(d, Unsigned(row3, i), q);
            offset = AvxVnni.MultiplyWideningAndAdd(offset, Vector256.Create(SignBit), q);
        }

        return Fold.Four(a - offset, b - offset, c - offset, d - offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Unsigned(byte* row, int element) => Vector256.Load(row + element) ^ Vector256.Create(SignBit);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Distances;

/// <summary>
/// int8 against int8, exact in whole numbers up to the largest dimension (a squared difference of all of 65,536 elements just fits 32 bits without sign);
/// a score past 2^24 is rounded to float32.
/// </summary>
internal readonly unsafe partial struct Int8Distance<TStep> : IDistance
    where TStep : struct, IInt8Step
{
    public static bool RowIsQuery => true;

    public static int QueryStride(int stride) => stride;

    public static void QueryOfRow(byte* row, byte* query, int stride) => Buffer.MemoryCopy(row, query, stride, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(byte* query, byte* row, int stride)
    {
        if (typeof(TStep) == typeof(DotStep) && AvxVnni.IsSupported) return -Int8Dot.Sum(query, row, stride);
        var sum = Vector512.IsHardwareAccelerated ? Sum512(query, row, stride) : Vector256.IsHardwareAccelerated ? Sum256(query, row, stride) : Sum128(query, row, stride);
        return typeof(TStep) == typeof(DotStep) ? -sum : (uint)sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int stride)
    {
        if (typeof(TStep) == typeof(DotStep) && AvxVnni.IsSupported) return -Vector128.ConvertToSingle(Int8Dot.Four(query, row0, row1, row2, row3, stride));
        var sums = Vector512.IsHardwareAccelerated ? Four512(query, row0, row1, row2, row3, stride)
            : Vector256.IsHardwareAccelerated ? Four256(query, row0, row1, row2, row3, stride)
            : Four128(query, row0, row1, row2, row3, stride);
        return typeof(TStep) == typeof(DotStep) ? -Vector128.ConvertToSingle(sums) : Vector128.ConvertToSingle(sums.AsUInt32());
    }

    public static void ScoreTile(byte* queries, byte* rows, int stride, float* scores)
    {
        for (var q = 0; q < 4; q++) ScoreFour(queries + (long)q * stride, rows, rows + stride, rows + 2L * stride, rows + 3L * stride, stride).Store(scores + 4 * q);
    }
}

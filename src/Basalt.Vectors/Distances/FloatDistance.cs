using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>A float32 query against rows of floating-point elements, in the widest registers that the machine likes. The paths of other widths are there to be tested anywhere.</summary>
internal readonly unsafe partial struct FloatDistance<TStep, TElements> : IDistance
    where TStep : struct, IFloatStep
    where TElements : struct, IFloatElements
{
    public static bool RowIsQuery => typeof(TElements) == typeof(Float32Elements);

    public static int QueryStride(int stride) => stride / TElements.Size * sizeof(float);

    public static void QueryOfRow(byte* row, byte* query, int stride)
    {
        var count = stride / TElements.Size;
        for (var i = 0; i < count; i += Vector128<float>.Count) TElements.Load128(row, i).Store((float*)query + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(byte* query, byte* row, int stride) =>
        Vector512.IsHardwareAccelerated ? Score512((float*)query, row, stride / TElements.Size)
        : Vector256.IsHardwareAccelerated ? Score256((float*)query, row, stride / TElements.Size)
        : Score128((float*)query, row, stride / TElements.Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int stride) =>
        Vector512.IsHardwareAccelerated ? Four512((float*)query, row0, row1, row2, row3, stride / TElements.Size)
        : Vector256.IsHardwareAccelerated ? Four256((float*)query, row0, row1, row2, row3, stride / TElements.Size)
        : Four128((float*)query, row0, row1, row2, row3, stride / TElements.Size);

    public static void ScoreTile(byte* queries, byte* rows, int stride, float* scores)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tile512((float*)queries, rows, stride, stride / TElements.Size, scores);
            return;
        }

        for (var q = 0; q < 4; q++) ScoreFour(queries + q * QueryStride(stride), rows, rows + stride, rows + 2L * stride, rows + 3L * stride, stride).Store(scores + 4 * q);
    }
}

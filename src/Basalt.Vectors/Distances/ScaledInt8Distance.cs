using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>
/// A float32 query against int8 codes with a step size for each dimension. A query is, for every 16 dimensions, 16 elements and then their 16 step sizes.
/// A code knows nothing of step sizes, so only its quantiser can make a query of it.
/// </summary>
internal readonly unsafe struct ScaledInt8Distance<TStep> : IDistance where TStep : struct, IFloatStep
{
    private const int Group = 16;

    public static bool RowIsQuery => false;

    public static int QueryStride(int stride) => stride * 2 * sizeof(float);

    public static void QueryOfRow(byte* row, byte* query, int stride) => throw new NotSupportedException("Only the quantiser of a code with step sizes can make a query of it.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(byte* query, byte* row, int stride)
    {
        var q = (float*)query;
        Vector512<float> a = default, b = default;
        for (var i = 0; i < stride; i += 2 * Group)
        {
            a = TStep.Add(a, Vector512.Load(q + 2 * i), Vector512.Load(q + 2 * i + Group) * Load(row, i));
            b = TStep.Add(b, Vector512.Load(q + 2 * i + 2 * Group), Vector512.Load(q + 2 * i + 3 * Group) * Load(row, i + Group));
        }

        return TStep.Sign * Vector512.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int stride)
    {
        var q = (float*)query;
        Vector512<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i < stride; i += Group)
        {
            var elements = Vector512.Load(q + 2 * i);
            var steps = Vector512.Load(q + 2 * i + Group);
            a = TStep.Add(a, elements, steps * Load(row0, i));
            b = TStep.Add(b, elements, steps * Load(row1, i));
            c = TStep.Add(c, elements, steps * Load(row2, i));
            d = TStep.Add(d, elements, steps * Load(row3, i));
        }

        return TStep.Sign * Fold.Four(a, b, c, d);
    }

    public static void ScoreTile(byte* queries, byte* rows, int stride, float* scores)
    {
        for (var q = 0; q < 4; q++) ScoreFour(queries + (long)q * QueryStride(stride), rows, rows + stride, rows + 2L * stride, rows + 3L * stride, stride).Store(scores + 4 * q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(byte* row, int element)
    {
        var codes = Vector128.Load((sbyte*)row + element);
        return Vector512.ConvertToSingle(Vector512.WidenLower(Vector256.WidenLower(codes.ToVector256Unsafe()).ToVector512Unsafe()));
    }
}

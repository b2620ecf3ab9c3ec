using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>How many bits differ, 64 at a time by the instruction that counts them.</summary>
internal readonly unsafe struct BitHamming : IDistance
{
    public static bool RowIsQuery => true;

    public static int QueryStride(int stride) => stride;

    public static void QueryOfRow(byte* row, byte* query, int stride) => Buffer.MemoryCopy(row, query, stride, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(byte* query, byte* row, int stride)
    {
        ulong* q = (ulong*)query, r = (ulong*)row;
        int words = stride / sizeof(ulong), a = 0, b = 0, i = 0;
        for (; i <= words - 4; i += 4)
        {
            a += Differing(q[i], r[i]) + Differing(q[i + 1], r[i + 1]);
            b += Differing(q[i + 2], r[i + 2]) + Differing(q[i + 3], r[i + 3]);
        }

        for (; i < words; i++) a += Differing(q[i], r[i]);
        return a + b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int stride)
    {
        var q = (ulong*)query;
        int words = stride / sizeof(ulong), a = 0, b = 0, c = 0, d = 0;
        for (var i = 0; i < words; i++)
        {
            var word = q[i];
            a += Differing(word, ((ulong*)row0)[i]);
            b += Differing(word, ((ulong*)row1)[i]);
            c += Differing(word, ((ulong*)row2)[i]);
            d += Differing(word, ((ulong*)row3)[i]);
        }

        return Vector128.ConvertToSingle(Vector128.Create(a, b, c, d));
    }

    public static void ScoreTile(byte* queries, byte* rows, int stride, float* scores)
    {
        for (var q = 0; q < 4; q++) ScoreFour(queries + (long)q * stride, rows, rows + stride, rows + 2L * stride, rows + 3L * stride, stride).Store(scores + 4 * q);
    }

    private static int Differing(ulong left, ulong right) => BitOperations.PopCount(left ^ right);
}

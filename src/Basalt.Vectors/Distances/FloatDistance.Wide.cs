using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

// Registers of 512 bits: 16 elements each. Counts are multiples of 16. Kernels are optimised when they are first called: unoptimised, the first seconds of a build would be spent in them.
internal readonly unsafe partial struct FloatDistance<TStep, TElements>
{
    // Four sums hide the latency of the additions.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Score512(float* query, byte* row, int count)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 64; i += 64)
        {
            a = TStep.Add(a, Vector512.Load(query + i), TElements.Load512(row, i));
            b = TStep.Add(b, Vector512.Load(query + i + 16), TElements.Load512(row, i + 16));
            c = TStep.Add(c, Vector512.Load(query + i + 32), TElements.Load512(row, i + 32));
            d = TStep.Add(d, Vector512.Load(query + i + 48), TElements.Load512(row, i + 48));
        }

        for (; i < count; i += 16) a = TStep.Add(a, Vector512.Load(query + i), TElements.Load512(row, i));
        return TStep.Sign * Vector512.Sum(a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<float> Four512(float* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector512<float> a = default, b = default, c = default, d = default, a2 = default, b2 = default, c2 = default, d2 = default;
        var i = 0;
        for (; i <= count - 32; i += 32)
        {
            var q = Vector512.Load(query + i);
            a = TStep.Add(a, q, TElements.Load512(row0, i));
            b = TStep.Add(b, q, TElements.Load512(row1, i));
            c = TStep.Add(c, q, TElements.Load512(row2, i));
            d = TStep.Add(d, q, TElements.Load512(row3, i));
            q = Vector512.Load(query + i + 16);
            a2 = TStep.Add(a2, q, TElements.Load512(row0, i + 16));
            b2 = TStep.Add(b2, q, TElements.Load512(row1, i + 16));
            c2 = TStep.Add(c2, q, TElements.Load512(row2, i + 16));
            d2 = TStep.Add(d2, q, TElements.Load512(row3, i + 16));
        }

        if (i < count)
        {
            var q = Vector512.Load(query + i);
            a = TStep.Add(a, q, TElements.Load512(row0, i));
            b = TStep.Add(b, q, TElements.Load512(row1, i));
            c = TStep.Add(c, q, TElements.Load512(row2, i));
            d = TStep.Add(d, q, TElements.Load512(row3, i));
        }

        return TStep.Sign * Fold.Four(a + a2, b + b2, c + c2, d + d2);
    }

    // 16 sums and 4 rows stay in the 32 registers: each element loaded serves four.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile512(float* queries, byte* rows, int stride, int count, float* scores)
    {
        byte* row1 = rows + stride, row2 = row1 + stride, row3 = row2 + stride;
        float* query1 = queries + count, query2 = query1 + count, query3 = query2 + count;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (var i = 0; i < count; i += 16)
        {
            var r0 = TElements.Load512(rows, i);
            var r1 = TElements.Load512(row1, i);
            var r2 = TElements.Load512(row2, i);
            var r3 = TElements.Load512(row3, i);
            var q = Vector512.Load(queries + i);
            a0 = TStep.Add(a0, q, r0);
            a1 = TStep.Add(a1, q, r1);
            a2 = TStep.Add(a2, q, r2);
            a3 = TStep.Add(a3, q, r3);
            q = Vector512.Load(query1 + i);
            b0 = TStep.Add(b0, q, r0);
            b1 = TStep.Add(b1, q, r1);
            b2 = TStep.Add(b2, q, r2);
            b3 = TStep.Add(b3, q, r3);
            q = Vector512.Load(query2 + i);
            c0 = TStep.Add(c0, q, r0);
            c1 = TStep.Add(c1, q, r1);
            c2 = TStep.Add(c2, q, r2);
            c3 = TStep.Add(c3, q, r3);
            q = Vector512.Load(query3 + i);
            d0 = TStep.Add(d0, q, r0);
            d1 = TStep.Add(d1, q, r1);
            d2 = TStep.Add(d2, q, r2);
            d3 = TStep.Add(d3, q, r3);
        }

        (TStep.Sign * Fold.Four(a0, a1, a2, a3)).Store(scores);
        (TStep.Sign * Fold.Four(b0, b1, b2, b3)).Store(scores + 4);
        (TStep.Sign * Fold.Four(c0, c1, c2, c3)).Store(scores + 8);
        (TStep.Sign * Fold.Four(d0, d1, d2, d3)).Store(scores + 12);
    }
}

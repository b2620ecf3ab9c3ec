using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

// Registers of 256 and of 128 bits: 8 and 4 elements each. Counts are multiples of 16.
internal readonly unsafe partial struct FloatDistance<TStep, TElements>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Score256(float* query, byte* row, int count)
    {
        Vector256<float> a = default, b = default;
        for (var i = 0; i < count; i += 16)
        {
            a = TStep.Add(a, Vector256.Load(query + i), TElements.Load256(row, i));
            b = TStep.Add(b, Vector256.Load(query + i + 8), TElements.Load256(row, i + 8));
        }

        return TStep.Sign * Vector256.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<float> Four256(float* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i < count; i += 8)
        {
            var q = Vector256.Load(query + i);
            a = TStep.Add(a, q, TElements.Load256(row0, i));
            b = TStep.Add(b, q, TElements.Load256(row1, i));
            c = TStep.Add(c, q, TElements.Load256(row2, i));
            d = TStep.Add(d, q, TElements.Load256(row3, i));
        }

        return TStep.Sign * Fold.Four(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Score128(float* query, byte* row, int count)
    {
        Vector128<float> a = default, b = default;
        for (var i = 0; i < count; i += 8)
        {
            a = TStep.Add(a, Vector128.Load(query + i), TElements.Load128(row, i));
            b = TStep.Add(b, Vector128.Load(query + i + 4), TElements.Load128(row, i + 4));
        }

        return TStep.Sign * Vector128.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<float> Four128(float* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector128<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i < count; i += 4)
        {
            var q = Vector128.Load(query + i);
            a = TStep.Add(a, q, TElements.Load128(row0, i));
            b = TStep.Add(b, q, TElements.Load128(row1, i));
            c = TStep.Add(c, q, TElements.Load128(row2, i));
            d = TStep.Add(d, q, TElements.Load128(row3, i));
        }

        return TStep.Sign * Fold.Four(a, b, c, d);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

// The paths by width. Counts are multiples of 64.
internal readonly unsafe partial struct Int8Distance<TStep>
{
    public static int Sum512(byte* query, byte* row, int count)
    {
        Vector512<int> a = default, b = default;
        for (var i = 0; i < count; i += 64)
        {
            a = TStep.Add(a, Load512(query, i), Load512(row, i));
            b = TStep.Add(b, Load512(query, i + 32), Load512(row, i + 32));
        }

        return Vector512.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> Four512(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector512<int> a = default, b = default, c = default, d = default;
        for (var i = 0; i < count; i += 32)
        {
            var q = Load512(query, i);
            a = TStep.Add(a, q, Load512(row0, i));
            b = TStep.Add(b, q, Load512(row1, i));
            c = TStep.Add(c, q, Load512(row2, i));
            d = TStep.Add(d, q, Load512(row3, i));
        }

        return Fold.Four(a, b, c, d);
    }

    private static Vector512<short> Load512(byte* row, int element) => Vector512.WidenLower(Vector256.Load((sbyte*)row + element).ToVector512Unsafe());

    public static int Sum256(byte* query, byte* row, int count)
    {
        Vector256<int> a = default, b = default;
        for (var i = 0; i < count; i += 32)
        {
            a = TStep.Add(a, Load256(query, i), Load256(row, i));
            b = TStep.Add(b, Load256(query, i + 16), Load256(row, i + 16));
        }

        return Vector256.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> Four256(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector256<int> a = default, b = default, c = default, d = default;
        for (var i = 0; i < count; i += 16)
        {
            var q = Load256(query, i);
            a = TStep.Add(a, q, Load256(row0, i));
            b = TStep.Add(b, q, Load256(row1, i));
            c = TStep.Add(c, q, Load256(row2, i));
            d = TStep.Add(d, q, Load256(row3, i));
        }

        return Fold.Four(a, b, c, d);
    }

    private static Vector256<short> Load256(byte* row, int element) => Vector256.WidenLower(Vector128.Load((sbyte*)row + element).ToVector256Unsafe());

    public static int Sum128(byte* query, byte* row, int count)
    {
        Vector128<int> a = default, b = default;
        for (var i = 0; i < count; i += 16)
        {
            a = TStep.Add(a, Load128(query, i), Load128(row, i));
            b = TStep.Add(b, Load128(query, i + 8), Load128(row, i + 8));
        }

        return Vector128.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> Four128(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int count)
    {
        Vector128<int> a = default, b = default, c = default, d = default;
        for (var i = 0; i < count; i += 8)
        {
            var q = Load128(query, i);
            a = TStep.Add(a, q, Load128(row0, i));
            b = TStep.Add(b, q, Load128(row1, i));
            c = TStep.Add(c, q, Load128(row2, i));
            d = TStep.Add(d, q, Load128(row3, i));
        }

        return Fold.Four(a, b, c, d);
    }

    private static Vector128<short> Load128(byte* row, int element) => Vector128.WidenLower(Vector64.Load((sbyte*)row + element).ToVector128Unsafe());
}

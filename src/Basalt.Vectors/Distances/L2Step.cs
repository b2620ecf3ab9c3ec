using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>The sum of squared differences.</summary>
internal readonly struct L2Step : IFloatStep, IInt8Step
{
    public static float Sign => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row)
    {
        var difference = query - row;
        return Vector512.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row)
    {
        var difference = query - row;
        return Vector256.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> sum, Vector128<float> query, Vector128<float> row)
    {
        var difference = query - row;
        return Vector128.FusedMultiplyAdd(difference, difference, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sum, Vector512<short> query, Vector512<short> row)
    {
        var difference = query - row;
        return sum + PairProducts.Add(difference, difference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, Vector256<short> query, Vector256<short> row)
    {
        var difference = query - row;
        return sum + PairProducts.Add(difference, difference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sum, Vector128<short> query, Vector128<short> row)
    {
        var difference = query - row;
        return sum + PairProducts.Add(difference, difference);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>The sum of absolute differences.</summary>
internal readonly struct L1Step : IFloatStep, IInt8Step
{
    public static float Sign => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row) => sum + Vector512.Abs(query - row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row) => sum + Vector256.Abs(query - row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> sum, Vector128<float> query, Vector128<float> row) => sum + Vector128.Abs(query - row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sum, Vector512<short> query, Vector512<short> row) => sum + PairProducts.Add(Vector512.Abs(query - row), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, Vector256<short> query, Vector256<short> row) => sum + PairProducts.Add(Vector256.Abs(query - row), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sum, Vector128<short> query, Vector128<short> row) => sum + PairProducts.Add(Vector128.Abs(query - row), Vector128<short>.One);
}

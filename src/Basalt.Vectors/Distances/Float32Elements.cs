using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>Elements that are float32 already.</summary>
internal readonly unsafe struct Float32Elements : IFloatElements
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(byte* row, int element) => Vector512.Load((float*)row + element);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(byte* row, int element) => Vector256.Load((float*)row + element);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(byte* row, int element) => Vector128.Load((float*)row + element);
}

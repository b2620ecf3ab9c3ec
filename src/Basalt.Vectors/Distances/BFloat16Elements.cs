using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>Upper halves of float32: widened and shifted into place.</summary>
internal readonly unsafe struct BFloat16Elements : IFloatElements
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(byte* row, int element) =>
        (Vector512.WidenLower(Vector256.Load((ushort*)row + element).ToVector512Unsafe()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(byte* row, int element) =>
        (Vector256.WidenLower(Vector128.Load((ushort*)row + element).ToVector256Unsafe()) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(byte* row, int element) =>
        (Vector128.WidenLower(Vector64.Load((ushort*)row + element).ToVector128Unsafe()) << 16).AsSingle();
}

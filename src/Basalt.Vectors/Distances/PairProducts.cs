using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Distances;

/// <summary>Products of 16-bit numbers, added in pairs to 32 bits. Which two are a pair does not matter to a sum.</summary>
internal static class PairProducts
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<short> left, Vector512<short> right) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(left, right) : Vector512.Create(Add(left.GetLower(), right.GetLower()), Add(left.GetUpper(), right.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<short> left, Vector256<short> right) =>
        Avx2.IsSupported ? Avx2.MultiplyAddAdjacent(left, right) : Vector256.Create(Add(left.GetLower(), right.GetLower()), Add(left.GetUpper(), right.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<short> left, Vector128<short> right) => Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(left, right) : Portable(left, right);

    public static Vector128<int> Portable(Vector128<short> left, Vector128<short> right) =>
        Vector128.WidenLower(left) * Vector128.WidenLower(right) + Vector128.WidenUpper(left) * Vector128.WidenUpper(right);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>
/// IEEE half precision without an instruction for it: exponent and fraction are moved to where float32 has them, and a multiplication by 2^112 makes good
/// the difference of the exponents' biases, for subnormal numbers, too. Infinities and NaN would become finite; rows hold none.
/// </summary>
internal readonly unsafe struct Float16Elements : IFloatElements
{
    private const int FractionShift = 13;
    private const int SignAndMagnitude = unchecked((int)0x8FFF_E000);

    /// <summary>2^112.</summary>
    private static float BiasDifference => BitConverter.UInt32BitsToSingle((127 + 112) << 23);

    public static int Size => sizeof(ushort);

    // The sign is smeared over the upper bits by the widening, and all but one of them masked away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(byte* row, int element) =>
        ((Vector512.WidenLower(Vector256.Load((short*)row + element).ToVector512Unsafe()) << FractionShift) & Vector512.Create(SignAndMagnitude)).AsSingle() * BiasDifference;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(byte* row, int element) =>
        ((Vector256.WidenLower(Vector128.Load((short*)row + element).ToVector256Unsafe()) << FractionShift) & Vector256.Create(SignAndMagnitude)).AsSingle() * BiasDifference;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(byte* row, int element) =>
        ((Vector128.WidenLower(Vector64.Load((short*)row + element).ToVector128Unsafe()) << FractionShift) & Vector128.Create(SignAndMagnitude)).AsSingle() * BiasDifference;
}

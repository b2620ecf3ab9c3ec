using System.Runtime.Intrinsics;
using Basalt.Vectors.Clustering;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// A random rotation that costs d log d and keeps only its signs: four rounds of random signs and a Hadamard transform, in turn over the first and the last
/// power of two of the elements. It spreads any vector about evenly over all elements.
/// </summary>
/// <remarks>Immutable; safe for many threads. The signs are drawn by splitmix64, so the seed alone is stored.</remarks>
internal sealed unsafe class SignedHadamard
{
    private const int Rounds = 4;
    private readonly float[] _signs;
    private readonly int _power;

    public SignedHadamard(int size, ulong seed)
    {
        (Size, Seed) = (size, seed);
        _power = (int)(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size + 1) / 2);
        _signs = new float[Rounds * size];
        var random = new SplitMix64(seed);
        for (var i = 0; i < _signs.Length; i++) _signs[i] = (random.Next() >> 63) == 0 ? 1 : -1;
    }

    public int Size { get; }

    public ulong Seed { get; }

    /// <summary>Rotates a vector in place.</summary>
    public void Apply(float* vector)
    {
        var scale = 1 / MathF.Sqrt(_power);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < Size; i++) vector[i] *= _signs[round * Size + i];
            var part = round % 2 == 0 ? vector : vector + (Size - _power);
            Transform(part, _power);
            for (var i = 0; i < _power; i++) part[i] *= scale;
        }
    }

    private static void Transform(float* vector, int size)
    {
        for (var half = 1; half < size; half *= 2)
        for (var i = 0; i < size; i += 2 * half)
        {
            float* a = vector + i, b = a + half;
            var j = 0;
            for (; j <= half - Vector512<float>.Count; j += Vector512<float>.Count)
            {
                var (x, y) = (Vector512.Load(a + j), Vector512.Load(b + j));
                (x + y).Store(a + j);
                (x - y).Store(b + j);
            }

            for (; j < half; j++) (a[j], b[j]) = (a[j] + b[j], a[j] - b[j]);
        }
    }
}

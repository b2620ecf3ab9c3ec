using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// One bit an element, row by row: for comparing a query with rows that lie scattered, such as those that pass a filter, where the columns that <see cref="CodeScan"/> reads would be mostly
/// others. The bits and their two terms are those of <see cref="BitQuantiser"/>; the query is cut to 4 bits an element, in planes of one bit each, so that a product is a sum of counted
/// bits (RaBitQ: Gao and Long 2024, section 3.3).
/// </summary>
/// <remarks>
/// A sketch is <see cref="Words"/> words of bits, element i in bit i % 64 of word i / 64, and the floats a and b; its score is a - b t, where t is twice the sum of the query's elements at
/// set bits, less the sum of all of them. Immutable; safe for many threads.
/// </remarks>
internal sealed unsafe class BitSketch : IDisposable
{
    /// <summary>Below that the rows themselves are hardly longer.</summary>
    public const int LeastDimension = 64;

    private const int WordBits = 64;

    // Words are counted in pairs.
    private const int SizeStep = 2 * WordBits;

    private const int PairBytes = SizeStep / 8;
    private const int Planes = 4;
    private const int MostLevel = 7;
    private const int QueryHeader = 2 * sizeof(float) + 56;
    private const int Ahead = 12;
    private const int CacheLine = 64;
    private readonly Rotation _rotation;
    private readonly BitQuantiser _quantiser;

    private BitSketch(Metric metric, float[] mean, ulong seed)
    {
        Metric = metric;
        _rotation = Rotation.Spread(mean, SizeOf(mean.Length), seed);
        _quantiser = new BitQuantiser(_rotation.Size);
    }

    public Metric Metric { get; }

    /// <summary>What the bits are the signs around.</summary>
    public float[] Mean => _rotation.Mean;

    /// <summary>What the rotation was drawn by.</summary>
    public ulong Seed => _rotation.Seed;

    /// <summary>Words of bits.</summary>
    public int Words => _rotation.Size / WordBits;

    /// <summary>Bytes of a sketch.</summary>
    public int Stride => StrideOf(_rotation.Dimension);

    /// <summary>Bytes of a query, for <see cref="EncodeQuery"/>.</summary>
    public int QueryStride => QueryHeader + Words * Planes * sizeof(ulong);

    /// <summary>Floats of scratch that encoding needs.</summary>
    public int ScratchFloats => 2 * _rotation.Size;

    /// <summary>Whether such vectors have sketches.</summary>
    public static bool Fits(Metric metric, ElementType elementType, int dimension) => elementType == ElementType.Float32 && metric is Metric.L2 or Metric.Cosine or Metric.Dot && dimension >= LeastDimension;

    /// <summary>Bytes of a sketch of so many elements.</summary>
    public static int StrideOf(int dimension) => SizeOf(dimension) / 8 + 2 * sizeof(float);

    /// <summary>For rows like these.</summary>
    public static BitSketch Train(VectorRows rows, Metric metric, ulong seed)
    {
        const int most = 10_000;
        var (count, sums) = (Math.Min(rows.Count, most), new double[rows.Dimension]);
        for (var i = 0; i < count; i++)
        {
            var row = (float*)rows[(int)((long)i * rows.Count / count)];
            for (var d = 0; d < sums.Length; d++) sums[d] += row[d];
        }

        return new BitSketch(metric, Array.ConvertAll(sums, sum => (float)(sum / Math.Max(1, count))), seed);
    }

    /// <summary>One that was stored.</summary>
    public static BitSketch Restore(Metric metric, float[] mean, ulong seed) => new(metric, mean, seed);

    /// <summary>Writes the sketch of a stored vector.</summary>
    public void Encode(float* vector, byte* sketch, float* scratch)
    {
        _rotation.Apply(vector, 1, Mean.Length, scratch, _rotation.Size, null);
        var codes = (byte*)(scratch + _rotation.Size);
        var terms = stackalloc float[_quantiser.Terms];
        // Around the mean as the origin, so that the query's own residual, which is shorter, is what the estimate multiplies.
        _quantiser.Encode(scratch, scratch, 1, Metric == Metric.Dot, codes, terms);
        var words = (ulong*)sketch;
        for (var w = 0; w < Words; w++)
        {
            var bits = 0UL;
            for (var i = 0; i < WordBits / 4; i++) bits |= (ulong)codes[w * (WordBits / 4) + i] << 4 * i;
            words[w] = bits;
        }

        var unit = 1 / MathF.Sqrt(_rotation.Size);
        var floats = (float*)(sketch + Words * sizeof(ulong));
        floats[0] = Metric == Metric.Dot ? 0 : (float)SquareOf(scratch);
        floats[1] = (Metric == Metric.Dot ? 1 : 2) * terms[1] * unit;
    }

    /// <summary>Writes a query (of length one under the cosine) for <see cref="Score"/>.</summary>
    public void EncodeQuery(float* vector, byte* query, float* scratch)
    {
        _rotation.Apply(vector, 1, Mean.Length, scratch, _rotation.Size, null, centred: Metric == Metric.Dot);
        var largest = 0f;
        for (var i = 0; i < _rotation.Size; i++) largest = MathF.Max(largest, MathF.Abs(scratch[i]));
        var step = largest / MostLevel;
        var inverse = largest > 0 ? MostLevel / largest : 0;
        var planes = (ulong*)(query + QueryHeader);
        var sum = 0;
        new Span<ulong>(planes, Words * Planes).Clear();
        for (var i = 0; i < _rotation.Size; i++)
        {
            var level = (int)MathF.Round(scratch[i] * inverse);
            sum += level;
            // Word 0 and 1 of the first plane, then of the second, and so on; then words 2 and 3.
            var plane = planes + i / SizeStep * 2 * Planes + i / WordBits % 2;
            for (var bit = 0; bit < Planes; bit++) plane[2 * bit] |= ((ulong)(uint)level >> bit & 1) << i;
        }

        // The levels are two's complement of 4 bits: the highest counts -8.
        ((float*)query)[0] = 2 * step;
        ((float*)query)[1] = step * sum;
    }

    /// <summary>Estimates the scores of the listed sketches; smaller is nearer, and they mean nothing else.</summary>
    public void Score(byte* query, byte* sketches, ReadOnlySpan<uint> numbers, Span<float> scores)
    {
        if (Avx512BW.IsSupported) ScoreWide(query, sketches, numbers, scores);
        else ScoreByWord(query, sketches, numbers, scores);
    }

    /// <summary>The same on any machine, and what the wide way is compared with.</summary>
    internal void ScoreByWord(byte* query, byte* sketches, ReadOnlySpan<uint> numbers, Span<float> scores)
    {
        var words = Words;
        var planes = (ulong*)(query + QueryHeader);
        for (var i = 0; i < numbers.Length; i++)
        {
            var sketch = (ulong*)(sketches + numbers[i] * (long)Stride);
            var counted = 0;
            for (var w = 0; w < words; w++)
            {
                var plane = planes + w / 2 * 2 * Planes + w % 2;
                counted += BitOperations.PopCount(sketch[w] & plane[0]) + 2 * BitOperations.PopCount(sketch[w] & plane[2]) + 4 * BitOperations.PopCount(sketch[w] & plane[4])
                    - 8 * BitOperations.PopCount(sketch[w] & plane[6]);
            }

            var floats = (float*)(sketch + words);
            scores[i] = floats[0] - floats[1] * (((float*)query)[0] * counted - ((float*)query)[1]);
        }
    }

    public void Dispose() => _rotation.Dispose();

    // Two words beside all their planes fill a register; bits are counted by half bytes from a table, and weighed by plane.
    private void ScoreWide(byte* query, byte* sketches, ReadOnlySpan<uint> numbers, Span<float> scores)
    {
        long stride = Stride;
        var pairs = Words / 2;
        var planes = (Vector512<byte>*)(query + QueryHeader);
        var (twice, sum) = (Vector128.Create(((float*)query)[0]), Vector128.Create(((float*)query)[1]));
        // Made once: four half bytes' worth of constants would be put together anew for every row.
        var half = Vector512.Create((byte)15);
        var table = Vector512.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        var weights = Vector512.Create(Vector256.Create(Vector128.Create((sbyte)1), Vector128.Create((sbyte)2)), Vector256.Create(Vector128.Create((sbyte)4), Vector128.Create((sbyte)-8)));
        for (var i = 0; i < Math.Min(Ahead, numbers.Length); i++) Prefetch(sketches + numbers[i] * stride, stride);
        for (var i = 0; i < numbers.Length; i += 4)
        {
            var count = Math.Min(4, numbers.Length - i);
            // The last group is filled up with the last row.
            var row0 = sketches + numbers[i] * stride;
            var row1 = sketches + numbers[i + Math.Min(1, count - 1)] * stride;
            var row2 = sketches + numbers[i + Math.Min(2, count - 1)] * stride;
            var row3 = sketches + numbers[i + count - 1] * stride;
            for (var j = i + Ahead; j < Math.Min(i + Ahead + 4, numbers.Length); j++) Prefetch(sketches + numbers[j] * stride, stride);
            var (a, b, c, d) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
            for (var pair = 0; pair < pairs; pair++)
            {
                a += Counted(row0 + pair * PairBytes, planes[pair], half, table, weights);
                b += Counted(row1 + pair * PairBytes, planes[pair], half, table, weights);
                c += Counted(row2 + pair * PairBytes, planes[pair], half, table, weights);
                d += Counted(row3 + pair * PairBytes, planes[pair], half, table, weights);
            }

            // Lane by lane sums of four rows, then the four lanes.
            var (ab, cd) = (Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b), Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d));
            var lanes = Avx512F.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32() + Avx512F.UnpackHigh(ab.AsInt64(), cd.AsInt64()).AsInt32();
            var upper = lanes.GetLower() + lanes.GetUpper();
            var counted = Vector128.ConvertToSingle(upper.GetLower() + upper.GetUpper());
            var at = pairs * PairBytes;
            var low = Sse.LoadLow(Vector128<float>.Zero, (float*)(row0 + at));
            var first = Sse.LoadHigh(low, (float*)(row1 + at));
            var second = Sse.LoadHigh(Sse.LoadLow(Vector128<float>.Zero, (float*)(row2 + at)), (float*)(row3 + at));
            var (start, factor) = (Sse.Shuffle(first, second, 0b10_00_10_00), Sse.Shuffle(first, second, 0b11_01_11_01));
            var four = start - factor * (twice * counted - sum);
            if (count == 4) four.CopyTo(scores[i..]);
            else
                for (var j = 0; j < count; j++) scores[i + j] = four[j];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Counted(byte* words, Vector512<byte> planes, Vector512<byte> half, Vector512<byte> table, Vector512<sbyte> weights)
    {
        var bits = Avx512F.BroadcastVector128ToVector512((int*)words).AsByte() & planes;
        var counts = Avx512BW.Shuffle(table, bits & half) + Avx512BW.Shuffle(table, Vector512.ShiftRightLogical(bits.AsUInt16(), 4).AsByte() & half);
        return Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(counts, weights), Vector512<short>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* sketch, long bytes)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(sketch);
        for (var i = (long)CacheLine; i < bytes; i += CacheLine) Sse.Prefetch0(sketch + i);
        // A short one may lie across two lines.
        Sse.Prefetch0(sketch + bytes - 1);
    }

    private static int SizeOf(int dimension) => (dimension + SizeStep - 1) / SizeStep * SizeStep;

    private double SquareOf(float* residual)
    {
        var square = 0.0;
        for (var i = 0; i < _rotation.Size; i++) square += (double)residual[i] * residual[i];
        return square;
    }
}

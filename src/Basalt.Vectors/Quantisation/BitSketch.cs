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
        var most = Vector512<float>.Zero;
        for (var i = 0; i < _rotation.Size; i += Vector512<float>.Count) most = Vector512.Max(most, Vector512.Abs(Vector512.Load(scratch + i)));
        var largest = 0f;
        for (var i = 0; i < Vector512<float>.Count; i++) largest = MathF.Max(largest, most[i]);
        var step = largest / MostLevel;
        var inverse = largest > 0 ? MostLevel / largest : 0;
        var planes = (ulong*)(query + QueryHeader);
        var sum = 0;
        new Span<ulong>(planes, Words * Planes).Clear();
        for (var i = 0; i < _rotation.Size; i += Vector512<float>.Count)
        {
            var levels = Vector512.ConvertToInt32(Vector512.Round(Vector512.Load(scratch + i) * inverse));
            sum += Vector512.Sum(levels);
            // Word 0 and 1 of the first plane, then of the second, and so on; then words 2 and 3.
            var plane = planes + i / SizeStep * 2 * Planes + i / WordBits % 2;
            for (var bit = 0; bit < Planes; bit++) plane[2 * bit] |= Vector512.Equals(levels & Vector512.Create(1 << bit), Vector512.Create(1 << bit)).ExtractMostSignificantBits() << i;
        }

        // The levels are two's complement of 4 bits: the highest counts -8.
        ((float*)query)[0] = 2 * step;
        ((float*)query)[1] = step * sum;
    }

    /// <summary>Estimates the scores of the listed sketches; smaller is nearer, and they mean nothing else.</summary>
    public void Score(byte* query, byte* sketches, ReadOnlySpan<uint> numbers, Span<float> scores)
    {
        if (!Avx512BW.IsSupported) ScoreByWord(query, sketches, numbers, scores);
        else
            fixed (uint* n = numbers) fixed (float* s = scores) ScoreWide(query, sketches, n, s, numbers.Length);
    }

    /// <summary>The same on any machine, and what the wide way is compared with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreWide(byte* query, byte* sketches, uint* numbers, float* scores, int count)
    {
        long stride = Stride;
        for (var i = 0; i < Math.Min(Ahead, count); i++) Prefetch(sketches + numbers[i] * stride, stride);
        var at = 0;
        for (; at <= count - 4 - Ahead; at += 4)
        {
            for (var j = Ahead; j < Ahead + 4; j++) Prefetch(sketches + numbers[at + j] * stride, stride);
            ScoreFour(query, sketches + numbers[at] * stride, sketches + numbers[at + 1] * stride, sketches + numbers[at + 2] * stride, sketches + numbers[at + 3] * stride).Store(scores + at);
        }

        for (; at < count; at += 4)
        {
            // The last group is filled up with the last row.
            var last = count - 1;
            var four = ScoreFour(query, sketches + numbers[at] * stride, sketches + numbers[Math.Min(at + 1, last)] * stride, sketches + numbers[Math.Min(at + 2, last)] * stride, sketches + numbers[Math.Min(at + 3, last)] * stride);
            for (var j = at; j < Math.Min(at + 4, count); j++) scores[j] = four[j - at];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3)
    {
        var half = Vector512.Create((byte)15);
        var table = Vector512.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        var weights = Vector512.Create(0x0101_0101_0101_0101, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0202_0202_0202_0202, 0x0404_0404_0404_0404, 0x0404_0404_0404_0404, -0x0707_0707_0707_0708, -0x0707_0707_0707_0708).AsSByte();
        var pairs = Words / 2;
        var planes = (Vector512<byte>*)(query + QueryHeader);
        var (a, b, c, d) = (Counted(row0, planes[0], half, table, weights), Counted(row1, planes[0], half, table, weights), Counted(row2, planes[0], half, table, weights), Counted(row3, planes[0], half, table, weights));
        for (var pair = 1; pair < pairs; pair++)
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
        var first = Vector128.Create(*(double*)(row0 + at), *(double*)(row1 + at)).AsSingle();
        var second = Vector128.Create(*(double*)(row2 + at), *(double*)(row3 + at)).AsSingle();
        var (start, factor) = (Sse.Shuffle(first, second, 0b10_00_10_00), Sse.Shuffle(first, second, 0b11_01_11_01));
        return start - factor * (Vector128.Create(((float*)query)[0]) * counted - Vector128.Create(((float*)query)[1]));
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
        // A short one may lie across two lines.
        Sse.Prefetch0(sketch);
        Sse.Prefetch0(sketch + bytes - 1);
        for (var i = (long)CacheLine; i < bytes - 1; i += CacheLine) Sse.Prefetch0(sketch + i);
    }

    private static int SizeOf(int dimension) => (dimension + SizeStep - 1) / SizeStep * SizeStep;

    private double SquareOf(float* residual)
    {
        var square = 0.0;
        for (var i = 0; i < _rotation.Size; i++) square += (double)residual[i] * residual[i];
        return square;
    }
}

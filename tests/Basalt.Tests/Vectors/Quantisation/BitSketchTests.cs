using System.Runtime.InteropServices;
using Basalt.Vectors;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

/// <summary>Sketches order like distances, and the wide way of comparing them gives the bits of the plain one.</summary>
public sealed unsafe class BitSketchTests
{
    private const int Count = 1_000;

    [Theory]
    [InlineData(Metric.L2, 64)]
    [InlineData(Metric.L2, 128)]
    [InlineData(Metric.Cosine, 300)]
    [InlineData(Metric.Dot, 784)]
    public void Estimates_order_like_distances(Metric metric, int dimension)
    {
        using var rows = MixtureSamples.BufferOf(MixtureSamples.Next(Count, dimension, 5), metric);
        using var sketch = BitSketch.Train(rows.Rows, metric, 42);
        using var lent = new Sketches(sketch, rows.Rows);
        using var exact = new Basalt.Vectors.Flat.FlatIndex(metric, rows.Rows);
        var (hits, queries) = (0, MixtureSamples.Next(20, dimension, 5, stream: 1));
        foreach (var query in queries)
        {
            var nearest = new Neighbour[10];
            exact.Search(query, nearest, default, out _);
            var scores = lent.Scores(query, metric);
            var best = Enumerable.Range(0, Count).OrderBy(i => scores[i]).Take(60).ToHashSet();
            hits += nearest.Count(n => best.Contains(n.Ordinal));
        }

        Assert.InRange(hits, 190, 200);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(129)]
    [InlineData(500)]
    public void The_wide_way_gives_the_bits_of_the_plain_one(int dimension)
    {
        using var rows = MixtureSamples.BufferOf(MixtureSamples.Next(Count, dimension, 6));
        using var sketch = BitSketch.Train(rows.Rows, Metric.L2, 7);
        using var lent = new Sketches(sketch, rows.Rows);
        foreach (var query in MixtureSamples.Next(10, dimension, 6, stream: 1).Append(new float[dimension]))
        {
            lent.Encode(query, Metric.L2);
            var numbers = Enumerable.Range(0, 67).Select(static i => (uint)(i * 13 % Count)).ToArray();
            for (var length = 0; length <= numbers.Length; length++)
            {
                var (wide, plain) = (new float[length], new float[length]);
                sketch.Score(lent.Query, lent.Start, numbers.AsSpan(0, length), wide);
                sketch.ScoreByWord(lent.Query, lent.Start, numbers.AsSpan(0, length), plain);
                Assert.Equal(plain, wide);
            }
        }
    }

    [Fact]
    public void Vectors_without_any_difference_have_sketches_without_any()
    {
        using var rows = MixtureSamples.BufferOf([.. Enumerable.Repeat(Enumerable.Repeat(3f, 64).ToArray(), Count)]);
        using var sketch = BitSketch.Train(rows.Rows, Metric.L2, 42);
        using var lent = new Sketches(sketch, rows.Rows);
        Assert.All(lent.Scores([.. Enumerable.Repeat(3f, 64)], Metric.L2), static score => Assert.Equal(0, score));
        Assert.False(BitSketch.Fits(Metric.L2, ElementType.Float32, 63));
        Assert.False(BitSketch.Fits(Metric.L1, ElementType.Float32, 64));
        Assert.False(BitSketch.Fits(Metric.Dot, ElementType.Float16, 64));
    }

    /// <summary>The sketches of rows, and a query, in native memory.</summary>
    private sealed class Sketches : IDisposable
    {
        private readonly BitSketch _sketch;
        private readonly float* _scratch;

        public Sketches(BitSketch sketch, VectorRows rows)
        {
            _sketch = sketch;
            Start = (byte*)NativeMemory.AlignedAlloc((nuint)(rows.Count * sketch.Stride), 64);
            Query = (byte*)NativeMemory.AlignedAlloc((nuint)sketch.QueryStride, 64);
            _scratch = (float*)NativeMemory.AlignedAlloc((nuint)sketch.ScratchFloats * sizeof(float), 64);
            for (var i = 0; i < rows.Count; i++) sketch.Encode((float*)rows[i], Start + i * sketch.Stride, _scratch);
        }

        public byte* Start { get; }

        public byte* Query { get; }

        public void Encode(float[] query, Metric metric)
        {
            using var row = MixtureSamples.BufferOf([query], metric == Metric.Cosine ? Metric.Cosine : Metric.L2);
            _sketch.EncodeQuery((float*)row.Rows[0], Query, _scratch);
        }

        public float[] Scores(float[] query, Metric metric)
        {
            Encode(query, metric);
            var scores = new float[Count];
            _sketch.Score(Query, Start, [.. Enumerable.Range(0, Count).Select(static i => (uint)i)], scores);
            return scores;
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(Start);
            NativeMemory.AlignedFree(Query);
            NativeMemory.AlignedFree(_scratch);
        }
    }
}

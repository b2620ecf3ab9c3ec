using Basalt.Tests.Vectors.Distances;
using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

public sealed unsafe class ScalarQuantiserTests
{
    public static TheoryData<Metric, QuantiserRange> Kinds
    {
        get
        {
            var kinds = new TheoryData<Metric, QuantiserRange>();
            foreach (var metric in new[] { Metric.L2, Metric.Cosine, Metric.Dot, Metric.L1 })
            foreach (var range in Enum.GetValues<QuantiserRange>()) kinds.Add(metric, range);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_element_within_the_range_comes_back_within_half_a_step(Metric metric, QuantiserRange range)
    {
        using var rows = Rows(500, 37, metric);
        var quantiser = ScalarQuantiser.Train(rows.Rows, metric, range, clipped: 0);
        var (code, decoded) = (new sbyte[quantiser.Stride], new float[37]);
        for (var i = 0; i < rows.Count; i++)
        {
            var vector = new ReadOnlySpan<float>(rows.Rows[i], 37);
            quantiser.Encode(vector, code);
            quantiser.Decode(code, decoded);
            for (var d = 0; d < 37; d++) Assert.Equal(vector[d], decoded[d], quantiser.Step * 0.5001);
            Assert.All(code[37..], static c => Assert.Equal(0, c));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_score_by_code_is_that_of_what_the_codes_stand_for(Metric metric, QuantiserRange range)
    {
        foreach (var dimension in new[] { 1, 16, 37, 64, 130 })
        {
            using var rows = Rows(60, dimension, metric);
            var quantiser = ScalarQuantiser.Train(rows.Rows, metric, range);
            using var codes = Codes(quantiser, rows.Rows);
            var scorer = quantiser.Use<RowScorer.Choice, RowScorer>(default);
            var (memory, scores, decoded, decodedQuery) = (new AlignedBytes(), new float[60], new float[dimension], new float[dimension]);
            for (var q = 0; q < 20; q++)
            {
                var query = new ReadOnlySpan<float>(rows.Rows[q], dimension);
                var at = memory.Take(quantiser.QueryStride);
                var (factor, offset) = quantiser.EncodeQuery(query, at);
                Check(query, exactQuery: range == QuantiserRange.PerDimension);
                (factor, offset) = quantiser.QueryOfCode(new ReadOnlySpan<sbyte>(codes.Rows[q], quantiser.Stride), at);
                quantiser.Decode(new ReadOnlySpan<sbyte>(codes.Rows[q], quantiser.Stride), decodedQuery);
                Check(decodedQuery, exactQuery: true);

                void Check(ReadOnlySpan<float> vector, bool exactQuery)
                {
                    fixed (float* s = scores) scorer.Score(at, codes.Rows, 0, 60, s);
                    for (var i = 0; i < 60; i++)
                    {
                        quantiser.Decode(new ReadOnlySpan<sbyte>(codes.Rows[i], quantiser.Stride), decoded);
                        // Cosine is compared by the difference of vectors of length one, which decoded ones are only nearly.
                        var expected = metric == Metric.Cosine ? ScalarDistance.Score(Metric.L2, vector, decoded) / 2 - 1 : ScalarDistance.Score(metric, vector, decoded);
                        var magnitude = 0.0;
                        for (var d = 0; d < dimension; d++) magnitude += Math.Abs((double)vector[d]) + Math.Abs(decoded[d]);
                        var tolerance = exactQuery ? 1e-4 * (1 + Math.Abs(expected) + magnitude * magnitude) : quantiser.Step * (1 + magnitude) * (metric == Metric.L1 ? dimension : 2);
                        Assert.Equal(expected, scores[i] * factor + offset, tolerance);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_learned_survives_as_bytes(Metric metric, QuantiserRange range)
    {
        using var rows = Rows(50, 9, metric);
        var quantiser = ScalarQuantiser.Train(rows.Rows, metric, range);
        var bytes = quantiser.ToBytes();
        var read = ScalarQuantiser.FromBytes(bytes);
        Assert.Equal((metric, range, 9), (read.Metric, read.Range, read.Dimension));
        var (one, other) = (new sbyte[quantiser.Stride], new sbyte[quantiser.Stride]);
        for (var i = 0; i < 50; i++)
        {
            quantiser.Encode(new ReadOnlySpan<float>(rows.Rows[i], 9), one);
            read.Encode(new ReadOnlySpan<float>(rows.Rows[i], 9), other);
            Assert.Equal(one, other);
        }

        for (var length = 0; length < bytes.Length; length++) Assert.Throws<InvalidDataException>(() => ScalarQuantiser.FromBytes(bytes.AsSpan(0, length)));
        foreach (var step in new[] { 0f, -1f, float.NaN, float.PositiveInfinity, 1e-42f })
        {
            var broken = (byte[])bytes.Clone();
            BitConverter.TryWriteBytes(broken.AsSpan(bytes.Length - 4), step);
            Assert.Throws<InvalidDataException>(() => ScalarQuantiser.FromBytes(broken));
        }
    }

    [Fact]
    public void A_few_outliers_do_not_make_the_steps_coarse()
    {
        using var rows = Rows(2_000, 8, Metric.L2);
        var plain = ScalarQuantiser.Train(rows.Rows, Metric.L2).Step;
        ((float*)rows.Rows[500])[3] = 1e6f;
        Assert.InRange(ScalarQuantiser.Train(rows.Rows, Metric.L2).Step, plain * 0.9f, plain * 1.1f);
        Assert.True(ScalarQuantiser.Train(rows.Rows, Metric.L2, clipped: 0).Step > plain * 1_000);
    }

    [Fact]
    public void Dimensions_of_different_reach_are_worth_steps_of_their_own()
    {
        using var rows = Rows(1_000, 16, Metric.L2);
        for (var i = 0; i < rows.Count; i++)
            for (var d = 0; d < 16; d++) ((float*)rows.Rows[i])[d] *= MathF.Pow(2, -d);
        var global = ScalarQuantiser.Train(rows.Rows, Metric.L2).Measure(rows.Rows);
        var own = ScalarQuantiser.Train(rows.Rows, Metric.L2, QuantiserRange.PerDimension).Measure(rows.Rows);
        Assert.True(own.MeanError < global.MeanError, $"{own} is not better than {global}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_loss_is_what_comparing_the_distances_shows(Metric metric, QuantiserRange range)
    {
        using var rows = Rows(800, 48, metric);
        var loss = ScalarQuantiser.Train(rows.Rows, metric, range).Measure(rows.Rows, queries: 50);
        Assert.True(loss.MeanError > 0 && loss.MaxError >= loss.MeanError, $"{loss}");
        Assert.True(loss.MeanError < loss.MeanDistance * 0.02, $"{loss}");
        Assert.InRange(loss.Recall, 0.9, 1);
        Assert.InRange(loss.RescoredRecall, 0.99, 1);
    }

    [Fact]
    public void Vectors_that_are_all_equal_lose_nothing()
    {
        using var rows = new VectorBuffer(ElementType.Float32, 5, 10);
        for (var i = 0; i < 10; i++)
        {
            RowCodec.Encode([1, 2, 3, 4, -5], Metric.L2, ElementType.Float32, rows.Next());
            rows.Publish();
        }

        foreach (var range in Enum.GetValues<QuantiserRange>())
        {
            var loss = ScalarQuantiser.Train(rows.Rows, Metric.L2, range).Measure(rows.Rows);
            Assert.Equal((0.0, 0.0), (loss.MaxError, loss.MeanDistance));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_index_with_codes_finds_what_the_exact_one_does(Metric metric, QuantiserRange range)
    {
        const int K = 10;
        using var rows = Rows(3_000, 40, metric);
        var quantiser = ScalarQuantiser.Train(rows.Rows, metric, range);
        using var coded = new FlatIndex(quantiser);
        using var exact = new FlatIndex(metric, 40);
        var vector = new float[40];
        for (var i = 0; i < rows.Count; i++)
        {
            RowCodec.Decode(rows.Rows[i], ElementType.Float32, vector);
            Assert.Equal(exact.Add(vector), coded.Add(vector));
        }

        using var over = new FlatIndex(quantiser, exact.Rows);
        using var overBoth = new FlatIndex(quantiser, exact.Rows, coded.Codes);
        Assert.Equal(new ReadOnlySpan<byte>(coded.Codes.Start, (int)coded.Codes.Bytes), new ReadOnlySpan<byte>(over.Codes.Start, (int)over.Codes.Bytes));
        var filter = new OrdinalSet(3_000);
        for (var i = 0; i < 3_000; i += 4) filter.Add(i);
        var (found, truth, hits) = (new Neighbour[K], new Neighbour[K], 0);
        foreach (var options in new[] { default, new SearchOptions { Filter = filter }, new SearchOptions { Rescore = 30 } })
        {
            for (var q = 0; q < 50; q++)
            {
                var query = Sample(new Random(-q), 40);
                Assert.Equal(K, coded.Search(query, found, options, out var statistics));
                Assert.Equal(options.Rescore > 0 ? 30 : 4 * K, statistics.Rescored);
                if (options == default) Assert.Equal(found, Found(overBoth, query, K));
                exact.Search(query, truth, options, out _);
                hits += found.Intersect(truth).Count();
                coded.Search(query, found, options with { Exact = true }, out statistics);
                Assert.Equal(truth, found);
                Assert.Equal(0, statistics.Rescored);
            }
        }

        Assert.InRange(hits, 50 * K * 3 * 0.99, 50 * K * 3);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++) coded.Search(vector, found, default, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_cannot_be_learned_from_is_refused()
    {
        using var rows = Rows(10, 4, Metric.L2);
        using var halves = new VectorBuffer(ElementType.Float16, 4, 1);
        Assert.Throws<ArgumentException>(() => ScalarQuantiser.Train(default, Metric.L2));
        Assert.Throws<ArgumentException>(() => ScalarQuantiser.Train(halves.Rows, Metric.L2));
        Assert.Throws<ArgumentException>(() => ScalarQuantiser.Train(rows.Rows, Metric.Hamming));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScalarQuantiser.Train(rows.Rows, Metric.L2, clipped: 0.5f));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScalarQuantiser.Train(rows.Rows, Metric.L2, clipped: float.NaN));
        var quantiser = ScalarQuantiser.Train(rows.Rows, Metric.L2);
        Assert.Throws<ArgumentException>(() => quantiser.Encode(new float[5], new sbyte[64]));
        Assert.Throws<ArgumentException>(() => quantiser.Encode(new float[4], new sbyte[4]));
        Assert.Throws<ArgumentException>(() => quantiser.Decode(new sbyte[64], new float[3]));
        Assert.Throws<ArgumentException>(() => quantiser.Measure(new VectorRows(null, 0, 4, ElementType.Float32)));
        Assert.Throws<ArgumentOutOfRangeException>(() => quantiser.Measure(rows.Rows, k: 0));
    }

    private static VectorBuffer Rows(int count, int dimension, Metric metric)
    {
        var random = new Random(dimension);
        var rows = new VectorBuffer(ElementType.Float32, dimension, count);
        for (var i = 0; i < count; i++)
        {
            rows.Add(Sample(random, dimension), metric);
        }

        return rows;
    }

    private static float[] Sample(Random random, int dimension)
    {
        var vector = new float[dimension];
        for (var d = 0; d < dimension; d++) vector[d] = (float)(random.NextDouble() + random.NextDouble() - 0.7);
        return vector;
    }

    private static Neighbour[] Found(FlatIndex index, float[] query, int k)
    {
        var found = new Neighbour[k];
        Assert.Equal(k, index.Search(query, found, default, out _));
        return found;
    }

    private static VectorBuffer Codes(ScalarQuantiser quantiser, VectorRows rows)
    {
        var codes = new VectorBuffer(ElementType.Int8, rows.Dimension, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            quantiser.Encode(new ReadOnlySpan<float>(rows[i], rows.Dimension), new Span<sbyte>(codes.Next(), quantiser.Stride));
            codes.Publish();
        }

        return codes;
    }
}

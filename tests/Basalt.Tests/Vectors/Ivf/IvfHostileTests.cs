using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Ivf;

/// <summary>What nobody should ask for, and data that has no structure: defined, and never worse than slow.</summary>
public sealed class IvfHostileTests
{
    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    public void Queries_that_cannot_be_are_refused(Metric metric)
    {
        using var sample = new IvfSample(metric, IvfCode.Product4, count: 500);
        var query = sample.Queries[0];
        foreach (var bad in new[] { query[..31], [.. query, 1f], [float.NaN, .. query[1..]], [float.PositiveInfinity, .. query[1..]], [] })
        {
            Assert.Throws<ArgumentException>(() => sample.Search(bad, 3, default));
            Assert.Throws<ArgumentException>(() => sample.Index.SearchWithin(bad, 1, new List<Neighbour>(), default, out _));
            Assert.Throws<ArgumentException>(() => sample.Index.Add(bad));
        }

        if (metric == Metric.Cosine) Assert.Throws<ArgumentException>(() => sample.Search(new float[32], 3, default));
        Assert.Throws<ArgumentException>(() => sample.Index.SearchWithin(query, float.NaN, new List<Neighbour>(), default, out _));
        Assert.Throws<ArgumentException>(() => sample.Search(query, 3, new SearchOptions { Effort = -1 }));
        Assert.Throws<ArgumentException>(() => sample.Search(query, 3, new SearchOptions { Rescore = -1 }));
        Assert.Empty(sample.Search(query, 0, default));
        Assert.Equal(500, sample.Search(query, 501, new SearchOptions { Effort = int.MaxValue }).Length);
        Assert.Equal(500, sample.Index.Count);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => sample.Search(query, 3, new SearchOptions { CancellationToken = cancelled.Token }));
        Assert.ThrowsAny<OperationCanceledException>(() => sample.Search(query, 3, new SearchOptions { Exact = true, CancellationToken = cancelled.Token }));
        Assert.ThrowsAny<OperationCanceledException>(() => IvfPqIndex.Train(sample.Rows, new IvfPqOptions { Metric = metric, Lists = 4, Subspaces = 4 }, cancellationToken: cancelled.Token));
    }

    [Fact]
    public void Options_that_cannot_be_met_are_refused()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Bit, count: 300);
        foreach (var (options, because) in new (IvfPqOptions, string)[]
        {
            (new() { Lists = 0, Subspaces = 4 }, "lists"),
            (new() { Lists = 301, Subspaces = 4 }, "at least 301 rows"),
            (new() { Lists = 4, Subspaces = 33 }, "subspaces"),
            (new() { Lists = 4 }, "subspaces"),
            (new() { Lists = 4, Code = IvfCode.Bit, Subspaces = 4 }, "no subspaces"),
            (new() { Lists = 4, Code = IvfCode.Bit, Rotation = RotationKind.Principal }, "1-bit codes"),
            (new() { Lists = 4, Code = (IvfCode)3, Subspaces = 4 }, "no code"),
            (new() { Lists = 4, Subspaces = 4, Metric = Metric.L1 }, "L2, cosine or dot"),
            (new() { Lists = 4, Subspaces = 4, Code = IvfCode.Product8, TrainingRows = 255 }, "at least 256 rows"),
            (new() { Lists = 4, Subspaces = 4, Probes = 0 }, "at least one list"),
            (new() { Lists = 4, Subspaces = 4, Iterations = -1 }, "0 or more"),
        }) Assert.Contains(because, Assert.Throws<ArgumentException>(() => IvfPqIndex.Train(sample.Rows, options)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => IvfPqIndex.Train(sample.Rows, new IvfPqOptions { Lists = 1, Subspaces = 1 }, threads: 0));
        Assert.Throws<ArgumentException>(() => IvfPqIndex.Train(default, new IvfPqOptions { Lists = 1, Subspaces = 1 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public unsafe void Rows_that_cannot_be_are_refused_by_number(int threads)
    {
        using var rows = MixtureSamples.BufferOf(MixtureSamples.Next(400, 32, 5));
        using var index = IvfPqIndex.Train(rows.Rows, new IvfPqOptions { Lists = 4, Subspaces = 4 });
        ((float*)rows.Rows[77])[3] = float.NaN;
        Assert.Contains("Row 77", Assert.Throws<ArgumentException>(() => index.Add(rows.Rows, threads)).Message);
        Assert.Contains("Row 77", Assert.Throws<ArgumentException>(() => IvfPqIndex.Train(rows.Rows, new IvfPqOptions { Lists = 4, Subspaces = 4 }, threads)).Message);
        Assert.Equal(0, index.Count);
        using var narrow = MixtureSamples.BufferOf(MixtureSamples.Next(4, 31, 5));
        Assert.Throws<ArgumentException>(() => index.Add(narrow.Rows));
        Assert.Contains("length one", Assert.Throws<ArgumentException>(() => IvfPqIndex.Train(narrow.Rows, new IvfPqOptions { Metric = Metric.Cosine, Lists = 1, Code = IvfCode.Bit })).Message);
    }

    [Theory]
    [InlineData(IvfCode.Product4, 1, 1)]
    [InlineData(IvfCode.Product8, 1, 1)]
    [InlineData(IvfCode.Bit, 1, 0)]
    [InlineData(IvfCode.Product4, 7, 5)]
    [InlineData(IvfCode.Product8, 10, 3)]
    [InlineData(IvfCode.Bit, 13, 0)]
    [InlineData(IvfCode.Product4, 4096, 64)]
    [InlineData(IvfCode.Bit, 4096, 0)]
    public void Any_dimension_is_searched(IvfCode code, int dimension, int subspaces)
    {
        var rows = MixtureSamples.Next(300, dimension, 3);
        foreach (var metric in new[] { Metric.L2, Metric.Cosine, Metric.Dot })
        {
            using var buffer = MixtureSamples.BufferOf(rows, metric);
            using var index = IvfPqIndex.Build(buffer.Rows, new IvfPqOptions { Metric = metric, Lists = 3, Code = code, Subspaces = subspaces });
            using var flat = new FlatIndex(metric, buffer.Rows);
            foreach (var query in MixtureSamples.Next(5, dimension, 3, 1))
            {
                var expected = IvfSample.Search(flat, query, 300, default);
                Assert.Equal(expected, IvfSample.Search(index, query, 300, new SearchOptions { Effort = 3 }));
                var within = new List<Neighbour>();
                index.SearchWithin(query, expected[20].Distance, within, default, out _);
                Assert.Equal(expected.Where(n => n.Distance <= expected[20].Distance), within);
            }
        }
    }

    [Theory]
    [MemberData(nameof(IvfPqIndexTests.Kinds), MemberType = typeof(IvfPqIndexTests))]
    public void Equal_rows_are_all_found(Metric metric, IvfCode code)
    {
        using var rows = MixtureSamples.BufferOf([.. Enumerable.Range(0, 700).Select(static _ => (float[])[1, -2, 3, 4, 5, 6, 7, 8])], metric);
        using var index = IvfPqIndex.Build(rows.Rows, new IvfPqOptions { Metric = metric, Lists = 16, Code = code, Subspaces = code == IvfCode.Bit ? 0 : 4 });
        var found = IvfSample.Search(index, [1, -2, 3, 4, 5, 6, 7, 8], 20, new SearchOptions { Effort = 1 });
        Assert.Equal(Enumerable.Range(0, 20), found.Select(static n => n.Ordinal));
        Assert.Single(found.Select(static n => n.Distance).Distinct());
        Assert.Equal(700, IvfSample.Search(index, [0, 0, 1, 0, 0, 0, 0, 0], 1_000, default).Length);
    }

    [Theory]
    [MemberData(nameof(IvfPqIndexTests.Kinds), MemberType = typeof(IvfPqIndexTests))]
    public void Far_and_tiny_vectors_are_searched(Metric metric, IvfCode code)
    {
        foreach (var scale in new[] { 1e-18f, 1e15f })
        {
            using var rows = MixtureSamples.BufferOf([.. MixtureSamples.Next(400, 16, 9).Select(row => Array.ConvertAll(row, x => x * scale))], metric);
            using var index = IvfPqIndex.Build(rows.Rows, new IvfPqOptions { Metric = metric, Lists = 8, Code = code, Subspaces = code == IvfCode.Bit ? 0 : 4 });
            using var flat = new FlatIndex(metric, rows.Rows);
            var query = Array.ConvertAll(MixtureSamples.Next(1, 16, 9, 1)[0], x => x * scale);
            Assert.Equal(IvfSample.Search(flat, query, 400, default).Select(static n => n.Ordinal), IvfSample.Search(index, query, 400, new SearchOptions { Effort = 8 }).Select(static n => n.Ordinal));
        }
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product4, count: 300);
        using var index = IvfPqIndex.Train(sample.Rows, new IvfPqOptions { Lists = 4, Subspaces = 4 });
        Assert.Empty(IvfSample.Search(index, sample.Queries[0], 3, default));
        var within = new List<Neighbour> { new(1, 1) };
        index.SearchWithin(sample.Queries[0], 100, within, default, out _);
        Assert.Empty(within);
        Assert.Equal((0, 1.0), (index.Count, index.Imbalance()));
    }

    [Fact]
    public async Task Searches_run_while_rows_are_added_and_removed()
    {
        using var rows = MixtureSamples.BufferOf(MixtureSamples.Next(6_000, 32, 5));
        using var index = IvfPqIndex.Train(rows.Rows, new IvfPqOptions { Lists = 8, Subspaces = 8 });
        using var stop = new CancellationTokenSource();
        var queries = MixtureSamples.Next(50, 32, 5, 1);
        var searches = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var floor = index.Count;
                var found = IvfSample.Search(index, queries[i % 50], 5, new SearchOptions { Effort = 8 });
                Assert.True(found.Length >= Math.Min(5, Math.Max(0, floor - 1)));
                Assert.Equal(found.Order(), found);
            }
        })).ToArray();
        for (var i = 0; i < 6_000; i++)
        {
            Assert.Equal(i, index.Add(MixtureRow(rows, i)));
            if (i % 5 == 4) Assert.True(index.Remove(i - 2));
        }

        await stop.CancelAsync();
        await Task.WhenAll(searches);
        Assert.Equal(4_800, index.Count);
    }

    private static float[] MixtureRow(VectorBuffer rows, int ordinal)
    {
        var row = new float[32];
        unsafe { RowCodec.Decode(rows.Rows[ordinal], ElementType.Float32, row); }
        return row;
    }
}

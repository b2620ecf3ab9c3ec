using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>Building: the same on any number of threads, and defined for the strangest data.</summary>
public sealed class HnswBuildTests
{
    [Theory]
    [InlineData(HnswCodes.None)]
    [InlineData(HnswCodes.Int8)]
    public void The_same_data_and_seed_give_the_same_bytes_on_any_number_of_threads(HnswCodes codes)
    {
        using var data = new Clusters(3_000, 20, Metric.L2);
        var options = new HnswOptions { Codes = codes, EfConstruction = 60 };
        using var one = HnswIndex.Build(data.Rows, Metric.L2, options);
        using var two = HnswIndex.Build(data.Rows, Metric.L2, options with { Threads = 2 });
        using var five = HnswIndex.Build(data.Rows, Metric.L2, options with { Threads = 5 });
        using var other = HnswIndex.Build(data.Rows, Metric.L2, options with { Seed = 43 });
        var bytes = Clusters.Written(one);
        Assert.Equal(bytes, Clusters.Written(two));
        Assert.Equal(bytes, Clusters.Written(five));
        Assert.NotEqual(bytes, Clusters.Written(other));
        // Changes, too.
        foreach (var index in new[] { one, two, five })
        {
            index.AddRows(HnswHistoryTests.Part(data.Rows, 0, 700));
            for (var i = 0; i < 1_000; i += 3) index.Remove(i);
            index.Repair();
        }

        bytes = Clusters.Written(one);
        Assert.Equal(bytes, Clusters.Written(two));
        Assert.Equal(bytes, Clusters.Written(five));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public void The_least_and_a_large_dimension_are_served(int dimension)
    {
        using var data = new Clusters(300, dimension, Metric.L2);
        foreach (var codes in new[] { HnswCodes.None, HnswCodes.Int8 })
        {
            using var index = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { Codes = codes });
            index.Verify();
            Assert.InRange(data.Recall(index, 10), 0.95, 1);
        }
    }

    [Fact]
    public void Codes_choose_neighbours_where_they_keep_the_order_of_near_ones()
    {
        using var data = new Clusters(5_000, 32, Metric.L2);
        var options = new HnswOptions { EfConstruction = 60 };
        var (byItself, byCodes, byVectors) = (Built(data.Rows, options), Built(data.Rows, options with { BuildCodes = HnswCodes.Int8 }), Built(data.Rows, options with { BuildCodes = HnswCodes.None }));
        Assert.Equal(byCodes, byItself);
        Assert.NotEqual(byVectors, byItself);
        using var coded = new MappedIndex(byCodes);
        using var full = new MappedIndex(byVectors);
        Assert.InRange(data.Recall(coded.Index, 10, new SearchOptions { Effort = 40 }) - data.Recall(full.Index, 10, new SearchOptions { Effort = 40 }), -0.02, 0.02);

        // Neighbours that lie nearer to each other than the steps of a code.
        var random = new Random(3);
        var dense = Enumerable.Range(0, 5_000).Select(i => Enumerable.Range(0, 32).Select(d => (d == 0 ? i % 50 * 1_000f : 0) + random.NextSingle()).ToArray()).ToArray();
        using var rows = MixtureSamples.BufferOf(dense);
        Assert.Equal(Built(rows.Rows, options with { BuildCodes = HnswCodes.None }), Built(rows.Rows, options));
        Assert.Throws<ArgumentException>(() => Built(rows.Rows, options with { BuildCodes = (HnswCodes)7 }));
        using var halves = new VectorBuffer(ElementType.Float16, 3);
        Assert.Throws<ArgumentException>(() => Built(halves.Rows, options with { BuildCodes = HnswCodes.Int8 }));

        static byte[] Built(VectorRows rows, HnswOptions options)
        {
            using var index = HnswIndex.Build(rows, Metric.L2, options);
            return Clusters.Written(index);
        }
    }

    [Fact]
    public void Equal_vectors_are_all_found()
    {
        using var rows = new VectorBuffer(ElementType.Float32, 4);
        for (var i = 0; i < 2_000; i++) AddRow(rows, [1, 2, 3, i < 1_999 ? 4 : 5]);
        foreach (var codes in new[] { HnswCodes.None, HnswCodes.Int8 })
        {
            using var index = HnswIndex.Build(rows.Rows, Metric.L2, new HnswOptions { Codes = codes, M = 4, EfConstruction = 10 });
            index.Verify();
            Assert.Equal(Enumerable.Range(0, 2_000), HnswSearchTests.Found(index, [1, 2, 3, 4], 2_000, default).Select(static n => n.Ordinal).Order());
            Assert.Equal(1_999, HnswSearchTests.Found(index, [1, 2, 3, 5], 1, new SearchOptions { Effort = 2_000 })[0].Ordinal);
            for (var i = 0; i < 1_999; i++) index.Remove(i);
            Assert.Equal([1_999], HnswSearchTests.Found(index, [1, 2, 3, 4], 3, default).Select(static n => n.Ordinal));
        }
    }

    [Fact]
    public void None_and_one_vector_are_an_index()
    {
        using var rows = new VectorBuffer(ElementType.Float32, 3);
        using (var empty = HnswIndex.Build(rows.Rows, Metric.L2))
        {
            empty.Verify();
            Assert.Empty(HnswSearchTests.Found(empty, [1, 2, 3], 10, default));
            Assert.Empty(HnswSearchTests.Found(empty, [1, 2, 3], 10, new SearchOptions { Exact = true }));
            using var opened = new MappedIndex(Clusters.Written(empty));
            Assert.Empty(HnswSearchTests.Found(opened.Index, [1, 2, 3], 10, default));
        }

        AddRow(rows, [1, 2, 3]);
        using var one = HnswIndex.Build(rows.Rows, Metric.L2);
        Assert.Equal([new Neighbour(0, 2)], HnswSearchTests.Found(one, [1, 2, 5], 10, default));
        Assert.Empty(HnswSearchTests.Found(one, [1, 2, 5], 0, default));
        Assert.False(one.Remove(1));
        Assert.False(one.Remove(-1));
        Assert.Equal(-1, one.Update(7, [1, 2, 3]));
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        using var data = new Clusters(50, 3, Metric.L2);
        using var halves = new Clusters(5, 3, Metric.L2, ElementType.Float16);
        foreach (var options in new[]
        {
            new HnswOptions { M = 1 }, new HnswOptions { M = 129 }, new HnswOptions { EfConstruction = 0 }, new HnswOptions { Ef = 0 }, new HnswOptions { Threads = 0 },
            new HnswOptions { RepairAt = double.NaN }, new HnswOptions { RepairAt = 1.1 }, new HnswOptions { Codes = (HnswCodes)9 },
        })
            Assert.Throws<ArgumentException>(() => HnswIndex.Build(data.Rows, Metric.L2, options));
        Assert.Throws<ArgumentException>(() => HnswIndex.Build(data.Rows, Metric.Hamming));
        Assert.Throws<ArgumentException>(() => HnswIndex.Build(halves.Rows, Metric.L2, new HnswOptions { Codes = HnswCodes.Int8 }));
        Assert.Throws<ArgumentException>(() => new HnswIndex(Metric.L2, 3, options: new HnswOptions { Codes = HnswCodes.Int8 }));
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        Assert.Throws<ArgumentException>(() => index.Add([1, 2]));
        Assert.Throws<ArgumentException>(() => index.Add([1, 2, float.NaN]));
        Assert.Throws<ArgumentException>(() => index.Update(0, [1, float.PositiveInfinity, 2]));
        Assert.Equal((50, 50), (index.Count, index.OrdinalCount));
        Assert.Throws<ArgumentException>(() => index.Search([1, 2, float.NaN], new Neighbour[1], default, out _));
        Assert.Throws<ArgumentException>(() => index.Search([1, 2, 3], new Neighbour[1], new SearchOptions { Effort = -1 }, out _));
        Assert.Throws<ArgumentException>(() => index.SearchWithin([1, 2, 3], float.NaN, [], default, out _));
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search([1, 2, 3], new Neighbour[1], default, out _));
        Assert.Throws<ObjectDisposedException>(() => index.Add([1, 2, 3]));
    }

    internal static unsafe void AddRow(VectorBuffer rows, ReadOnlySpan<float> vector)
    {
        vector.CopyTo(new Span<float>(rows.Next(), vector.Length));
        rows.Publish();
    }
}

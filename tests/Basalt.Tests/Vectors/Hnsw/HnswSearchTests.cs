using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>What a graph finds, against the exact index.</summary>
public sealed class HnswSearchTests
{
    public static TheoryData<Metric, ElementType> Kernels => Distances.KernelTests.Kernels;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void It_finds_nearly_all_under_every_metric_and_element_type(Metric metric, ElementType type)
    {
        using var data = new Clusters(2_000, 24, metric, type);
        using var index = HnswIndex.Build(data.Rows, metric, new HnswOptions { EfConstruction = 100 });
        index.Verify();
        // The inner product is no distance between neighbours, so its graphs are worse.
        Assert.InRange(data.Recall(index, 10, new SearchOptions { Effort = 100 }), metric == Metric.Dot ? 0.8 : 0.97, 1);
        Assert.Equal(1, data.Recall(index, 10, new SearchOptions { Exact = true }));
    }

    [Theory]
    [InlineData(Metric.L2, ElementType.Float32)]
    [InlineData(Metric.Cosine, ElementType.Float32)]
    [InlineData(Metric.Dot, ElementType.Float32)]
    [InlineData(Metric.L1, ElementType.Float32)]
    public void Codes_find_as_much_when_candidates_are_measured_again(Metric metric, ElementType type)
    {
        using var data = new Clusters(2_000, 50, metric, type);
        using var plain = HnswIndex.Build(data.Rows, metric);
        using var coded = HnswIndex.Build(data.Rows, metric, new HnswOptions { Codes = HnswCodes.Int8 });
        var options = new SearchOptions { Effort = 100 };
        Assert.InRange(data.Recall(coded, 10, options), data.Recall(plain, 10, options) - 0.03, 1);
        Assert.Equal(1, data.Recall(coded, 10, new SearchOptions { Exact = true }));
        Assert.True(coded.Bytes < plain.Bytes);
        coded.Search(data.Queries[0], new Neighbour[10], options, out var statistics);
        Assert.Equal(100, statistics.Rescored);
        coded.Search(data.Queries[0], new Neighbour[10], options with { Rescore = 20 }, out statistics);
        Assert.Equal(20, statistics.Rescored);
    }

    [Fact]
    public void More_effort_finds_more_and_looks_at_more()
    {
        using var data = new Clusters(5_000, 40, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { M = 6, EfConstruction = 60 });
        var (recall, distances) = (0.0, 0L);
        foreach (var effort in new[] { 10, 40, 400 })
        {
            var options = new SearchOptions { Effort = effort };
            var more = data.Recall(index, 10, options);
            Assert.True(more >= recall);
            recall = more;
            index.Search(data.Queries[0], new Neighbour[10], options, out var statistics);
            Assert.InRange(statistics.Distances, distances + 1, 5_000 + 200);
            distances = statistics.Distances;
        }

        Assert.InRange(recall, 0.99, 1);
    }

    [Theory]
    [InlineData(HnswCodes.None)]
    [InlineData(HnswCodes.Int8)]
    public void A_filter_gets_all_that_it_lets_pass(HnswCodes codes)
    {
        using var data = new Clusters(4_000, 24, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { Codes = codes });
        foreach (var percent in new[] { 0, 1, 5, 20, 50, 90, 100 })
        {
            var set = new OrdinalSet(4_000);
            for (var i = 0; i < 4_000; i++)
                if (i * 7919L % 100 < percent) set.Add(i);
            foreach (var filter in new IOrdinalFilter[] { set, new Asked(set) })
            {
                var options = new SearchOptions { Effort = 64, Filter = filter };
                // Recall compares counts, too: k are found whenever k pass.
                Assert.InRange(data.Recall(index, 10, options), 0.95, 1);
                Assert.All(Found(index, data.Queries[3], 10, options), n => Assert.True(set.Accepts(n.Ordinal)));
            }
        }
    }

    [Fact]
    public void A_filter_far_from_the_query_still_gets_its_matches()
    {
        using var data = new Clusters(4_000, 24, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        // The half that is farthest from the query passes: no neighbour of what is near does.
        var query = data.Queries[0];
        var all = Found(data.Exact, query, 4_000, default);
        var far = new OrdinalSet(4_000);
        foreach (var neighbour in all.Skip(2_000)) far.Add(neighbour.Ordinal);
        var found = Found(index, query, 10, new SearchOptions { Effort = 200, Filter = far });
        Assert.Equal(10, found.Length);
        Assert.All(found, n => Assert.True(far.Accepts(n.Ordinal)));
    }

    [Theory]
    [InlineData(Metric.L2, HnswCodes.None)]
    [InlineData(Metric.L2, HnswCodes.Int8)]
    [InlineData(Metric.Cosine, HnswCodes.None)]
    public void A_range_holds_what_is_near_enough(Metric metric, HnswCodes codes)
    {
        using var data = new Clusters(3_000, 16, metric);
        using var index = HnswIndex.Build(data.Rows, metric, new HnswOptions { Codes = codes, Ef = 32 });
        foreach (var share in new[] { 1, 10, 100, 1_000, 3_000 })
        {
            var (hits, all) = (0, 0);
            foreach (var query in data.Queries.Take(10))
            {
                var limit = Found(data.Exact, query, share, default)[^1].Distance;
                var (expected, found) = (new List<Neighbour>(), new List<Neighbour>());
                data.Exact.SearchWithin(query, limit, expected, default, out _);
                index.SearchWithin(query, limit, found, default, out _);
                Assert.Equal(found.Order(), found);
                Assert.All(found, n => Assert.True(n.Distance <= limit));
                Assert.Equal(found.Count, found.DistinctBy(static n => n.Ordinal).Count());
                hits += found.Select(static n => n.Ordinal).Intersect(expected.Select(static n => n.Ordinal)).Count();
                all += expected.Count;
                index.SearchWithin(query, limit, found, new SearchOptions { Exact = true }, out _);
                Assert.Equal(expected.Order(), found);
            }

            Assert.InRange((double)hits / all, 0.95, 1);
        }
    }

    [Fact]
    public void A_batch_answers_like_one_query_after_another()
    {
        using var data = new Clusters(2_000, 24, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        var queries = data.Queries.SelectMany(static q => q).ToArray();
        var (results, found) = (new Neighbour[50 * 10], new int[50]);
        foreach (var threads in new[] { 1, 3 })
        {
            var statistics = index.SearchBatch(queries, 10, results, found, default, threads);
            Assert.True(statistics.Distances > 50 * 10);
            for (var i = 0; i < 50; i++) Assert.Equal(Found(index, data.Queries[i], 10, default), results.Skip(i * 10).Take(found[i]));
        }
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        using var data = new Clusters(2_000, 24, Metric.L2);
        foreach (var codes in new[] { HnswCodes.None, HnswCodes.Int8 })
        {
            using var index = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { Codes = codes });
            var set = new OrdinalSet(2_000);
            for (var i = 0; i < 2_000; i += 2) set.Add(i);
            var results = new Neighbour[10];
            foreach (var options in new[] { default, new SearchOptions { Filter = set }, new SearchOptions { Exact = true } })
            {
                var query = data.Queries[0];
                for (var i = 0; i < 3; i++) index.Search(query, results, options, out _);
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 20; i++) index.Search(query, results, options, out _);
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [Fact]
    public void A_search_and_a_build_end_when_they_are_told_to()
    {
        using var data = new Clusters(3_000, 8, Metric.L2);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => HnswIndex.Build(data.Rows, Metric.L2, null, source.Token));
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        foreach (var options in new[] { new SearchOptions { Effort = 2_000 }, new SearchOptions { Exact = true } })
            Assert.ThrowsAny<OperationCanceledException>(() => index.Search(data.Queries[0], new Neighbour[1], options with { CancellationToken = source.Token }, out _));
        Assert.ThrowsAny<OperationCanceledException>(() => index.AddRows(data.Rows, source.Token));
        Assert.Equal(3_000, index.Count);
    }

    internal static Neighbour[] Found(IVectorIndex index, float[] query, int k, SearchOptions options)
    {
        var results = new Neighbour[k];
        return results[..index.Search(query, results, options, out _)];
    }

    private sealed class Asked(OrdinalSet set) : IOrdinalFilter
    {
        public bool Accepts(int ordinal) => set.Accepts(ordinal);
    }
}

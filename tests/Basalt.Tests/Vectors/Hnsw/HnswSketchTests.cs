using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>What passes a narrow filter is compared by its sketches first; answers stay as good, whole and present as by any other way.</summary>
public sealed class HnswSketchTests
{
    private const int Count = 12_000;

    [Theory]
    [InlineData(Metric.L2, HnswCodes.None, 96)]
    [InlineData(Metric.L2, HnswCodes.Int8, 128)]
    [InlineData(Metric.Cosine, HnswCodes.Int8, 64)]
    [InlineData(Metric.Dot, HnswCodes.None, 200)]
    public void A_narrow_filter_is_answered_by_sketches(Metric metric, HnswCodes codes, int dimension)
    {
        using var data = new Clusters(Count, dimension, metric);
        using var index = HnswIndex.Build(data.Rows, metric, new HnswOptions { Codes = codes, EfConstruction = 60, RepairAt = 1 });
        using var without = HnswIndex.Build(data.Rows, metric, new HnswOptions { Codes = codes, EfConstruction = 60, Sketches = false });
        Assert.Equal(((dimension + 127) / 128 * 16 + 8) * (long)Count, index.Bytes - without.Bytes);
        var set = Every(9);
        var options = new SearchOptions { Effort = 48, Filter = set };
        Assert.Equal((SearchSteps.FilteredSketch, 96L), StepsOf(index, data, options));
        Assert.False(StepsOf(without, data, options).Steps.HasFlag(SearchSteps.FilteredSketch));
        Assert.InRange(data.Recall(index, 10, options), 0.95, 1);
        // What was removed is not found, and what was added is.
        for (var i = 0; i < Count; i += 18) Assert.True(index.Remove(i));
        index.Add(data.Queries[0]);
        var wider = new OrdinalSet(Count + 1);
        for (var i = 0; i < Count; i += 9) wider.Add(i);
        wider.Add(Count);
        var found = HnswSearchTests.Found(index, data.Queries[0], 10, options with { Filter = wider });
        if (metric != Metric.Dot) Assert.Equal(Count, found[0].Ordinal);
        Assert.All(found, n => Assert.True(n.Ordinal == Count || n.Ordinal % 18 == 9));
        var all = HnswSearchTests.Found(index, data.Queries[1], Count, options with { Filter = wider });
        Assert.Equal(Enumerable.Range(0, Count).Count(static i => i % 18 == 9) + 1, all.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vectors_in_the_order_of_their_distance_mislead_no_guess(bool farthestFirst)
    {
        using var mixed = new Clusters(Count, 64, Metric.L2);
        var query = mixed.Queries[0];
        var sorted = HnswSearchTests.Found(mixed.Exact, query, Count, default).Select(n => mixed.Vectors[n.Ordinal]);
        var rows = MixtureSamples.BufferOf([.. farthestFirst ? sorted.Reverse() : sorted]);
        using var index = HnswIndex.Build(rows.Rows, Metric.L2, new HnswOptions { EfConstruction = 60 });
        var set = Every(9);
        var found = HnswSearchTests.Found(index, query, 40, new SearchOptions { Effort = 100, Filter = set });
        var expected = Enumerable.Range(0, 40).Select(i => farthestFirst ? Count - 1 - i * 9 - (Count - 1) % 9 : i * 9);
        Assert.Equal(40, found.Length);
        Assert.InRange(expected.Intersect(found.Select(static n => n.Ordinal)).Count(), 38, 40);
        rows.Dispose();
    }

    [Fact]
    public void A_merge_and_an_index_that_began_empty_search_as_well()
    {
        using var data = new Clusters(Count, 64, Metric.L2);
        using var first = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { EfConstruction = 60 });
        var places = Enumerable.Range(0, Count).Select(static i => i % 5 == 0 ? -1 : i).ToArray();
        using var merged = HnswIndex.Merge([first], [places], data.Rows);
        using var grown = new HnswIndex(Metric.L2, 64, options: new HnswOptions { EfConstruction = 60 });
        grown.AddRows(data.Rows);
        var options = new SearchOptions { Effort = 48, Filter = Every(9) };
        Assert.Equal(SearchSteps.FilteredSketch, StepsOf(merged, data, options).Steps);
        Assert.False(StepsOf(grown, data, options).Steps.HasFlag(SearchSteps.FilteredSketch));
        Assert.InRange(data.Recall(grown, 10, options), 0.95, 1);
        foreach (var query in data.Queries)
        {
            var left = HnswSearchTests.Found(merged, query, 10, options);
            var exact = HnswSearchTests.Found(merged, query, 10, options with { Exact = true });
            Assert.All(left, n => Assert.True(n.Ordinal % 9 == 0 && n.Ordinal % 5 != 0));
            Assert.InRange(left.Intersect(exact).Count(), 8, 10);
        }
    }

    private static OrdinalSet Every(int step)
    {
        var set = new OrdinalSet(Count);
        for (var i = 0; i < Count; i += step) set.Add(i);
        return set;
    }

    private static (SearchSteps Steps, long Distances) StepsOf(HnswIndex index, Clusters data, SearchOptions options)
    {
        index.Search(data.Queries[2], new Neighbour[10], options, out var statistics);
        return (statistics.Steps, statistics.Distances);
    }
}

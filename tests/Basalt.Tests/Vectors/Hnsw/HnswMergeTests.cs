using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>Several indexes into one.</summary>
public sealed class HnswMergeTests
{
    [Theory]
    [InlineData(HnswCodes.None)]
    [InlineData(HnswCodes.Int8)]
    public void A_merged_index_finds_what_the_parts_held(HnswCodes codes)
    {
        using var data = new Clusters(3_000, 20, Metric.L2);
        var options = new HnswOptions { Codes = codes };
        // New ordinals go backwards through the parts, and one in ten is left out of the first.
        var (big, small, tiny) = (HnswHistoryTests.Part(data.Rows, 0, 2_000), HnswHistoryTests.Part(data.Rows, 2_000, 900), HnswHistoryTests.Part(data.Rows, 2_900, 100));
        using var first = HnswIndex.Build(small, Metric.L2, options);
        using var second = HnswIndex.Build(big, Metric.L2, options);
        using var third = HnswIndex.Build(tiny, Metric.L2, options);
        third.Remove(5);
        using var opened = new MappedIndex(Clusters.Written(second), big);
        int[] firstOrdinals = [.. Enumerable.Range(2_000, 900)], secondOrdinals = [.. Enumerable.Range(0, 2_000).Select(static i => i % 10 == 3 ? -1 : i)], thirdOrdinals = [.. Enumerable.Range(2_900, 100)];
        using var merged = HnswIndex.Merge([first, opened.Index, third], [firstOrdinals, secondOrdinals, thirdOrdinals], data.Rows);
        using var again = HnswIndex.Merge([first, second, third], [firstOrdinals, secondOrdinals, thirdOrdinals], data.Rows, threads: 3);
        Assert.Equal(Clusters.Written(merged), Clusters.Written(again));
        merged.Verify();
        Assert.Equal((3_000 - 200 - 1, 0), (merged.Count, merged.Removed));
        for (var i = 3; i < 2_000; i += 10) data.Exact.Remove(i);
        data.Exact.Remove(2_905);
        Assert.InRange(data.Recall(merged, 10, new SearchOptions { Effort = 60 }), 0.97, 1);
        Assert.True(merged.CanChange);
        Assert.Equal(3_000, merged.Add(data.Vectors[0]));
        Assert.True(merged.Remove(2_999));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var data = new Clusters(20, 4, Metric.L2);
        using var other = new Clusters(20, 5, Metric.L2);
        using var part = HnswIndex.Build(data.Rows, Metric.L2);
        using var misfit = HnswIndex.Build(other.Rows, Metric.L2);
        int[] all = [.. Enumerable.Range(0, 20)];
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([], [], data.Rows));
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([part], [], data.Rows));
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([part], [all.AsMemory(1)], data.Rows));
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([part, misfit], [all, all], data.Rows));
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([part, part], [all, all], data.Rows));
        Assert.Throws<ArgumentException>(() => HnswIndex.Merge([part], [new int[] { 20 }.Concat(all.Skip(1)).ToArray()], data.Rows));
    }
}

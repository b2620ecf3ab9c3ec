using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Ivf;

/// <summary>Inverted files against the exact index.</summary>
public sealed class IvfPqIndexTests
{
    private const int Count = 4_000;
    private const int Dimension = 32;
    private const int K = 10;

    public static TheoryData<Metric, IvfCode> Kinds
    {
        get
        {
            var kinds = new TheoryData<Metric, IvfCode>();
            foreach (var metric in new[] { Metric.L2, Metric.Cosine, Metric.Dot })
            foreach (var code in Enum.GetValues<IvfCode>()) kinds.Add(metric, code);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Recall_grows_with_the_lists_that_are_probed(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        var recalls = new[] { 1, 8, 32 }.Select(probes => sample.Recall(new SearchOptions { Effort = probes })).ToArray();
        Assert.True(recalls[0] < recalls[1] && recalls[1] <= recalls[2] + 0.01, string.Join(' ', recalls));
        Assert.True(recalls[1] > 0.7, $"8 of 32 lists give {recalls[1]}");
        Assert.True(recalls[2] > 0.97, $"all lists give {recalls[2]}");
        Assert.True(sample.Recall(new SearchOptions { Effort = 32, Rescore = 400 }) >= (code == IvfCode.Bit ? 0.97 : 0.999));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_exact_search_is_exact(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        for (var i = 0; i < Count; i += 3) Assert.True(sample.Remove(i));
        var even = new OrdinalSet(Count);
        for (var i = 0; i < Count; i += 2) even.Add(i);
        foreach (var filter in new IOrdinalFilter?[] { null, even })
        foreach (var query in sample.Queries[..10])
        {
            var options = new SearchOptions { Exact = true, Filter = filter };
            var expected = sample.Exact(query, K, options);
            Assert.Equal(expected.Select(static n => n.Ordinal), sample.Search(query, K, options).Select(static n => n.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_range_has_all_that_lie_in_it(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        for (var i = 1; i < Count; i += 5) sample.Remove(i);
        foreach (var query in sample.Queries[..12])
        foreach (var rank in new[] { 0, 3, 60, 900 })
        {
            var reach = sample.Exact(query, rank + 1, default)[rank].Distance;
            var (expected, found) = (new List<Neighbour>(), new List<Neighbour>());
            sample.Flat.SearchWithin(query, reach, expected, default, out _);
            sample.Index.SearchWithin(query, reach, found, default, out var statistics);
            Assert.Equal(expected, found);
            Assert.True(statistics.Visited <= Count);
        }
    }

    [Fact]
    public void A_small_range_leaves_lists_and_rows_out()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product8);
        var (visited, rescored) = (0L, 0L);
        foreach (var query in sample.Queries)
        {
            sample.Index.SearchWithin(query, sample.Exact(query, 1, default)[0].Distance, new List<Neighbour>(), default, out var statistics);
            (visited, rescored) = (visited + statistics.Visited, rescored + statistics.Rescored);
        }

        Assert.True(visited < Count * sample.Queries.Length * 0.8 && rescored < visited / 10, $"{visited} visited and {rescored} measured of {Count * sample.Queries.Length}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_filtered_search_finds_k_when_k_exist(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        foreach (var part in new[] { 2, 40, 300, 1_000 })
        {
            var set = new OrdinalSet(Count);
            for (var i = 0; i < Count; i += part) set.Add(i);
            for (var i = 0; i < Count; i += 4 * part) sample.Remove(i);
            foreach (var query in sample.Queries[..20])
            {
                var found = sample.Search(query, K, new SearchOptions { Effort = 1, Filter = set });
                Assert.Equal(sample.Exact(query, K, new SearchOptions { Filter = set }).Length, found.Length);
                Assert.All(found, n => Assert.True(set.Accepts(n.Ordinal) && !sample.Index.IsRemoved(n.Ordinal)));
                Assert.Equal(found.Select(static n => n.Ordinal).Distinct().Count(), found.Length);
            }
        }
    }

    [Fact]
    public void A_set_of_few_is_measured_exactly()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product4);
        foreach (var (part, isExact) in new[] { (100, true), (2, false) })
        {
            var set = new OrdinalSet(Count + 100);
            for (var i = 0; i < Count + 100; i += part) set.Add(i);
            sample.Remove(part * 3);
            foreach (var query in sample.Queries)
            {
                var options = new SearchOptions { Effort = 8, Filter = set };
                var found = new Neighbour[K];
                Assert.Equal(K, sample.Index.Search(query, found, options, out var statistics));
                Assert.Equal(isExact, statistics.Rescored == 0);
                Assert.Equal(isExact ? SearchSteps.FilteredScan : SearchSteps.Probe, statistics.Steps);
                if (isExact) Assert.Equal(sample.Exact(query, K, options).Select(static n => n.Ordinal), found.Select(static n => n.Ordinal));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void More_are_found_than_the_probed_lists_have(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        var found = sample.Search(sample.Queries[0], Count + 5, new SearchOptions { Effort = 1 });
        Assert.Equal(Enumerable.Range(0, Count), found.Select(static n => n.Ordinal).Order());
        Assert.Equal(found.Order(), found);
        Assert.Equal(sample.Exact(sample.Queries[0], Count, default).Select(static n => n.Ordinal), found.Select(static n => n.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Removed_vectors_are_not_found(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        foreach (var query in sample.Queries[..20])
        {
            var best = sample.Search(query, 1, new SearchOptions { Effort = 32 })[0].Ordinal;
            Assert.True(sample.Index.Remove(best));
            Assert.False(sample.Index.Remove(best));
            Assert.True(sample.Index.IsRemoved(best));
            Assert.DoesNotContain(best, sample.Search(query, K, new SearchOptions { Effort = 32 }).Select(static n => n.Ordinal));
        }

        Assert.Equal(Count - 20, sample.Index.Count);
        Assert.False(sample.Index.Remove(-1) || sample.Index.Remove(Count));
    }

    [Fact]
    public void Rows_that_come_later_are_found_without_training_again()
    {
        var rows = MixtureSamples.Next(Count, Dimension, 6);
        using var buffer = MixtureSamples.BufferOf(rows);
        using var half = MixtureSamples.BufferOf(rows[..(Count / 2)]);
        using var index = IvfPqIndex.Train(half.Rows, new IvfPqOptions { Lists = 20, Subspaces = 16 });
        Assert.Equal(0, index.Add(half.Rows));
        for (var i = Count / 2; i < Count; i++) Assert.Equal(i, index.Add(rows[i]));
        Assert.Equal(Count, index.Count);
        for (var i = 0; i < Count; i += 37)
        {
            var found = new Neighbour[1];
            Assert.Equal(1, index.Search(rows[i], found, new SearchOptions { Effort = 4 }, out _));
            Assert.Equal(new Neighbour(i, 0), found[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Threads_change_no_byte_and_no_answer(Metric metric, IvfCode code)
    {
        using var one = new IvfSample(metric, code);
        using var many = new IvfSample(metric, code, threads: 3);
        Assert.Equal(one.Bytes(), many.Bytes());
        var queries = one.Queries.SelectMany(static q => q).ToArray();
        var (results, found) = (new Neighbour[one.Queries.Length * K], new int[one.Queries.Length]);
        foreach (var threads in new[] { 1, 2, 4 })
        {
            var statistics = one.Index.SearchBatch(queries, K, results, found, new SearchOptions { Effort = 3 }, threads);
            Assert.True(statistics.Visited > 0 && statistics.Distances >= statistics.Visited && statistics.Rescored > 0);
            for (var q = 0; q < found.Length; q++) Assert.Equal(one.Search(one.Queries[q], K, new SearchOptions { Effort = 3 }), results[(q * K)..(q * K + found[q])]);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_search_allocates_nothing(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        var results = new Neighbour[K];
        var set = new OrdinalSet(Count);
        for (var i = 0; i < Count; i += 9) set.Add(i);
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var query in sample.Queries)
            {
                sample.Index.Search(query, results, new SearchOptions { Effort = 8 }, out _);
                sample.Index.Search(query, results, new SearchOptions { Effort = 2, Rescore = 50, Filter = set }, out _);
            }

            if (round == 1) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Codes_alone_give_estimates(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code, keepVectors: false);
        var errors = new List<double>();
        foreach (var query in sample.Queries)
        {
            var exact = sample.Exact(query, Count, default).ToDictionary(static n => n.Ordinal, static n => n.Distance);
            foreach (var found in sample.Search(query, K, new SearchOptions { Effort = 32 })) errors.Add(Math.Abs(found.Distance - exact[found.Ordinal]) / (1e-3 + exact.Values.Average(Math.Abs)));
        }

        Assert.True(errors.Average() < (code == IvfCode.Bit ? 0.25 : code == IvfCode.Product4 ? 0.15 : 0.05), $"mean relative error {errors.Average()}");
        Assert.Throws<ArgumentException>(() => sample.Search(sample.Queries[0], K, new SearchOptions { Exact = true }));
        var (limit, within) = (sample.Search(sample.Queries[0], 5, new SearchOptions { Effort = 32 })[^1].Distance, new List<Neighbour>());
        sample.Index.SearchWithin(sample.Queries[0], limit, within, default, out _);
        Assert.InRange(within.Count, 4, 6);
    }

    [Fact]
    public void Principal_axes_lose_less_than_none()
    {
        using var turned = new IvfSample(Metric.L2, IvfCode.Product4, keepVectors: false);
        using var plain = new IvfSample(Metric.L2, IvfCode.Product4, keepVectors: false, rotation: RotationKind.None);
        var options = new SearchOptions { Effort = 32 };
        Assert.True(turned.Recall(options) > plain.Recall(options) + 0.1, $"{turned.Recall(options)} against {plain.Recall(options)}");
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Halves_are_taken_as_they_lie(ElementType type)
    {
        var rows = MixtureSamples.Next(1_500, 20, 6);
        using var buffer = MixtureSamples.BufferOf(rows, Metric.L2, type);
        using var index = IvfPqIndex.Train(buffer.Rows, new IvfPqOptions { Lists = 10, Subspaces = 10 });
        index.Add(buffer.Rows);
        using var flat = new FlatIndex(Metric.L2, buffer.Rows);
        var (found, expected) = (new Neighbour[5], new Neighbour[5]);
        foreach (var query in MixtureSamples.Next(20, 20, 6, 1))
        {
            index.Search(query, found, new SearchOptions { Effort = 10, Rescore = 200 }, out _);
            flat.Search(query, expected, default, out _);
            Assert.Equal(expected, found);
        }
    }
}

using Basalt.Tests.Vectors.Distances;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Flat;

/// <summary>The exact index against a sort of all distances.</summary>
public sealed class FlatIndexTests
{
    public static TheoryData<Metric, ElementType> Kernels => Distances.KernelTests.Kernels;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void It_finds_what_a_sort_of_all_distances_puts_first(Metric metric, ElementType type)
    {
        var random = new Random((int)metric * 10 + (int)type);
        foreach (var (count, dimension) in new[] { (1, 1), (2, 3), (7, 8), (50, 33), (1_030, 20), (30, 4096) })
        {
            using var index = new FlatIndex(metric, dimension, type);
            for (var i = 0; i < count; i++) Assert.Equal(i, index.Add(VectorSamples.Next(random, dimension, type)));
            for (var round = 0; round < 4; round++)
            {
                if (round == 2)
                    for (var i = 0; i < count; i += 3) Assert.True(index.Remove(i));
                var query = VectorSamples.Next(random, dimension, type);
                var expected = Expected(index, query, round % 2 == 0 ? null : i => i % 5 != 1);
                IOrdinalFilter? filter = round == 0 || round == 2 ? null : round == 1 ? SetOf(count, i => i % 5 != 1) : new Predicate(i => i % 5 != 1);
                foreach (var k in new[] { 0, 1, 10, count, count + 5 }) CheckOne(index, query, k, filter, expected);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_batch_answers_like_one_query_after_another(Metric metric, ElementType type)
    {
        const int Dimension = 37;
        const int Queries = 70;
        const int K = 7;
        var random = new Random(17);
        using var index = new FlatIndex(metric, Dimension, type);
        for (var i = 0; i < 3_001; i++) index.Add(VectorSamples.Next(random, Dimension, type));
        for (var i = 0; i < 3_001; i += 7) index.Remove(i);
        var queries = Enumerable.Range(0, Queries).SelectMany(_ => VectorSamples.Next(random, Dimension, type)).ToArray();
        foreach (var threads in new[] { 1, 2, 5 })
        foreach (var filter in new IOrdinalFilter?[] { null, SetOf(3_001, static i => i % 10 == 3) })
        {
            var (results, found) = (new Neighbour[Queries * K], new int[Queries]);
            var statistics = index.SearchBatch(queries, K, results, found, new SearchOptions { Filter = filter }, threads);
            Assert.True(statistics.Distances > 0);
            for (var q = 0; q < Queries; q++)
            {
                var expected = Expected(index, queries[(q * Dimension)..((q + 1) * Dimension)], i => filter?.Accepts(i) ?? true);
                Assert.Equal(K, found[q]);
                CheckNeighbours(expected, results[(q * K)..((q + 1) * K)], K);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1e4f)]
    [InlineData(1e15f)]
    public void A_batch_gives_the_same_bits_however_long_the_vectors_and_near_each_other(float offset)
    {
        const int Dimension = 70;
        const int Queries = 133;
        const int K = 9;
        var random = new Random(29);
        using var index = new FlatIndex(Metric.L2, Dimension);
        for (var i = 0; i < 1_333; i++) index.Add(Near());
        for (var i = 0; i < 40; i++) index.Remove(i * 31);
        var queries = Enumerable.Range(0, Queries).SelectMany(_ => Near()).ToArray();
        var (results, found, single) = (new Neighbour[Queries * K], new int[Queries], new Neighbour[K]);
        index.SearchBatch(queries, K, results, found, default, 2);
        for (var q = 0; q < Queries; q++)
        {
            Assert.Equal(K, index.Search(queries.AsSpan(q * Dimension, Dimension), single, default, out _));
            Assert.Equal(single, results[(q * K)..(q * K + found[q])]);
        }

        float[] Near() => Array.ConvertAll(VectorSamples.Next(random, Dimension), element => element + offset);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_range_holds_all_vectors_within_it_and_no_other(Metric metric, ElementType type)
    {
        var random = new Random(19);
        using var index = new FlatIndex(metric, 12, type);
        for (var i = 0; i < 1_500; i++) index.Add(VectorSamples.Next(random, 12, type));
        index.Remove(4);
        var query = VectorSamples.Next(random, 12, type);
        var all = new Neighbour[1_499];
        Assert.Equal(1_499, index.Search(query, all, default, out _));
        var results = new List<Neighbour> { new(-1, 0) };
        foreach (var place in new[] { 0, 10, 700, 1_498 })
        {
            index.SearchWithin(query, all[place].Distance, results, default, out _);
            Assert.Equal(all.TakeWhile(neighbour => neighbour.Distance <= all[place].Distance), results);
        }

        index.SearchWithin(query, float.NegativeInfinity, results, default, out _);
        Assert.Empty(results);
        index.SearchWithin(query, float.PositiveInfinity, results, default, out _);
        Assert.Equal(all, results);
        Assert.Throws<ArgumentException>(() => index.SearchWithin(query, float.NaN, results, default, out _));
    }

    [Fact]
    public void Equal_vectors_come_in_the_order_of_their_ordinals()
    {
        foreach (var count in new[] { 3, 4, 5, 1_027 })
        {
            using var index = new FlatIndex(Metric.Cosine, 33);
            var vector = VectorSamples.Next(new Random(1), 33);
            for (var i = 0; i < count; i++) index.Add(vector);
            var results = new Neighbour[3];
            index.Search(vector, results, default, out _);
            Assert.Equal([0, 1, 2], results.Select(static neighbour => neighbour.Ordinal));
            Assert.All(results, static neighbour => Assert.InRange(neighbour.Distance, 0, 1e-6f));
        }
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        using var index = new FlatIndex(Metric.L2, 4);
        Assert.Equal(0, index.Search([1, 2, 3, 4], new Neighbour[5], default, out var statistics));
        Assert.Equal(default, statistics);
        Assert.Equal(0, index.Search([1, 2, 3, 4], [], default, out _));
        var found = new int[1];
        index.SearchBatch(new float[4], 5, new Neighbour[5], found, default, 2);
        Assert.Equal(0, found[0]);
        Assert.Equal(default, index.SearchBatch(default, 5, default, default, default));
    }

    [Fact]
    public void Faulty_vectors_and_queries_are_refused_and_change_nothing()
    {
        using var index = new FlatIndex(Metric.Cosine, 2);
        index.Add([1, 0]);
        foreach (var faulty in new float[][] { [], [1], [1, 2, 3], [float.NaN, 1], [1, float.PositiveInfinity], [0, 0] })
        {
            Assert.Throws<ArgumentException>(() => index.Add(faulty));
            Assert.Throws<ArgumentException>(() => index.Search(faulty, new Neighbour[1], default, out _));
            Assert.Throws<ArgumentException>(() => index.SearchWithin(faulty, 1, [], default, out _));
            if (faulty.Length == 2) Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[] { 1, 0, faulty[0], faulty[1] }, 1, new Neighbour[2], new int[2], default, 2));
        }

        Assert.Equal(1, index.Count);
        Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[3], 1, new Neighbour[2], new int[2], default));
        Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[4], 2, new Neighbour[3], new int[2], default));
        Assert.Throws<ArgumentException>(() => index.SearchBatch(new float[4], 1, new Neighbour[3], new int[1], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.SearchBatch(new float[4], -1, new Neighbour[3], new int[2], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.SearchBatch(new float[4], 1, new Neighbour[3], new int[2], default, 0));
        Assert.Throws<ArgumentException>(() => index.Search([1, 0], new Neighbour[1], new SearchOptions { Effort = -1 }, out _));
        Assert.Throws<ArgumentException>(() => index.Search([1, 0], new Neighbour[1], new SearchOptions { Rescore = -1 }, out _));
    }

    [Fact]
    public void Metrics_and_types_that_do_not_go_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new FlatIndex(Metric.Hamming, 4));
        Assert.Throws<ArgumentException>(() => new FlatIndex(Metric.Cosine, 4, ElementType.Int8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlatIndex(Metric.L2, 0));
    }

    [Fact]
    public void Removed_vectors_stay_removed()
    {
        using var index = new FlatIndex(Metric.L2, 2);
        for (var i = 0; i < 200; i++) index.Add([i, 0]);
        Assert.False(index.Remove(-1));
        Assert.False(index.Remove(200));
        Assert.True(index.Remove(150));
        Assert.False(index.Remove(150));
        Assert.True(index.Remove(3));
        index.Add([150, 0]);
        Assert.Equal(199, index.Count);
        Assert.True(index.IsRemoved(3) && index.IsRemoved(150) && index.IsRemoved(201) && !index.IsRemoved(200));
        var results = new Neighbour[1];
        index.Search([150, 0], results, default, out _);
        Assert.Equal(new Neighbour(200, 0), results[0]);
    }

    [Fact]
    public void A_cancelled_search_ends()
    {
        using var index = new FlatIndex(Metric.L2, 2);
        index.Add([1, 2]);
        var options = new SearchOptions { CancellationToken = new CancellationToken(canceled: true) };
        Assert.Throws<OperationCanceledException>(() => index.Search([1, 2], new Neighbour[1], options, out _));
        Assert.Throws<OperationCanceledException>(() => index.SearchBatch(new float[8], 1, new Neighbour[4], new int[4], options, 2));
    }

    [Fact]
    public void Rows_of_somebody_else_are_searched_where_they_lie()
    {
        using var buffer = new VectorBuffer(ElementType.Float32, 3, 10);
        using (var writer = new FlatIndex(Metric.L2, 3))
        {
            for (var i = 0; i < 10; i++) writer.Add([i, i, i]);
            buffer.Append(writer.Rows);
        }

        using var index = new FlatIndex(Metric.L2, buffer.Rows);
        Assert.Equal(10, index.Count);
        var results = new Neighbour[1];
        index.Search([7, 7, 7], results, default, out _);
        Assert.Equal(7, results[0].Ordinal);
        Assert.Throws<InvalidOperationException>(() => index.Add([1, 2, 3]));
    }

    [Fact]
    public void A_search_allocates_nothing_once_a_thread_has_searched()
    {
        using var index = new FlatIndex(Metric.L2, 16);
        var random = new Random(23);
        for (var i = 0; i < 3_000; i++) index.Add(VectorSamples.Next(random, 16));
        var query = VectorSamples.Next(random, 16);
        var results = new Neighbour[10];
        var filtered = new SearchOptions { Filter = SetOf(3_000, static i => i % 3 == 0) };
        for (var i = 0; i < 3; i++) Search();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) Search();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Search()
        {
            index.Search(query, results, default, out _);
            index.Search(query, results, filtered, out _);
        }
    }

    [Fact]
    public void Statistics_count_what_was_looked_at_and_what_was_measured()
    {
        using var index = new FlatIndex(Metric.L2, 2);
        for (var i = 0; i < 100; i++) index.Add([i, 0]);
        index.Search([1, 2], new Neighbour[3], default, out var all);
        Assert.Equal(new SearchStatistics(100, 100, 0) { Steps = SearchSteps.Scan }, all);
        index.Search([1, 2], new Neighbour[3], new SearchOptions { Filter = SetOf(100, static i => i < 10) }, out var some);
        Assert.Equal(new SearchStatistics(10, 10, 0) { Steps = SearchSteps.FilteredScan }, some);
        index.Search([1, 2], new Neighbour[3], new SearchOptions { Filter = new Predicate(static i => i < 10) }, out var asked);
        Assert.Equal(new SearchStatistics(100, 10, 0) { Steps = SearchSteps.FilteredScan }, asked);
    }

    private static OrdinalSet SetOf(int count, Func<int, bool> isIn)
    {
        var set = new OrdinalSet(count);
        for (var i = 0; i < count; i++)
            if (isIn(i)) set.Add(i);
        return set;
    }

    /// <summary>All distances in double, the nearest first.</summary>
    private static List<(int Ordinal, double Distance, double Bound)> Expected(FlatIndex index, float[] query, Func<int, bool>? filter)
    {
        var scaled = (float[])query.Clone();
        if (index.Metric == Metric.Cosine)
        {
            var length = Math.Sqrt(query.Sum(static e => (double)e * e));
            for (var i = 0; i < scaled.Length; i++) scaled[i] = (float)(query[i] / length);
        }

        var expected = new List<(int, double, double)>();
        var row = new float[query.Length];
        for (var i = 0; i < index.Rows.Count; i++)
        {
            if (index.IsRemoved(i) || filter?.Invoke(i) == false) continue;
            index.Read(i, row);
            var score = ScalarDistance.Score(index.Metric, scaled, row);
            var bound = ScalarDistance.Bound(index.Metric, scaled, row);
            var distance = index.Metric switch { Metric.L2 => Math.Sqrt(score), Metric.Cosine => Math.Max(0, 1 + score), _ => score };
            if (index.Metric == Metric.L2) bound = Math.Sqrt(score + bound) - distance;
            expected.Add((i, distance, bound + Math.Abs(distance) * 1e-7 + 1e-7));
        }

        return [.. expected.OrderBy(static e => e.Item2).ThenBy(static e => e.Item1)];
    }

    private static void CheckOne(FlatIndex index, float[] query, int k, IOrdinalFilter? filter, List<(int, double, double)> expected)
    {
        var results = new Neighbour[k];
        var found = index.Search(query, results, new SearchOptions { Filter = filter }, out var statistics);
        Assert.Equal(Math.Min(k, expected.Count), found);
        if (k > 0) Assert.InRange(statistics.Distances, expected.Count, index.Rows.Count);
        CheckNeighbours(expected, results, found);
    }

    // The sorts may differ where distances are closer than rounding; the distance at each place may not.
    private static void CheckNeighbours(List<(int Ordinal, double Distance, double Bound)> expected, Neighbour[] actual, int count)
    {
        var distances = expected.ToDictionary(static e => e.Ordinal, static e => e);
        Assert.Equal(count, actual.Take(count).Select(static n => n.Ordinal).Distinct().Count());
        Assert.Equal(actual.Take(count).Order(), actual.Take(count));
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(expected[i].Distance, actual[i].Distance, expected[i].Bound * 2);
            Assert.Equal(distances[actual[i].Ordinal].Distance, actual[i].Distance, distances[actual[i].Ordinal].Bound);
        }
    }

    private sealed class Predicate(Func<int, bool> accepts) : IOrdinalFilter
    {
        public bool Accepts(int ordinal) => accepts(ordinal);
    }
}

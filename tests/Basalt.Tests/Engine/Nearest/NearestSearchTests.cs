using Basalt.Engine.Nearest;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Vectors scattered over segments and a tail are found as in one flat index.</summary>
public sealed class NearestSearchTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    public static TheoryData<Metric> Metrics => [Metric.L2, Metric.Cosine, Metric.Dot];

    [Theory]
    [MemberData(nameof(Metrics))]
    public void Any_split_among_segments_and_tail_answers_exactly_as_one_flat_index(Metric metric)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 25; seed++)
        {
            var random = new Random(seed);
            using var vectors = Scattered(random, metric, random.Next(0, 400));
            for (var q = 0; q < 6; q++)
            {
                var query = Whole(random, metric);
                var passes = Passes(random);
                foreach (var k in new[] { 0, 1, 10, 1000 })
                {
                    var answer = vectors.Search.Nearest(query, k, vectors.Parts(passes), vectors.Tail(passes), vectors.Options(isExact: true, passes));
                    Same(vectors, vectors.Expected(query, passes), k, answer.Hits, $"BASALT_SEED={seed} {metric} k={k}");
                    Assert.True(answer.IsExact);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Metrics))]
    public void A_range_holds_exactly_what_one_flat_index_holds(Metric metric)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 15; seed++)
        {
            var random = new Random(seed);
            using var vectors = Scattered(random, metric, random.Next(0, 400));
            for (var q = 0; q < 6; q++)
            {
                var query = Whole(random, metric);
                var passes = Passes(random);
                var all = vectors.Expected(query, passes);
                var distance = all.Count == 0 || q == 0 ? 0.5f : all[random.Next(all.Count)].Distance;
                var within = all.TakeWhile(n => n.Distance <= distance).ToList();
                var why = $"BASALT_SEED={seed} {metric} within {distance}";
                var answer = vectors.Search.Within(query, distance, vectors.Parts(passes), vectors.Tail(passes), vectors.Options(isExact: true, passes));
                Assert.True(within.Count == answer.Hits.Count, why);
                Same(vectors, all, within.Count, answer.Hits, why);
                // By graph nothing is found that is not there, and nothing twice.
                var walked = vectors.Search.Within(query, distance, vectors.Parts(passes), vectors.Tail(passes), vectors.Options(passes: passes)).Hits;
                Sound(vectors, all, walked, why);
                Assert.All(walked, hit => Assert.True(hit.Distance <= distance, why));
            }
        }
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void K_are_found_while_k_exist(double share)
    {
        var (hits, wanted) = (0, 0);
        for (var seed = FirstSeed; seed < FirstSeed + 3; seed++)
        {
            var random = new Random(seed);
            var metric = Metrics.Select(static row => row.Data).ToArray()[seed % 3];
            using var vectors = Scattered(random, metric, 2500, isWhole: false);
            var chosen = Enumerable.Range(0, 2500).Where(_ => random.NextDouble() < share).ToHashSet();
            Func<int, bool>? passes = share == 1 ? null : chosen.Contains;
            for (var q = 0; q < 10; q++)
            {
                var query = Clustered(random);
                var all = vectors.Expected(query, passes);
                foreach (var k in new[] { 1, 10, 100 })
                foreach (var effort in new[] { 0, 1, 200 })
                {
                    var why = $"BASALT_SEED={seed} {metric} {share} k={k} effort={effort}";
                    var answer = vectors.Search.Nearest(query, k, vectors.Parts(passes), vectors.Tail(passes), vectors.Options(passes: passes) with { Effort = effort });
                    Assert.True(Math.Min(k, all.Count) == answer.Hits.Count, $"{why}: {answer.Hits.Count} of {all.Count}");
                    Sound(vectors, all, answer.Hits, why);
                    // By inner products a few long vectors are near to everything, and a graph promises less.
                    if (effort != 200 || metric == Metric.Dot) continue;
                    var expected = all.Take(k).Select(static n => n.Key).ToHashSet();
                    (hits, wanted) = (hits + answer.Hits.Count(hit => expected.Contains(vectors.KeyOf(hit))), wanted + expected.Count);
                }
            }
        }

        // With much effort what is found is also what is nearest.
        Assert.True(wanted == 0 || hits >= 0.9 * wanted, $"BASALT_SEED={FirstSeed}: {hits} of {wanted}");
    }

    [Fact]
    public void A_neighbourhood_of_dead_ones_is_walked_through_and_then_measured()
    {
        var random = new Random(5);
        var entries = Enumerable.Range(0, 1000).Select(i => new[] { i, random.NextSingle() }).ToList<float[]?>();
        using var graph = HeldSegment.Of(entries, Metric.L2, ScatteredVectors.SmallGraph(HnswCodes.Int8));
        using var flat = HeldSegment.Of(entries, Metric.L2);
        var search = new NearestSearch(Metric.L2, ElementType.Float32, 2);
        foreach (var held in new[] { graph, flat })
        foreach (var dead in new[] { 3, 50, 400, 995, 1000 })
        {
            var asked = new HashSet<int>();
            var answer = search.Nearest([0, 0], 10, [new SegmentPart(held.Segment)], null, new NearestOptions
            {
                Verify = (_, ordinal) =>
                {
                    Assert.True(asked.Add(ordinal), $"{ordinal} was asked about twice");
                    return ordinal >= dead;
                },
            });
            Assert.Equal(Enumerable.Range(dead, Math.Min(10, 1000 - dead)), answer.Hits.Select(static hit => hit.Ordinal));
            var report = answer.Segments[0];
            Assert.Equal((asked.Count, asked.Count(ordinal => ordinal < dead)), (report.Verified, report.Dropped));
            // A few dead ones cost nothing; past the first search a flat segment is measured, and a graph walked three times more before it is.
            if (dead == 3) Assert.Equal(1, report.Rounds);
            else if (held == flat) Assert.Equal((2, "flat scan, then scan of the matching"), (report.Rounds, report.Way));
            else if (dead == 50) Assert.InRange(report.Rounds, 2, 4);
            else Assert.Equal(5, report.Rounds);
            if (dead >= 400) Assert.EndsWith("scan of the matching", report.Way, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_poor_graph_finds_late_still_comes_in_order()
    {
        var random = new Random(8);
        var entries = Enumerable.Range(0, 2000).Select(_ => Clustered(random)).ToList<float[]?>();
        using var graph = HeldSegment.Of(entries, Metric.L2, new GraphOptions { Kind = GraphKind.Hnsw, M = 2, EfConstruction = 1, Ef = 1 });
        var search = new NearestSearch(Metric.L2, ElementType.Float32, 12);
        for (var q = 0; q < 300; q++)
        {
            var hits = search.Nearest(Clustered(random), 5, [new SegmentPart(graph.Segment)], null, new NearestOptions { Verify = static (_, ordinal) => ordinal % 4 == 0 }).Hits;
            Assert.Equal(5, hits.DistinctBy(static hit => hit.Ordinal).Count());
            Assert.Equal(hits.Select(static hit => hit.Distance).Order(), hits.Select(static hit => hit.Distance));
        }
    }

    [Fact]
    public void The_report_says_which_way_each_segment_went()
    {
        var random = new Random(6);
        var entries = Enumerable.Range(0, 5000).Select(_ => Clustered(random)).ToList<float[]?>();
        using var graph = HeldSegment.Of(entries, Metric.L2, new GraphOptions { Kind = GraphKind.Hnsw, M = 8, EfConstruction = 40, Ef = 10 });
        using var flat = HeldSegment.Of(entries[..100], Metric.L2);
        var search = new NearestSearch(Metric.L2, ElementType.Float32, 12);
        var most = SetOf(5000, static i => i % 10 != 0);
        var some = SetOf(5000, static i => i % 5 == 0);
        var few = SetOf(5000, static i => i % 500 == 0);
        var none = new OrdinalSet(5000);
        Assert.Equal([("graph", 5000), ("flat scan", 100)], Ways(null));
        Assert.Equal([("graph", 4500), ("scan of the matching", 90)], Ways(most));
        Assert.Equal([("filtered graph", 1000), ("scan of the matching", 20)], Ways(some));
        Assert.Equal([("scan of the matching", 10), ("scan of the matching", 1)], Ways(few));
        Assert.Equal([("nothing to search", 0), ("nothing to search", 0)], Ways(none));
        var exact = Find(null, new NearestOptions { Exact = true });
        Assert.True(exact.IsExact);
        Assert.False(Find(null, NearestOptions.Default).IsExact);
        Assert.Equal(("flat scan", 5000L, 5000L, 1), (exact.Segments[0].Way, exact.Segments[0].Statistics.Visited, exact.Segments[0].Statistics.Distances, exact.Segments[0].Rounds));
        Assert.Equal(3, exact.TailVectors);

        IEnumerable<(string, int)> Ways(OrdinalSet? allowed) => Find(allowed, NearestOptions.Default).Segments.Select(static report => (report.Way, report.Matching));

        NearestAnswer Find(OrdinalSet? allowed, NearestOptions options) =>
            search.Nearest(Clustered(new Random(7)), 5, [new SegmentPart(graph.Segment, allowed), new SegmentPart(flat.Segment, allowed)], Tail.Of(Enumerable.Range(0, 3).Select(i => new TailVector(i, entries[i]))), options);
    }

    [Fact]
    public void Equal_vectors_come_in_the_order_of_keys()
    {
        using var left = HeldSegment.Of([[1f, 1f], [1f, 1f]], Metric.L2);
        using var right = HeldSegment.Of([[1f, 1f], [1f, 1f]], Metric.L2);
        var search = new NearestSearch(Metric.L2, ElementType.Float32, 2);
        List<SegmentPart> parts = [new(left.Segment), new(right.Segment)];
        var tail = Tail.Of([new TailVector(0, new float[] { 1, 1 })]);
        Assert.Equal([new Hit(-1, 0, 1), new Hit(0, 0, 1), new Hit(0, 1, 1), new Hit(1, 0, 1)], search.Nearest([1, 0], 4, parts, tail).Hits);
        int KeyOf(Hit hit) => hit.Part == Hit.Tail ? 3 : hit.Ordinal * 10 + (hit.Part == 0 ? 5 : 0);
        var byKey = new NearestOptions { KeyOrder = (a, b) => KeyOf(a).CompareTo(KeyOf(b)) };
        Assert.Equal([0, 3, 5, 10], search.Nearest([1, 0], 4, parts, tail, byKey).Hits.Select(KeyOf));
        Assert.Equal([0, 3, 5, 10, 15], search.Within([1, 0], 1, parts, tail, byKey).Hits.Select(KeyOf));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var held = HeldSegment.Of([[1f, 1f]], Metric.Cosine);
        var search = new NearestSearch(Metric.Cosine, ElementType.Float32, 2);
        List<SegmentPart> parts = [new(held.Segment)];
        Assert.Throws<ArgumentOutOfRangeException>(() => search.Nearest([1, 0], -1, parts));
        Assert.Throws<ArgumentException>(() => search.Nearest([1, 0, 0], 1, parts));
        Assert.Throws<ArgumentException>(() => search.Nearest([0, 0], 1, parts));
        Assert.Throws<ArgumentException>(() => search.Nearest([float.NaN, 0], 1, parts));
        Assert.Throws<ArgumentException>(() => search.Within([1, 0], float.NaN, parts));
        Assert.Throws<ArgumentException>(() => search.Nearest([1, 0], 1, parts, Tail.Of([new TailVector(0, new float[3])])));
        foreach (var options in new[] { new NearestOptions { Effort = -1 }, new NearestOptions { Effort = (1 << 20) + 1 }, new NearestOptions { Rescore = -1 }, new NearestOptions { Rounds = -1 }, new NearestOptions { Rounds = 17 } })
            Assert.Throws<ArgumentException>(() => search.Nearest([1, 0], 1, parts, null, options));
        Assert.Throws<ArgumentException>(() => new NearestSearch(Metric.L2, ElementType.Float32, 2).Nearest([1, 0], 1, parts));
        Assert.Throws<ArgumentException>(() => new NearestSearch(Metric.Cosine, ElementType.Float32, 3).Nearest([1, 0, 0], 1, parts));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => search.Nearest([1, 0], 1, parts, null, new NearestOptions { CancellationToken = source.Token }));
        Assert.Empty(search.Nearest([1, 0], 5, []).Hits);
    }

    [Fact]
    public void Many_threads_get_the_answers_of_one()
    {
        var random = new Random(FirstSeed);
        using var vectors = Scattered(random, Metric.L2, 1000, isWhole: false);
        var queries = Enumerable.Range(0, 50).Select(_ => Clustered(random)).ToArray();
        var alone = Array.ConvertAll(queries, query => Find(query));
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Assert.Equal(alone[i % 50], Find(queries[i % 50])));

        IReadOnlyList<Hit> Find(float[] query) => vectors.Search.Nearest(query, 10, vectors.Parts(null), vectors.Tail(null), vectors.Options()).Hits;
    }

    private static ScatteredVectors Scattered(Random random, Metric metric, int keys, bool isWhole = true)
    {
        var pool = new List<float[]>();
        return new ScatteredVectors(random, metric, keys, random.Next(isWhole ? 0 : 1, 5), random.NextDouble() * 0.5, random.NextDouble() * 0.5, random.Next(2) == 0 ? 0 : 0.3, Next, Options);

        // Some come again, so there are ties across all parts.
        float[] Next()
        {
            if (pool.Count > 0 && random.Next(4) == 0) return pool[random.Next(pool.Count)];
            pool.Add(isWhole ? Whole(random, metric) : Clustered(random));
            return pool[^1];
        }

        GraphOptions? Options(int part) => random.Next(3) switch { 0 => null, 1 => ScatteredVectors.SmallGraph(HnswCodes.Int8), _ => ScatteredVectors.SmallGraph(HnswCodes.None) };
    }

    // Small whole numbers have exact distances, so that all ties are true ones; under the cosine none of them stays whole.
    private static float[] Whole(Random random, Metric metric)
    {
        var vector = Enumerable.Range(0, 6).Select(_ => (float)random.Next(-3, 4)).ToArray();
        if (metric == Metric.Cosine) vector[0] = random.Next(1, 4) + random.NextSingle();
        return vector;
    }

    private static float[] Clustered(Random random)
    {
        var cluster = new Random(random.Next(20));
        return [.. Enumerable.Range(0, 12).Select(_ => 10 * cluster.NextSingle() + random.NextSingle())];
    }

    private static Func<int, bool>? Passes(Random random)
    {
        if (random.Next(3) == 0) return null;
        var step = random.Next(1, 20);
        return key => key % step == 0;
    }

    private static OrdinalSet SetOf(int capacity, Func<int, bool> isIn)
    {
        var set = new OrdinalSet(capacity);
        for (var i = 0; i < capacity; i++)
            if (isIn(i)) set.Add(i);
        return set;
    }

    /// <summary>The answer is the head of what was expected: the same distances, and the same keys where a distance is exact.</summary>
    private static void Same(ScatteredVectors vectors, List<(int Key, float Distance)> all, int k, IReadOnlyList<Hit> hits, string why)
    {
        Assert.True(all.Take(k).Select(static n => n.Distance).SequenceEqual(hits.Select(static hit => hit.Distance)), $"{why}: {string.Join(' ', hits)} instead of {string.Join(' ', all.Take(k))}");
        if (vectors.Metric != Metric.Cosine) Assert.True(all.Take(k).Select(static n => n.Key).SequenceEqual(hits.Select(vectors.KeyOf)), why);
        var distances = all.ToDictionary(static n => n.Key, static n => n.Distance);
        Assert.True(hits.All(hit => distances[vectors.KeyOf(hit)] == hit.Distance) && hits.DistinctBy(vectors.KeyOf).Count() == hits.Count, why);
    }

    /// <summary>All hits are alive and pass, each once, in order, as far as they are.</summary>
    private static void Sound(ScatteredVectors vectors, List<(int Key, float Distance)> all, IReadOnlyList<Hit> hits, string why)
    {
        var distances = all.ToDictionary(static n => n.Key, static n => n.Distance);
        foreach (var hit in hits)
        {
            Assert.True(distances.TryGetValue(vectors.KeyOf(hit), out var distance), $"{why}: {hit} is dead or does not pass");
            Assert.True(Math.Abs(distance - hit.Distance) <= 1e-4f * (1 + Math.Abs(distance)), $"{why}: {hit} is {distance} away");
        }

        Assert.True(hits.DistinctBy(vectors.KeyOf).Count() == hits.Count, why);
        Assert.True(hits.Zip(hits.Skip(1)).All(pair => pair.First.Distance <= pair.Second.Distance), why);
    }
}

using System.Diagnostics;
using Basalt.Engine.Nearest;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Samples;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>What the way through segments costs beside the bare graph. It is printed; only the answers are compared.</summary>
public sealed class NearestSpeedTests
{
    [Fact]
    public void One_segment_answers_as_the_bare_graph_and_the_speed_of_both_is_printed()
    {
        var isLarge = Environment.GetEnvironmentVariable("BASALT_LARGE") == "1";
        var (count, queryCount, rounds) = isLarge ? (50_000, 1000, 5) : (3_000, 100, 1);
        var mixture = new GaussianMixture();
        var entries = Enumerable.Range(0, count).Select(i => Take(v => mixture.Base(i, v))).ToList<float[]?>();
        using var held = HeldSegment.Of(entries, Metric.L2, new GraphOptions { Kind = GraphKind.Hnsw, Codes = HnswCodes.Int8, Threads = 2, EfConstruction = isLarge ? 0 : 40 });
        var queries = Enumerable.Range(0, queryCount).Select(i => Take(v => mixture.Query(i, v))).ToArray();
        var (search, graph) = (new NearestSearch(Metric.L2, ElementType.Float32, mixture.Dimension), held.Segment.Graph!);
        List<SegmentPart> parts = [new(held.Segment)];
        var room = new Neighbour[10];
        foreach (var query in queries)
        {
            Assert.Equal(10, graph.Search(query, room, default, null, out _));
            Assert.Equal(room, search.Nearest(query, 10, parts).Hits.Select(static hit => new Neighbour(hit.Ordinal, hit.Distance)));
        }

        var (bare, through) = (0L, 0L);
        // In turns, as the machine has other work, too.
        for (var round = 0; round < rounds; round++)
        {
            bare += Ticks(() => { foreach (var query in queries) graph.Search(query, room, default, null, out _); });
            through += Ticks(() => { foreach (var query in queries) search.Nearest(query, 10, parts); });
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} x {mixture.Dimension}, int8, ef {graph.Options.Ef}: bare graph {Rate(bare):N0}/s, one segment {Rate(through):N0}/s, ratio {(double)bare / through:F3}");

        double Rate(long ticks) => (double)rounds * queryCount * Stopwatch.Frequency / ticks;

        float[] Take(Action<float[]> write)
        {
            var vector = new float[mixture.Dimension];
            write(vector);
            return vector;
        }

        static long Ticks(Action work)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetTimestamp() - start;
        }
    }
}

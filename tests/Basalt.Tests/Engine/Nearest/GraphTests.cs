using Basalt.Engine.Nearest;
using Basalt.Lsm.Memory;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Which segments get a graph, and that a graph is one of its rows.</summary>
public sealed class GraphTests
{
    [Fact]
    public void A_graph_is_chosen_by_the_size_of_the_rows_unless_it_is_named()
    {
        var auto = new GraphOptions();
        Assert.Null(GraphChoice.For(auto, Metric.L2, ElementType.Float32, 128, 16_384).Graph);
        var large = GraphChoice.For(auto, Metric.L2, ElementType.Float32, 128, 16_385).Graph!;
        Assert.Equal((16, 200, 64, HnswCodes.Int8), (large.M, large.EfConstruction, large.Ef, large.Codes));
        // Rows count by what they take: those of 16 elements an eighth of those of 128.
        Assert.Null(GraphChoice.For(auto, Metric.L2, ElementType.Float32, 16, 8 * 16_384).Graph);
        var narrow = GraphChoice.For(auto, Metric.L2, ElementType.Float32, 16, 8 * 16_384 + 1).Graph!;
        Assert.Equal(HnswCodes.None, narrow.Codes);
        Assert.Null(GraphChoice.For(auto with { Kind = GraphKind.Flat }, Metric.L2, ElementType.Float32, 128, 1_000_000).Graph);
        var small = GraphChoice.For(auto with { Kind = GraphKind.Hnsw, M = 8, EfConstruction = 50, Ef = 20, Codes = HnswCodes.Int8, Threads = 2, Seed = 9 }, Metric.Cosine, ElementType.Float32, 4, 1).Graph!;
        Assert.Equal((8, 50, 20, HnswCodes.Int8, 2, 9UL), (small.M, small.EfConstruction, small.Ef, small.Codes, small.Threads, small.Seed));
        Assert.Null(GraphChoice.For(auto with { Kind = GraphKind.Hnsw }, Metric.L2, ElementType.Float32, 128, 0).Graph);
        Assert.Equal(HnswCodes.None, GraphChoice.For(auto, Metric.L2, ElementType.Float16, 128, 100_000).Graph!.Codes);
        Assert.All([GraphChoice.For(auto, Metric.L2, ElementType.Float32, 2, 2), GraphChoice.For(auto, Metric.L2, ElementType.Float32, 128, 1 << 20)], static choice => Assert.NotEmpty(choice.Reasons));
    }

    [Fact]
    public void Options_out_of_range_and_kinds_that_are_not_there_are_refused_by_name()
    {
        var auto = new GraphOptions();
        foreach (var options in new[] { auto with { M = 1 }, auto with { M = 129 }, auto with { EfConstruction = -1 }, auto with { Ef = -1 }, auto with { Threads = 0 }, auto with { Kind = (GraphKind)7 }, auto with { Codes = (HnswCodes)7 } })
            Assert.Throws<ArgumentException>(() => GraphChoice.For(options, Metric.L2, ElementType.Float32, 4, 10));
        Assert.Throws<ArgumentException>(() => GraphChoice.For(auto with { Codes = HnswCodes.Int8 }, Metric.Hamming, ElementType.Bit, 4, 10));
        Assert.Equal([GraphKind.Auto, GraphKind.Flat, GraphKind.Hnsw], new[] { "auto", "flat", "hnsw" }.Select(GraphOptions.KindOf));
        Assert.Contains("'ivfpq' yet", Assert.Throws<ArgumentException>(static () => GraphOptions.KindOf("ivfpq")).Message, StringComparison.Ordinal);
        Assert.Contains("no kind of index 'HNSW'", Assert.Throws<ArgumentException>(static () => GraphOptions.KindOf("HNSW")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_rows_make_the_same_graph_on_any_number_of_threads_and_a_flat_choice_writes_nothing()
    {
        var entries = Entries(600, 33);
        var options = new GraphOptions { Kind = GraphKind.Hnsw, M = 6, EfConstruction = 40, Codes = HnswCodes.Int8 };
        using var one = HeldSegment.Of(entries, Metric.L2, options);
        using var two = HeldSegment.Of(entries, Metric.L2, options with { Threads = 2 });
        Assert.Equal(one.GraphBytes, two.GraphBytes);
        one.Segment.Graph!.Verify();
        using var copy = HeldSegment.Of(entries, Metric.L2, options with { Codes = HnswCodes.None });
        Assert.True(copy.GraphBytes.Length > one.GraphBytes.Length);
        using var flat = HeldSegment.Of(entries, Metric.L2, new GraphOptions());
        Assert.Empty(flat.GraphBytes);
        Assert.Null(flat.Segment.Graph);
    }

    [Fact]
    public void Building_ends_when_it_is_cancelled()
    {
        using var flat = HeldSegment.Of(Entries(200, 8), Metric.L2);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => HeldSegment.Written(section => GraphBuilder.Write(flat.Segment, new GraphOptions { Kind = GraphKind.Hnsw }, section, null, source.Token)));
    }

    [Fact]
    public void A_graph_of_other_rows_is_refused()
    {
        var options = new GraphOptions { Kind = GraphKind.Hnsw, Codes = HnswCodes.Int8 };
        using var one = HeldSegment.Of(Entries(50, 8), Metric.L2, options);
        using var fewer = HeldSegment.Of(Entries(49, 8), Metric.L2, options);
        using var wider = HeldSegment.Of(Entries(50, 9), Metric.L2, options);
        using var other = HeldSegment.Of(Entries(50, 8), Metric.Dot, options);
        foreach (var graph in new[] { fewer, wider, other })
            Assert.StartsWith("The graph ", Assert.Throws<InvalidDataException>(() => new HeldSegment(one.RowBytes, graph.GraphBytes).Dispose()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new HeldSegment(one.RowBytes, one.GraphBytes[..^64]).Dispose());
        using var again = new HeldSegment(one.RowBytes, one.GraphBytes, ef: 17);
        Assert.Equal(17, again.Segment.Graph!.Options.Ef);
    }

    [Theory]
    [InlineData(HnswCodes.None)]
    [InlineData(HnswCodes.Int8)]
    public void Where_memory_lacks_several_graphs_are_built_which_find_what_one_finds(HnswCodes codes)
    {
        const int rows = 30_000;
        var random = new Random(4);
        var entries = Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, 8).Select(_ => random.NextSingle()).ToArray()).ToList<float[]?>();
        var options = new GraphOptions { Kind = GraphKind.Hnsw, M = 8, EfConstruction = 30, Ef = 40, Codes = codes, Threads = 2 };
        using var flat = HeldSegment.Of(entries, Metric.L2);
        var memory = new MemoryBudget(6 << 20);
        var written = HeldSegment.Written(section => GraphBuilder.Write(flat.Segment, options, section, memory));
        Assert.Equal(0, memory.Used);
        Assert.InRange(memory.HighestFor(MemoryUse.Builds), 1, 3 << 20);
        using var several = new HeldSegment(flat.RowBytes, written);
        var graph = several.Segment.Graph!;
        Assert.Equal((3 << 20) / (double)GraphBuilder.BytesOfRow(graph.Options, ElementType.Float32, 8), rows / (double)graph.Count, tolerance: 2500);
        graph.Verify();
        // The same number of graphs, the same bytes, whoever is first.
        Assert.Equal(written, HeldSegment.Written(section => GraphBuilder.Write(flat.Segment, options with { Threads = 1 }, section, new MemoryBudget(6 << 20))));
        var search = new NearestSearch(Metric.L2, ElementType.Float32, 8);
        var few = new OrdinalSet(rows);
        for (var i = 0; i < rows; i += 3) few.Add(i);
        var first = new OrdinalSet(rows);
        for (var i = 0; i < 5000; i++) first.Add(i);
        var (found, wanted) = (0, 0);
        for (var q = 0; q < 40; q++)
        {
            var query = Enumerable.Range(0, 8).Select(_ => random.NextSingle()).ToArray();
            foreach (var allowed in new[] { null, few, first })
            {
                var near = search.Nearest(query, 10, [new SegmentPart(several.Segment, allowed)]).Hits;
                var exact = search.Nearest(query, 10, [new SegmentPart(several.Segment, allowed)], null, new NearestOptions { Exact = true }).Hits;
                Assert.Equal(10, near.Count);
                Assert.All(near, hit => Assert.True(allowed?.Accepts(hit.Ordinal) != false));
                Assert.Equal(near.OrderBy(static hit => hit.Distance).ThenBy(static hit => hit.Ordinal), near);
                (found, wanted) = (found + near.Intersect(exact).Count(), wanted + 10);
            }

            var within = search.Within(query, 0.1f, [new SegmentPart(several.Segment)]).Hits;
            Assert.All(within, static hit => Assert.True(hit.Distance <= 0.1f));
            Assert.Equal(within.Count, within.DistinctBy(static hit => hit.Ordinal).Count());
        }

        Assert.True(found > 0.95 * wanted, $"{found} of {wanted}");
    }

    [Fact]
    public void A_section_of_several_graphs_that_is_damaged_is_refused_by_name()
    {
        var entries = Enumerable.Range(0, 200).Select(static i => new[] { i, (float)(i % 7) }).ToList<float[]?>();
        using var flat = HeldSegment.Of(entries, Metric.L2);
        var graphs = HeldSegment.Written(section => GraphBuilder.WriteSeveral(flat.Segment, 64, new HnswOptions { M = 4, EfConstruction = 10 }, section, default));
        using (var sound = new HeldSegment(flat.RowBytes, graphs))
        {
            Assert.Equal(4, sound.Segment.Graph!.Count);
            sound.Segment.Graph.Verify();
        }

        Refused(With(4, 2), "format version 2");
        Refused(With(4, 0), "format version 0");
        Refused(With(6, 1), "should be zero");
        Refused(With(63, 1), "should be zero");
        Refused(With(8, 3), "3 graphs of 64 rows");
        Refused(With(8, 1), "1 graphs");
        Refused(With(12, 128), "4 graphs of 128 rows");
        Refused(With(graphs.Length - 16, 1), "begins at");
        Refused(With(graphs.Length - 5, 1), "begins at");
        Refused(graphs[..70], "");
        Refused(graphs[..^16], "");
        Refused([.. graphs, .. new byte[64]], "");
        using var fewer = HeldSegment.Of(entries[..150], Metric.L2);
        Assert.Throws<InvalidDataException>(() => new HeldSegment(fewer.RowBytes, graphs).Dispose());

        byte[] With(int at, byte value)
        {
            var changed = graphs.ToArray();
            changed[at] = value;
            return changed;
        }

        void Refused(byte[] bytes, string why) => Assert.Contains(why, Assert.Throws<InvalidDataException>(() => new HeldSegment(flat.RowBytes, bytes).Dispose()).Message, StringComparison.Ordinal);
    }

    private static List<float[]?> Entries(int count, int dimension)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => i % 7 == 3 ? null : Enumerable.Range(0, dimension).Select(_ => random.NextSingle()).ToArray())];
    }
}

using Basalt.Engine.Nearest;
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
        Assert.ThrowsAny<OperationCanceledException>(() => HeldSegment.Written(section => GraphBuilder.Write(flat.Segment, new GraphOptions { Kind = GraphKind.Hnsw }, section, source.Token)));
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

    private static List<float[]?> Entries(int count, int dimension)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => i % 7 == 3 ? null : Enumerable.Range(0, dimension).Select(_ => random.NextSingle()).ToArray())];
    }
}

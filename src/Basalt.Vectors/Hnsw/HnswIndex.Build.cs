using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

// Building at once.
public sealed unsafe partial class HnswIndex
{
    /// <summary>
    /// Builds an index of rows whose ordinals are their numbers. The same rows, options and seed give the same index on any number of threads. While it builds it holds, besides the
    /// index, the codes that <see cref="HnswOptions.BuildCodes"/> speaks of: a byte an element.
    /// </summary>
    /// <param name="rows">The vectors, of length one under the cosine. They are copied, unless nodes have codes: then they must stay as long as the index.</param>
    /// <param name="metric">How far vectors are apart.</param>
    /// <param name="options">How to build and search.</param>
    /// <param name="cancellation">Ends the building, which leaves nothing behind.</param>
    /// <exception cref="ArgumentException">There is no such distance, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static HnswIndex Build(VectorRows rows, Metric metric, HnswOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= HnswOptions.Default;
        HnswOptions.Check(options);
        VectorRules.ThrowUnlessSupported(metric, rows.ElementType, rows.Dimension);
        foreach (var codes in (ReadOnlySpan<HnswCodes>)[options.Codes, options.BuildCodes ?? HnswCodes.None])
            if (codes != HnswCodes.None && !NodeCodec.CanCode(metric, rows.ElementType)) throw new ArgumentException($"There are no {codes} codes for {metric} over {rows.ElementType} vectors.", nameof(options));
        var codec = new NodeCodec(metric, rows.ElementType, rows.Dimension, options.Codes == HnswCodes.Int8 ? ScalarQuantiser.Train(rows, metric) : null);
        var index = new HnswIndex(metric, rows, options, codec, null);
        try
        {
            index.Fill(rows, cancellation);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private void Fill(VectorRows rows, CancellationToken cancellation)
    {
        using var ordinals = new NodeArray(sizeof(int), rows.Count);
        ordinals.Reserve(rows.Count);
        for (var i = 0; i < rows.Count; i++) ((int*)ordinals.Start)[i] = i;
        // Nodes are numbered by ordinals while it grows, and by nearness in the end; so rows are copied once.
        using var graph = new HnswGraph(Options.M, rows.Count);
        using var compared = ComparedRows.For(_codec, rows, Options, cancellation);
        var growth = new GraphGrowth(compared.Walkers, Options.EfConstruction, Options.Threads, cancellation);
        for (var i = 0; i < rows.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            for (; i < rows.Count && graph.Pending < GraphGrowth.BatchSize; i++) graph.Add(GraphGrowth.LevelOf(Options.Seed, (ulong)i, Options.M));
            growth.Link(new NodeSpace(graph, compared.Rows, (int*)ordinals.Start), hasRemoved: false);
        }

        _sketches = SketchRows.For(rows, Metric, Options, CapacityOf(_codec.RowType, Dimension), cancellation);
        Settle(new NodeSpace(graph, _codec.HasCodes ? compared.Rows : rows, (int*)ordinals.Start), rows.Count);
    }
}

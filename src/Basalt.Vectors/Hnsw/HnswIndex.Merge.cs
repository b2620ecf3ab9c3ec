using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

// Many indexes into one.
public sealed unsafe partial class HnswIndex
{
    /// <summary>
    /// Makes one index of several: the largest graph is taken over, with its options and codes, and the vectors of the others are inserted. So it costs
    /// as much as inserting the smaller ones.
    /// </summary>
    /// <param name="parts">What to merge; at least one, all of one metric, dimension and element type. They are only read.</param>
    /// <param name="ordinals">Per part, per ordinal of it, the ordinal in the new index; -1 leaves the vector out. None twice.</param>
    /// <param name="rows">The vectors by new ordinal, of length one under the cosine. They are copied, unless nodes have codes: then they must stay as long as the index.</param>
    /// <param name="threads">Threads that insert; the result does not depend on it.</param>
    /// <param name="cancellation">Ends the merge, which leaves nothing behind.</param>
    /// <exception cref="ArgumentException">The parts, the ordinals and the rows do not fit each other.</exception>
    /// <exception cref="InvalidDataException">The largest part, opened in somebody's memory, is damaged.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static HnswIndex Merge(IReadOnlyList<HnswIndex> parts, IReadOnlyList<ReadOnlyMemory<int>> ordinals, VectorRows rows, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(ordinals);
        Check(parts, ordinals, rows);
        var largest = 0;
        for (var i = 1; i < parts.Count; i++)
            if (parts[i].Count > parts[largest].Count) largest = i;
        var (first, hasCodes) = (parts[largest], parts[largest]._codec.HasCodes);
        var index = new HnswIndex(first.Metric, hasCodes ? rows : new VectorRows(null, 0, rows.Dimension, rows.ElementType), first.Options with { Threads = threads }, first._codec, null);
        try
        {
            index.TakeOver(first, ordinals[largest].Span, rows, cancellation);
            var growth = index.Growth(threads, cancellation);
            for (var i = 0; i < parts.Count; i++)
                if (i != largest) index.Insert(parts[i], ordinals[i].Span, rows, growth);
            growth.Link(index._nodes.Space, hasRemoved: false);
            index._sketches = SketchRows.For(rows, index.Metric, index.Options, CapacityOf(index._codec.RowType, index.Dimension), cancellation);
            if (index._nodes.Graph.Count > first.Count) index.Settle(index._nodes.Space, rows.Count);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private static void Check(IReadOnlyList<HnswIndex> parts, IReadOnlyList<ReadOnlyMemory<int>> ordinals, VectorRows rows)
    {
        if (parts.Count == 0 || parts.Count != ordinals.Count) throw new ArgumentException($"{parts.Count} parts have {ordinals.Count} lists of ordinals.", nameof(ordinals));
        var taken = new OrdinalSet(rows.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Metric != parts[0].Metric || part.Dimension != rows.Dimension || part.ElementType != rows.ElementType)
                throw new ArgumentException($"A part of {part.Dimension} x {part.ElementType} by {part.Metric} does not fit rows of {rows.Dimension} x {rows.ElementType} by {parts[0].Metric}.", nameof(parts));
            if (ordinals[i].Length != part.OrdinalCount) throw new ArgumentException($"Part {i} has {part.OrdinalCount} ordinals, and {ordinals[i].Length} new ones.", nameof(ordinals));
            foreach (var ordinal in ordinals[i].Span)
            {
                if (ordinal == -1) continue;
                if (ordinal < 0 || ordinal >= rows.Count) throw new ArgumentException($"There is no row {ordinal} among {rows.Count}.", nameof(ordinals));
                if (!taken.Add(ordinal)) throw new ArgumentException($"The ordinal {ordinal} is given twice.", nameof(ordinals));
            }
        }
    }

    /// <summary>Copies the part's graph, without what is left out.</summary>
    private void TakeOver(HnswIndex part, ReadOnlySpan<int> ordinals, VectorRows rows, CancellationToken cancellation)
    {
        using var nodes = part.Use();
        // Here links are followed without looking whether they name a node.
        NodeVerification.Verify(nodes);
        using var graph = nodes.Graph.Copy();
        var count = graph.Count;
        using var numbers = new NodeArray(sizeof(int), Math.Max(1, count));
        numbers.Reserve(count);
        var isWhole = true;
        for (var node = 0U; node < count; node++)
        {
            var old = nodes.Ordinals[node];
            var number = old >= 0 && old < ordinals.Length ? ordinals[old] : -1;
            ((int*)numbers.Start)[node] = number;
            isWhole &= number >= 0;
        }

        var space = new NodeSpace(graph, nodes.Rows, (int*)numbers.Start);
        if (!isWhole) Reconnect(space, cancellation);
        Settle(space, rows.Count);
    }

    private void Insert(HnswIndex part, ReadOnlySpan<int> ordinals, VectorRows rows, GraphGrowth growth)
    {
        using var nodes = part.Use();
        for (var old = 0; old < ordinals.Length; old++)
        {
            if (ordinals[old] < 0 || !nodes.TryNode(old, out _)) continue;
            if (_nodes.Graph.Pending == GraphGrowth.BatchSize) growth.Link(_nodes.Space, hasRemoved: false);
            _codec.Encode(rows[ordinals[old]], _nodes.NextRow());
            _nodes.Add(ordinals[old], GraphGrowth.LevelOf(Options.Seed, (ulong)ordinals[old], Options.M));
        }
    }
}

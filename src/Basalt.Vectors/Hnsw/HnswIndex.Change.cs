using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

// Adding and removing. One thread at a time changes the index, which a lock makes sure of.
public sealed unsafe partial class HnswIndex
{
    /// <summary>Adds a vector.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing was added.</exception>
    /// <exception cref="InvalidOperationException">The index is read only, or full.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, Metric, ElementType), vector.Length, Dimension, nameof(vector));
        lock (_change)
        {
            ThrowUnlessChangeable();
            var ordinal = Append(vector);
            Growth(1, default).Link(_nodes.Space, _nodes.Removed > 0);
            return ordinal;
        }
    }

    /// <summary>Adds rows in the index's own layout, of length one under the cosine. Quicker than one by one, and on all threads of the options.</summary>
    /// <param name="rows">The vectors; they are copied.</param>
    /// <param name="cancellation">Ends it; what was added until then stays.</param>
    /// <returns>The ordinal of the first one; the others follow.</returns>
    /// <exception cref="ArgumentException">The rows have another dimension or type.</exception>
    /// <exception cref="InvalidOperationException">The index is read only, or full.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public int AddRows(VectorRows rows, CancellationToken cancellation = default)
    {
        if (rows.Dimension != Dimension || rows.ElementType != ElementType) throw new ArgumentException($"Rows of {rows.Dimension} x {rows.ElementType} do not fit {Dimension} x {ElementType}.", nameof(rows));
        lock (_change)
        {
            ThrowUnlessChangeable();
            var first = _nodes.OrdinalCount;
            // Once begun, a batch is finished: half of it in the graph would be no state to leave.
            var growth = Growth(Options.Threads, CancellationToken.None);
            for (var i = 0; i < rows.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                for (; i < rows.Count && _nodes.Graph.Pending < GraphGrowth.BatchSize; i++)
                {
                    if (_own is not null) CopyRow(rows[i], _own);
                    Append(rows[i]);
                }

                growth.Link(_nodes.Space, _nodes.Removed > 0);
            }

            return first;
        }
    }

    /// <summary>Takes a vector out of the index.</summary>
    /// <returns>False when it is not there.</returns>
    /// <exception cref="InvalidOperationException">The index is read only.</exception>
    public bool Remove(int ordinal)
    {
        lock (_change)
        {
            ThrowUnlessChangeable();
            if (!_nodes.Remove(ordinal)) return false;
            if (_nodes.Removed > Options.RepairAt * _nodes.Graph.Count) RepairGraph();
            return true;
        }
    }

    /// <summary>Puts another vector in the place of one.</summary>
    /// <returns>The ordinal of the new vector, since none is used twice; -1, and nothing done, when the old one is not there.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">The index is read only, or full.</exception>
    public int Update(int ordinal, ReadOnlySpan<float> vector)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, Metric, ElementType), vector.Length, Dimension, nameof(vector));
        lock (_change)
        {
            ThrowUnlessChangeable();
            if (!_nodes.TryNode(ordinal, out _)) return -1;
            var added = Add(vector);
            Remove(ordinal);
            return added;
        }
    }

    /// <summary>Connects the neighbours of removed vectors with each other, gives the removed ones' memory back, and puts near nodes near in memory.</summary>
    /// <exception cref="InvalidOperationException">The index is read only.</exception>
    public void Repair()
    {
        lock (_change)
        {
            ThrowUnlessChangeable();
            RepairGraph();
        }
    }

    private void RepairGraph()
    {
        Reconnect(_nodes.Space, CancellationToken.None);
        Settle(_nodes.Space, _nodes.OrdinalCount);
    }

    private void Reconnect(NodeSpace space, CancellationToken cancellation) => Growth(Options.Threads, cancellation).Share(space.Graph.Count, (walker, node) =>
    {
        if (space.Ordinals[node] < 0) return;
        for (var level = space.Graph.LevelOf((uint)node); level >= 0; level--) walker.Reconnect(space, (uint)node, level);
    });

    /// <summary>Puts a copy of the graph, in order and without what was removed, in the place of what is there.</summary>
    private void Settle(NodeSpace space, int ordinalCount)
    {
        var (graph, order) = GraphOrder.Settle(space, CapacityOf(_codec.RowType, Dimension));
        var nodes = NewNodes(graph);
        var ordinals = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            Buffer.MemoryCopy(space.Row(order[i]), nodes.NextRow(), space.Stride, space.Stride);
            nodes.PublishRow();
            ordinals[i] = space.Ordinals[order[i]];
        }

        nodes.Number(ordinals, ordinalCount);
        var old = _nodes;
        Volatile.Write(ref _nodes, nodes);
        old.Dispose();
    }

    private int Append(ReadOnlySpan<float> vector)
    {
        if (_own is null)
        {
            var only = _nodes.NextRow();
            RowCodec.Encode(vector, Metric, ElementType, only);
            return Place(only);
        }

        var row = _own.Next();
        RowCodec.Encode(vector, Metric, ElementType, row);
        _codec.Encode(row, _nodes.NextRow());
        _own.Publish();
        return Place(row);
    }

    private void Append(byte* row)
    {
        _codec.Encode(row, _nodes.NextRow());
        Place(row);
    }

    private int Place(byte* vector)
    {
        var ordinal = _nodes.OrdinalCount;
        // Before the ordinal is counted: no search asks for a sketch that is not there.
        _sketches?.Add(ordinal, vector);
        _nodes.Add(ordinal, GraphGrowth.LevelOf(Options.Seed, (ulong)ordinal, Options.M));
        return ordinal;
    }

    private static void CopyRow(byte* row, VectorBuffer buffer)
    {
        Buffer.MemoryCopy(row, buffer.Next(), buffer.Stride, buffer.Stride);
        buffer.Publish();
    }

    private GraphGrowth Growth(int threads, CancellationToken cancellation) => new(_walkers, Options.EfConstruction, threads, cancellation);

    private void ThrowUnlessChangeable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_nodes.CanGrow) throw new InvalidOperationException("The index lies in memory that it does not own and is read only; a merge makes one that grows.");
    }
}

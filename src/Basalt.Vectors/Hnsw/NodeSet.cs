using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// Everything that is numbered by nodes: the graph, the rows that it is walked by, and which ordinal a node has. A repair numbers anew and makes a new one;
/// searches that still use the old one keep its memory alive.
/// </summary>
internal sealed unsafe class NodeSet : IDisposable
{
    private readonly VectorBuffer? _buffer;
    private readonly VectorRows _mapped;
    private readonly NodeArray _ordinals;
    private readonly NodeArray _nodes;
    private int _uses = 1;
    private int _ordinalCount;
    private int _removed;

    /// <summary>An empty set that grows.</summary>
    public NodeSet(HnswGraph graph, ElementType rowType, int dimension, int capacity)
    {
        Graph = graph;
        _buffer = new VectorBuffer(rowType, dimension);
        _ordinals = new NodeArray(sizeof(int), capacity);
        _nodes = new NodeArray(sizeof(int), capacity);
    }

    /// <summary>A set in somebody's memory that is only read.</summary>
    public NodeSet(HnswGraph graph, VectorRows rows, byte* ordinals, byte* nodes, int ordinalCount, int removed)
    {
        (Graph, _mapped, _ordinalCount, _removed) = (graph, rows, ordinalCount, removed);
        _ordinals = new NodeArray(sizeof(int), ordinals);
        _nodes = new NodeArray(sizeof(int), nodes);
    }

    public HnswGraph Graph { get; }

    public VectorRows Rows => _buffer?.Rows ?? _mapped;

    public NodeSpace Space => new(Graph, Rows, Ordinals);

    /// <summary>Per node its ordinal, or -1.</summary>
    public int* Ordinals => (int*)_ordinals.Start;

    /// <summary>Per ordinal its node, or <see cref="Links.Empty"/>.</summary>
    public byte* NodesByOrdinal => _nodes.Start;

    /// <summary>How many ordinals were given.</summary>
    public int OrdinalCount => Volatile.Read(ref _ordinalCount);

    /// <summary>Nodes that were removed and are still in the graph.</summary>
    public int Removed => Volatile.Read(ref _removed);

    public int Present => Graph.Count - Removed;

    public bool CanGrow => _buffer is not null;

    /// <summary>Memory of rows, links and numbers.</summary>
    public long Bytes => Rows.Bytes + Graph.Bytes + 4L * Graph.Count + 4L * OrdinalCount;

    /// <summary>The node of an ordinal; false when it was removed, or never given.</summary>
    public bool TryNode(int ordinal, out uint node)
    {
        node = 0;
        if ((uint)ordinal >= (uint)OrdinalCount) return false;
        node = ((uint*)_nodes.Start)[ordinal];
        // The bound is for what lies in a damaged file.
        return node < (uint)Graph.Count;
    }

    /// <summary>The zeroed row for the next node.</summary>
    public byte* NextRow() => _buffer!.Next();

    /// <summary>Gives the node whose row was written last its ordinal, and the graph a place for it.</summary>
    public void Add(int ordinal, int level)
    {
        var node = Graph.Add(level);
        _ordinals.Reserve(node + 1L);
        _nodes.Reserve(ordinal + 1L);
        Ordinals[node] = ordinal;
        for (var skipped = _ordinalCount; skipped < ordinal; skipped++) ((uint*)_nodes.Start)[skipped] = Links.Empty;
        ((uint*)_nodes.Start)[ordinal] = node;
        _buffer!.Publish();
        Volatile.Write(ref _ordinalCount, Math.Max(_ordinalCount, ordinal + 1));
    }

    /// <summary>Takes over the numbers of nodes that are in the graph already, in the order of <paramref name="ordinals"/>, whose rows were written.</summary>
    public void Number(ReadOnlySpan<int> ordinals, int ordinalCount)
    {
        _ordinals.Reserve(ordinals.Length);
        _nodes.Reserve(ordinalCount);
        ordinals.CopyTo(new Span<int>(Ordinals, ordinals.Length));
        var nodes = new Span<uint>(_nodes.Start, ordinalCount);
        nodes.Fill(Links.Empty);
        for (var node = 0; node < ordinals.Length; node++) nodes[ordinals[node]] = (uint)node;
        _ordinalCount = ordinalCount;
    }

    /// <summary>Shows the row that was written.</summary>
    public void PublishRow() => _buffer!.Publish();

    /// <summary>Takes a vector out of all answers; its node stays until the repair.</summary>
    public bool Remove(int ordinal)
    {
        if (!TryNode(ordinal, out var node)) return false;
        ((uint*)_nodes.Start)[ordinal] = Links.Empty;
        Volatile.Write(ref _removed, _removed + 1);
        Volatile.Write(ref Ordinals[node], -1);
        return true;
    }

    /// <summary>Keeps the memory until <see cref="Dispose"/> is called once more; false when it is gone.</summary>
    public bool TryUse()
    {
        var uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses) return true;
            uses = seen;
        }

        return false;
    }

    /// <summary>Ends one use; the last one gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _uses) > 0) return;
        Graph.Dispose();
        _buffer?.Dispose();
        _ordinals.Dispose();
        _nodes.Dispose();
    }
}

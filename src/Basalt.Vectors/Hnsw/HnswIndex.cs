using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// An approximate index: a hierarchical navigable small world graph over vectors, or over their codes with the best candidates measured again by the full
/// vectors. It is built at once from rows (<see cref="Build"/>), grows vector by vector, or is opened where it lies in memory (<see cref="Open"/>) to be
/// read only. Removed vectors leave the answers at once; the graph is repaired, and their memory given back, when there are many of them.
/// A search finds k neighbours whenever so many pass its filter.
/// </summary>
public sealed unsafe partial class HnswIndex : IVectorIndex
{
    private readonly Lock _change = new();
    private readonly VectorRows _given;
    private readonly VectorBuffer? _own;
    private readonly NodeCodec _codec;
    private readonly WalkerPool _walkers;
    private readonly WalkerPool _measurers;
    private NodeSet _nodes;
    private SketchRows? _sketches;
    private bool _isDisposed;

    /// <summary>An empty index. Codes are learnt from vectors, so an index with codes is built from rows.</summary>
    /// <param name="metric">How far vectors are apart.</param>
    /// <param name="dimension">Elements of a vector, from 1 to <see cref="VectorRows.MaxDimension"/>.</param>
    /// <param name="elementType">What an element is.</param>
    /// <param name="options">How to build and search.</param>
    /// <exception cref="ArgumentException">There is no such distance, or an option is out of its range.</exception>
    public HnswIndex(Metric metric, int dimension, ElementType elementType = ElementType.Float32, HnswOptions? options = null)
        : this(metric, new VectorRows(null, 0, dimension, elementType), options ?? HnswOptions.Default, null, null)
    {
    }

    private HnswIndex(Metric metric, VectorRows given, HnswOptions options, NodeCodec? codec, NodeSet? nodes)
    {
        HnswOptions.Check(options);
        VectorRules.ThrowUnlessSupported(metric, given.ElementType, given.Dimension);
        if (codec is null && options.Codes != HnswCodes.None) throw new ArgumentException($"{options.Codes} codes are learnt from vectors: build the index from rows.", nameof(options));
        (Metric, Options, _given) = (metric, options, given);
        _codec = codec ?? new NodeCodec(metric, given.ElementType, given.Dimension, null);
        _walkers = _codec.Walkers();
        _measurers = new WalkerPool(metric, given.ElementType);
        if (nodes is null or { CanGrow: true } && _codec.HasCodes) _own = new VectorBuffer(given.ElementType, given.Dimension);
        _nodes = nodes ?? NewNodes();
    }

    /// <summary>How it was built and is searched.</summary>
    public HnswOptions Options { get; }

    /// <inheritdoc/>
    public Metric Metric { get; }

    /// <inheritdoc/>
    public int Dimension => _given.Dimension;

    /// <summary>What an element of a vector is.</summary>
    public ElementType ElementType => _given.ElementType;

    /// <inheritdoc/>
    public int Count => Volatile.Read(ref _nodes).Present;

    /// <summary>One more than the largest ordinal that was given.</summary>
    public int OrdinalCount => Volatile.Read(ref _nodes).OrdinalCount;

    /// <summary>Vectors that were removed and are still part of the graph.</summary>
    public int Removed => Volatile.Read(ref _nodes).Removed;

    /// <summary>Whether vectors can be added and removed: not when it was opened in somebody's memory.</summary>
    public bool CanChange => Volatile.Read(ref _nodes).CanGrow;

    /// <summary>The memory of rows or codes, sketches, links and numbers, in bytes, and of vectors that were added; not of rows that it was given.</summary>
    public long Bytes => Volatile.Read(ref _nodes).Bytes + (_own?.Bytes ?? 0) + (_sketches is { } sketches ? (long)sketches.Model.Stride * OrdinalCount : 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_change)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _nodes.Dispose();
            _own?.Dispose();
            _sketches?.Dispose();
        }
    }

    private NodeSet NewNodes(HnswGraph? graph = null)
    {
        var capacity = CapacityOf(_codec.RowType, Dimension);
        return new NodeSet(graph ?? new HnswGraph(Options.M, capacity), _codec.RowType, Dimension, capacity);
    }

    // As many nodes as the addresses reserved for their rows have room for.
    private static int CapacityOf(ElementType rowType, int dimension) => (int)Math.Min(Links.MaxNodes, VectorBuffer.DefaultReservation / VectorRows.StrideOf(rowType, dimension));

    private NodeSet Use()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var nodes = Volatile.Read(ref _nodes);
            if (nodes.TryUse()) return nodes;
        }
    }
}

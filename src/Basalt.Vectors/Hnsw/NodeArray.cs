using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// Items of one size, one a node (or a block of links), outside the managed heap. It grows in place, so readers on other threads may hold its start;
/// or it is borrowed from somebody's memory and cannot grow. Memory is given back by <see cref="Dispose"/> or, when nobody uses it any more, by the collector.
/// </summary>
internal sealed unsafe class NodeArray : IDisposable
{
    private const long CommitStep = 1L << 20;
    private const long LargePagesFrom = 4L << 20;
    private readonly ReservedMemory? _memory;
    private readonly long _capacity;
    private long _committed;
    private bool _hasLargePages;

    /// <summary>Room for so many items; what is not written yet takes no memory.</summary>
    public NodeArray(int itemSize, long capacity)
    {
        (ItemSize, _capacity) = (itemSize, capacity);
        _memory = new ReservedMemory(Math.Max(1, capacity) * itemSize);
        Start = _memory.Start;
    }

    /// <summary>Items in memory that outlives this.</summary>
    public NodeArray(int itemSize, byte* start)
    {
        ItemSize = itemSize;
        Start = start;
    }

    public int ItemSize { get; }

    public byte* Start { get; }

    public bool CanGrow => _memory is not null;

    public byte* this[long index] => Start + index * ItemSize;

    /// <summary>Makes the first <paramref name="count"/> items usable, zeroed at first.</summary>
    /// <exception cref="InvalidOperationException">It is borrowed, or was not made for so many.</exception>
    public void Reserve(long count)
    {
        if (_memory is null || count > _capacity) throw new InvalidOperationException($"The graph has room for {_capacity} items and cannot take {count}.");
        var end = count * ItemSize;
        if (end <= _committed) return;
        var committed = Math.Min(_capacity * ItemSize, Math.Max(end, _committed + Math.Max(CommitStep, _committed / 8)));
        _memory.Commit(_committed, committed - _committed);
        _committed = committed;
        // A small index stays on small pages: a large one would take 2 MiB for a handful of nodes.
        if (_hasLargePages || end < LargePagesFrom) return;
        _hasLargePages = true;
        _memory.PreferLargePages(0, _capacity * ItemSize);
    }

    public void Dispose() => _memory?.Dispose();
}

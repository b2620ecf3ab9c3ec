using System.Runtime.CompilerServices;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// The links of a hierarchical navigable small world (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
/// Navigable Small World graphs", 2016), without the vectors. Level 0 has one list of 2 M links a node, all lists one behind the other; of the upper
/// levels, which one node in M has, lie the lists of M links of a node one behind the other in a place of their own.
/// One thread changes it while any number read: a node is counted before anything links to it.
/// </summary>
internal sealed unsafe class HnswGraph : IDisposable
{
    /// <summary>Levels above level 0, which is enough for more nodes than can be numbered at the smallest M.</summary>
    public const int MaxLevel = 15;

    private const int LevelShift = 28;
    private const uint BlockMask = (1U << LevelShift) - 1;
    private readonly NodeArray _level0;
    private readonly NodeArray _upper;
    private readonly NodeArray _places;
    private int _count;
    private int _blocks;
    private ulong _entry;

    /// <summary>An empty graph that grows.</summary>
    public HnswGraph(int m, int capacity)
    {
        M = m;
        _level0 = new NodeArray(2 * m * sizeof(uint), capacity);
        _upper = new NodeArray(m * sizeof(uint), Math.Min(BlockMask, Math.Max(4096L, capacity)));
        _places = new NodeArray(sizeof(uint), capacity);
    }

    /// <summary>A graph that lies in somebody's memory and is only read. Entry, root and counts were checked; links need not be.</summary>
    public HnswGraph(int m, int count, int blocks, (uint Node, int Level) entry, uint root, byte* level0, byte* upper, byte* places)
    {
        (M, _count, _blocks, Root) = (m, count, blocks, root);
        _level0 = new NodeArray(2 * m * sizeof(uint), level0);
        _upper = new NodeArray(m * sizeof(uint), upper);
        _places = new NodeArray(sizeof(uint), places);
        Entry = entry;
    }

    /// <summary>Links of a node on an upper level; level 0 has twice as many.</summary>
    public int M { get; }

    /// <summary>Links of a node on level 0.</summary>
    public int Width => 2 * M;

    /// <summary>How many nodes there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many lists the upper levels have.</summary>
    public int Blocks => _blocks;

    /// <summary>Whether nodes can be added.</summary>
    public bool CanGrow => _level0.CanGrow;

    /// <summary>Where a search begins: a node of the highest level. Meaningless while there is none.</summary>
    public (uint Node, int Level) Entry
    {
        get
        {
            var packed = Volatile.Read(ref _entry);
            return ((uint)packed, (int)(packed >> 32));
        }
        set => Volatile.Write(ref _entry, (ulong)value.Level << 32 | value.Node);
    }

    /// <summary>The node from which kept links lead to all others.</summary>
    public uint Root { get; set; }

    /// <summary>The bytes of the lists.</summary>
    public long Bytes => (long)Count * (_level0.ItemSize + _places.ItemSize) + (long)_blocks * _upper.ItemSize;

    /// <summary>All of level 0.</summary>
    public byte* Level0 => _level0.Start;

    /// <summary>All lists of the upper levels.</summary>
    public byte* Upper => _upper.Start;

    /// <summary>Per node its level (highest 4 bits) and its first list among those of the upper levels (the rest).</summary>
    public byte* Places => _places.Start;

    /// <summary>How many links a list of the level has room for.</summary>
    public int WidthOf(int level) => level == 0 ? Width : M;

    /// <summary>The highest level that has the node.</summary>
    public int LevelOf(uint node) => (int)(((uint*)_places.Start)[node] >> LevelShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* ListOf(uint node) => (uint*)(_level0.Start + (long)node * _level0.ItemSize);

    /// <summary>The node's list on a level that it has.</summary>
    public uint* ListOf(uint node, int level)
    {
        if (level == 0) return ListOf(node);
        return TryUpper(node, level, out var list) ? list : throw new InvalidOperationException($"Node {node} is not on level {level}.");
    }

    /// <summary>The node's list on an upper level; false when it has none there, as a damaged graph may say.</summary>
    public bool TryUpper(uint node, int level, out uint* list)
    {
        var place = ((uint*)_places.Start)[node];
        var block = (place & BlockMask) + (uint)level - 1;
        list = (uint*)_upper[block];
        return level <= place >> LevelShift && block < (uint)_blocks;
    }

    /// <summary>Adds a node with empty lists that no search sees before <see cref="Publish"/>.</summary>
    public uint Add(int level)
    {
        var node = (uint)_count + (uint)Pending;
        if (node >= Links.MaxNodes) throw new InvalidOperationException("The graph has as many nodes as can be numbered.");
        if (_blocks + (uint)level > BlockMask) throw new InvalidOperationException("The upper levels have as many lists as can be numbered.");
        _level0.Reserve(node + 1L);
        _places.Reserve(node + 1L);
        _upper.Reserve(_blocks + level);
        new Span<uint>(_level0[node], Width).Fill(Links.Empty);
        new Span<uint>(_upper[_blocks], level * M).Fill(Links.Empty);
        ((uint*)_places.Start)[node] = (uint)level << LevelShift | (uint)_blocks;
        _blocks += level;
        Pending++;
        return node;
    }

    /// <summary>A copy that takes no further nodes.</summary>
    public HnswGraph Copy()
    {
        var copy = new HnswGraph(M, Math.Max(1, Count)) { Root = Root };
        CopyTo(_level0, copy._level0, Count);
        CopyTo(_places, copy._places, Count);
        CopyTo(_upper, copy._upper, _blocks);
        (copy._count, copy._blocks, copy.Entry) = (Count, _blocks, Entry);
        return copy;

        static void CopyTo(NodeArray from, NodeArray to, long count)
        {
            to.Reserve(count);
            Buffer.MemoryCopy(from.Start, to.Start, count * from.ItemSize, count * from.ItemSize);
        }
    }

    /// <summary>Nodes that were added and are not counted yet.</summary>
    public int Pending { get; private set; }

    /// <summary>Counts the added nodes, before anything links to them.</summary>
    public void Publish()
    {
        Volatile.Write(ref _count, _count + Pending);
        Pending = 0;
    }

    public void Dispose()
    {
        _level0.Dispose();
        _upper.Dispose();
        _places.Dispose();
    }
}

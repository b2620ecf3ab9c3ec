using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Basalt.Lsm.Memtables;

/// <summary>
/// The newest writes of one tree, in order: a skip list whose nodes live in an arena, so that an entry is no object. One thread writes; any
/// thread reads meanwhile, without a lock. Keys ascend; the versions of a key follow each other, newest first.
/// </summary>
/// <remarks>
/// A node: sequence (8 bytes), key length (4), value length or -1 for a tombstone (4), height (4), a link per level (4 each), key, value.
/// A node is whole before the first link to it is published, lowest level first; links are published and read by volatile access.
/// </remarks>
internal sealed class Memtable
{
    public const int MaxHeight = 16;
    private const int HeadSize = 20;
    private const int None = 0;

    private readonly Arena _arena = new();
    private readonly int _head;
    private uint _random = 0x9E3779B9;
    private int _height = 1;
    private int _count;

    public Memtable()
    {
        // Address zero is no node.
        _arena.Allocate(8);
        _head = _arena.Allocate(HeadSize + MaxHeight * sizeof(int));
        Number(_head, 16) = MaxHeight;
    }

    public long Bytes => _arena.Bytes;

    /// <summary>Entries, every version counted.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsEmpty => Count == 0;

    /// <summary>Adds a version; its sequence is greater than any before. Becomes visible to readers whose bound includes it.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone, ulong sequence)
    {
        Span<int> before = stackalloc int[MaxHeight];
        FindBefore(key, ulong.MaxValue, before);
        var height = NextHeight();
        for (var level = _height; level < height; level++) before[level] = _head;
        if (height > _height) Volatile.Write(ref _height, height);
        var linked = HeadSize + height * sizeof(int);
        var node = _arena.Allocate(linked + key.Length + value.Length);
        var bytes = _arena.At(node, linked + key.Length + value.Length);
        MemoryMarshal.Write(bytes, sequence);
        MemoryMarshal.Write(bytes[8..], key.Length);
        MemoryMarshal.Write(bytes[12..], isTombstone ? -1 : value.Length);
        MemoryMarshal.Write(bytes[16..], height);
        key.CopyTo(bytes[linked..]);
        value.CopyTo(bytes[(linked + key.Length)..]);
        for (var level = 0; level < height; level++)
        {
            Number(node, HeadSize + level * sizeof(int)) = Link(before[level], level);
            Volatile.Write(ref Number(before[level], HeadSize + level * sizeof(int)), node);
        }

        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The newest version of a key up to a sequence.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, ulong sequence, out ReadOnlySpan<byte> value, out bool isTombstone)
    {
        var node = FindFirst(key, sequence);
        if (node != None && KeyOf(node).SequenceEqual(key))
        {
            value = ValueOf(node);
            isTombstone = IsTombstone(node);
            return true;
        }

        value = default;
        isTombstone = false;
        return false;
    }

    /// <summary>The first node at or behind the version of a key; zero when there is none.</summary>
    internal int FindFirst(ReadOnlySpan<byte> key, ulong sequence)
    {
        Span<int> before = stackalloc int[MaxHeight];
        return FindBefore(key, sequence, before);
    }

    /// <summary>The last node whose key is less; zero when there is none.</summary>
    internal int FindLastBefore(ReadOnlySpan<byte> key)
    {
        Span<int> before = stackalloc int[MaxHeight];
        FindBefore(key, ulong.MaxValue, before);
        return before[0] == _head ? None : before[0];
    }

    internal int FindLast()
    {
        var node = _head;
        for (var level = MaxHeight - 1; level >= 0; level--)
            for (var next = Link(node, level); next != None; next = Link(node, level)) node = next;
        return node == _head ? None : node;
    }

    internal int First() => Link(_head, 0);

    internal int Next(int node) => Link(node, 0);

    internal ulong SequenceOf(int node) => MemoryMarshal.Read<ulong>(_arena.At(node, 8));

    internal bool IsTombstone(int node) => Number(node, 12) < 0;

    internal ReadOnlySpan<byte> KeyOf(int node)
    {
        var chunk = _arena.Chunk(node, out var place);
        var length = Unsafe.As<byte, int>(ref chunk[place + 8]);
        return chunk.AsSpan(place + HeadSize + Unsafe.As<byte, int>(ref chunk[place + 16]) * sizeof(int), length);
    }

    internal ReadOnlySpan<byte> ValueOf(int node)
    {
        var length = Number(node, 12);
        if (length <= 0) return default;
        var chunk = _arena.Chunk(node, out var place);
        return chunk.AsSpan(place + HeadSize + Number(node, 16) * sizeof(int) + Number(node, 8), length);
    }

    /// <summary>
    /// On each level the last node before (key, sequence); versions of greater sequence come first. Returns the node behind on the lowest
    /// level, as it was compared: what the link holds later may be a version that was added meanwhile.
    /// </summary>
    private int FindBefore(ReadOnlySpan<byte> key, ulong sequence, Span<int> before)
    {
        var node = _head;
        var behind = None;
        for (var level = Volatile.Read(ref _height) - 1; level >= 0; level--)
        {
            // A node that a higher level found too great is not compared again.
            var next = Link(node, level);
            while (next != None && next != behind && IsBefore(next, key, sequence))
            {
                node = next;
                next = Link(node, level);
            }

            before[level] = node;
            behind = next;
        }

        return behind;
    }

    private bool IsBefore(int node, ReadOnlySpan<byte> key, ulong sequence)
    {
        var order = KeyOf(node).SequenceCompareTo(key);
        return order < 0 || (order == 0 && SequenceOf(node) > sequence);
    }

    private int Link(int node, int level) => Volatile.Read(ref Number(node, HeadSize + level * sizeof(int)));

    private ref int Number(int node, int offset)
    {
        var chunk = _arena.Chunk(node, out var place);
        // Nodes are aligned to eight bytes and offsets to four, so that the access is atomic. The bounds of the array are checked.
        return ref Unsafe.As<byte, int>(ref chunk[place + offset]);
    }

    /// <summary>Each level holds a quarter of the one below. The sequence of heights is fixed: it needs no luck, only balance.</summary>
    private int NextHeight()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return Math.Min(MaxHeight, 1 + int.TrailingZeroCount((int)_random) / 2);
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Memtables;

/// <summary>
/// The newest writes of one tree, in order: a skip list whose nodes live in an arena, so that an entry is no object. One thread writes; any
/// thread that holds a version with it reads meanwhile, without a lock. Keys ascend; the versions of a key follow each other, newest first.
/// </summary>
/// <remarks>
/// A node: sequence (8 bytes), the first eight bytes of the key as a number, padded with zeros (8), key length (2), height (1), flags (1: bit 0
/// tombstone, bit 1 expires), value length (4), a link to the node that came next (4), a link per level (4 each), the expiry if there is one (8), key,
/// value. A node is whole before the first link to it is published, lowest level first, that of the node that came before it last; links are published
/// and read by volatile access.
/// </remarks>
internal sealed unsafe partial class Memtable
{
    public const int MaxHeight = 16;
    private const int PrefixAt = 8;
    private const int KeyLengthAt = 16;
    private const int HeightAt = 18;
    private const int FlagsAt = 19;
    private const int ValueLengthAt = 20;
    private const int NextArrivedAt = 24;
    private const int LinksAt = 28;
    private const byte TombstoneFlag = 1;
    private const byte ExpiresFlag = 2;
    private const uint None = 0;

    private readonly Arena _arena;
    private readonly uint _head;

    // The last node of each level: a key behind all others is put there without a search.
    private readonly uint[] _last = new uint[MaxHeight];
    private readonly Dictionary<object, IDisposable> _kept = [];
    private uint _lastArrived;
    private uint _random = 0x9E3779B9;
    private int _height = 1;
    private int _count;
    private int _holders;

    public Memtable(MemoryBudget memory)
    {
        _arena = new Arena(memory);
        var size = LinksAt + MaxHeight * sizeof(uint);
        _head = _arena.Allocate(size);
        new Span<byte>(_arena.At(_head), size).Clear();
        *(_arena.At(_head) + HeightAt) = MaxHeight;
        _last.AsSpan().Fill(_head);
        _lastArrived = _head;
    }

    public long Bytes => _arena.Bytes;

    /// <summary>Entries, every version counted.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsEmpty => Count == 0;

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>The last holder frees its memory, and what was kept with it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0) return;
        lock (_kept)
        {
            foreach (var kept in _kept.Values) kept.Dispose();
            _kept.Clear();
        }

        _arena.Free();
    }

    /// <summary>What is kept with the memtable under a key, made if it is not there. The caller holds the memtable.</summary>
    public T Keep<T>(object key, Func<T> make)
        where T : class, IDisposable
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out var kept)) return (T)kept;
            var made = make();
            _kept.Add(key, made);
            return made;
        }
    }

    /// <summary>Adds a version; its sequence is greater than any before. Becomes visible to readers whose bound includes it.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind, ulong sequence)
    {
        Span<uint> before = stackalloc uint[MaxHeight];
        if (_last[0] != _head && IsBehindAll(key)) _last.AsSpan().CopyTo(before);
        else FindBefore(key, ulong.MaxValue, before);
        Insert(before, NextHeight(), key, value, kind, sequence);
    }

    /// <summary>Links a new node behind the last nodes before it, which are given for the levels that the list has.</summary>
    private void Insert(Span<uint> before, int height, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind, ulong sequence)
    {
        for (var level = _height; level < height; level++) before[level] = _head;
        if (height > _height) Volatile.Write(ref _height, height);
        var keyAt = LinksAt + height * sizeof(uint) + (kind.Expiry > 0 ? sizeof(ulong) : 0);
        var size = checked(keyAt + key.Length + value.Length);
        var node = _arena.Allocate(size);
        var start = _arena.At(node);
        *(ulong*)start = sequence;
        *(ulong*)(start + PrefixAt) = Prefix(key);
        *(ushort*)(start + KeyLengthAt) = (ushort)key.Length;
        start[HeightAt] = (byte)height;
        start[FlagsAt] = (byte)((kind.IsTombstone ? TombstoneFlag : 0) | (kind.Expiry > 0 ? ExpiresFlag : 0));
        *(int*)(start + ValueLengthAt) = value.Length;
        *(uint*)(start + NextArrivedAt) = None;
        if (kind.Expiry > 0) Unsafe.WriteUnaligned(start + keyAt - sizeof(ulong), kind.Expiry);
        key.CopyTo(new Span<byte>(start + keyAt, key.Length));
        value.CopyTo(new Span<byte>(start + keyAt + key.Length, value.Length));
        for (var level = 0; level < height; level++)
        {
            var next = Link(before[level], level);
            *((uint*)(start + LinksAt) + level) = next;
            if (next == None) _last[level] = node;
        }

        for (var level = 0; level < height; level++) Volatile.Write(ref *LinkOf(before[level], level), node);
        Volatile.Write(ref *(uint*)(_arena.At(_lastArrived) + NextArrivedAt), node);
        _lastArrived = node;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The newest version of a key up to a sequence.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, ulong sequence, out ReadOnlySpan<byte> value, out EntryKind kind)
    {
        var node = FindFirst(key, sequence);
        if (node != None && KeyOf(node).SequenceEqual(key))
        {
            value = ValueOf(node);
            kind = KindOf(node);
            return true;
        }

        value = default;
        kind = default;
        return false;
    }

    /// <summary>The first node at or behind the version of a key; zero when there is none.</summary>
    internal uint FindFirst(ReadOnlySpan<byte> key, ulong sequence)
    {
        Span<uint> before = stackalloc uint[MaxHeight];
        return FindBefore(key, sequence, before);
    }

    /// <summary>The last node whose key is less; zero when there is none.</summary>
    internal uint FindLastBefore(ReadOnlySpan<byte> key)
    {
        Span<uint> before = stackalloc uint[MaxHeight];
        FindBefore(key, ulong.MaxValue, before);
        return before[0] == _head ? None : before[0];
    }

    internal uint FindLast()
    {
        var node = _head;
        for (var level = MaxHeight - 1; level >= 0; level--)
            for (var next = Link(node, level); next != None; next = Link(node, level)) node = next;
        return node == _head ? None : node;
    }

    internal uint First() => Link(_head, 0);

    internal uint Next(uint node) => Link(node, 0);

    /// <summary>The node that came behind one, or the first for zero; zero when none has come yet. Their sequences ascend.</summary>
    internal uint NextArrived(uint node) => Volatile.Read(ref *(uint*)(_arena.At(node == None ? _head : node) + NextArrivedAt));

    internal ulong SequenceOf(uint node) => *(ulong*)_arena.At(node);

    internal EntryKind KindOf(uint node)
    {
        var start = _arena.At(node);
        if ((start[FlagsAt] & TombstoneFlag) != 0) return EntryKind.Tombstone;
        return EntryKind.Value((start[FlagsAt] & ExpiresFlag) == 0 ? 0 : Unsafe.ReadUnaligned<ulong>(start + KeyAt(start) - sizeof(ulong)));
    }

    internal ReadOnlySpan<byte> KeyOf(uint node)
    {
        var start = _arena.At(node);
        return new ReadOnlySpan<byte>(start + KeyAt(start), *(ushort*)(start + KeyLengthAt));
    }

    internal ReadOnlySpan<byte> ValueOf(uint node)
    {
        var start = _arena.At(node);
        return new ReadOnlySpan<byte>(start + KeyAt(start) + *(ushort*)(start + KeyLengthAt), *(int*)(start + ValueLengthAt));
    }

    private static int KeyAt(byte* start) => LinksAt + start[HeightAt] * sizeof(uint) + (start[FlagsAt] & ExpiresFlag) * (sizeof(ulong) / ExpiresFlag);

    private static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong)) return BinaryPrimitives.ReadUInt64BigEndian(key);
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }

    /// <summary>
    /// On each level the last node before (key, sequence); versions of greater sequence come first. Returns the node behind on the lowest
    /// level, as it was compared: what the link holds later may be a version that was added meanwhile.
    /// </summary>
    private uint FindBefore(ReadOnlySpan<byte> key, ulong sequence, Span<uint> before)
    {
        var prefix = Prefix(key);
        var node = _head;
        var behind = None;
        for (var level = Volatile.Read(ref _height) - 1; level >= 0; level--)
        {
            // A node that a higher level found too great is not compared again.
            var next = Link(node, level);
            while (next != None && next != behind && IsBefore(next, prefix, key, sequence))
            {
                node = next;
                next = Link(node, level);
            }

            before[level] = node;
            behind = next;
        }

        return behind;
    }

    private bool IsBefore(uint node, ulong prefix, ReadOnlySpan<byte> key, ulong sequence)
    {
        var start = _arena.At(node);
        var own = *(ulong*)(start + PrefixAt);
        if (own != prefix) return own < prefix;
        var order = KeyOf(node).SequenceCompareTo(key);
        return order < 0 || (order == 0 && *(ulong*)start > sequence);
    }

    private bool IsBehindAll(ReadOnlySpan<byte> key)
    {
        var own = *(ulong*)(_arena.At(_last[0]) + PrefixAt);
        var prefix = Prefix(key);
        return own != prefix ? own < prefix : KeyOf(_last[0]).SequenceCompareTo(key) < 0;
    }

    private uint Link(uint node, int level) => Volatile.Read(ref *LinkOf(node, level));

    private uint* LinkOf(uint node, int level) => (uint*)(_arena.At(node) + LinksAt) + level;

    /// <summary>Each level holds a quarter of the one below. The sequence of heights is fixed: it needs no luck, only balance.</summary>
    private int NextHeight()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return Math.Min(MaxHeight, 1 + int.TrailingZeroCount((int)_random) / 2);
    }
}

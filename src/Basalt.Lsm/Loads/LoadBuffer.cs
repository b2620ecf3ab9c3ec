using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Loads;

/// <summary>
/// Entries in any order, to be read in the order of their keys. Native memory of a fixed size: entries grow from its beginning, each its head
/// (key length, value length, expiry) and its bytes; the order takes what is left behind them. One thread.
/// </summary>
internal sealed unsafe class LoadBuffer : IDisposable
{
    private const int HeadSize = 16;

    /// <summary>What an entry needs for the order: eight bytes of its key and its place, twice while they are sorted.</summary>
    private const int OrderSize = 2 * (sizeof(ulong) + sizeof(int));

    private readonly NativeBytes _memory;
    private int _used;
    private int _last;
    private bool _isAscending = true;

    public LoadBuffer(int size) => _memory = new NativeBytes(size);

    public int Count { get; private set; }

    /// <summary>Adds an entry; false when there is no room for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong expiry)
    {
        var size = HeadSize + key.Length + value.Length;
        // The order is aligned to eight bytes, wherever the entries end.
        if (_memory.Size - (long)_used - size < sizeof(ulong) + OrderSize * (Count + 1L)) return false;
        if (Count > 0 && _isAscending && KeyAt(_last).SequenceCompareTo(key) >= 0) _isAscending = false;
        var head = _memory.Start + _used;
        Unsafe.WriteUnaligned(head, key.Length);
        Unsafe.WriteUnaligned(head + 4, value.Length);
        Unsafe.WriteUnaligned(head + 8, expiry);
        key.CopyTo(new Span<byte>(head + HeadSize, key.Length));
        value.CopyTo(new Span<byte>(head + HeadSize + key.Length, value.Length));
        _last = _used;
        _used += size;
        Count++;
        return true;
    }

    /// <summary>The entries in ascending order of keys, each key once, with the value that was added last. Valid until <see cref="Clear"/>.</summary>
    public LoadCursor Sorted()
    {
        var keys = (ulong*)(_memory.Start + ((_used + 7) & ~7));
        var places = (int*)(keys + 2 * Count);
        Locate(new Span<int>(places, Count));
        if (!_isAscending) Sort(new Span<ulong>(keys, 2 * Count), new Span<int>(places, 2 * Count));
        return new LoadCursor(this, places, Count);
    }

    public void Clear() => (_used, _last, Count, _isAscending) = (0, 0, 0, true);

    public void Dispose() => _memory.Dispose();

    internal ReadOnlySpan<byte> KeyAt(int place) => new(_memory.Start + place + HeadSize, Number(place));

    internal ReadOnlySpan<byte> ValueAt(int place) => new(_memory.Start + place + HeadSize + Number(place), Number(place + 4));

    internal EntryKind KindAt(int place) => EntryKind.Value(Unsafe.ReadUnaligned<ulong>(_memory.Start + place + 8));

    /// <summary>Tells the processor that an entry is about to be read: two lines of its cache, which hold a small one.</summary>
    internal void Prefetch(int place)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(_memory.Start + place);
        Sse.Prefetch0(_memory.Start + place + 64);
    }

    private int Number(int place) => Unsafe.ReadUnaligned<int>(_memory.Start + place);

    private void Locate(Span<int> places)
    {
        var place = 0;
        foreach (ref var located in places)
        {
            located = place;
            place += HeadSize + Number(place) + Number(place + 4);
        }
    }

    /// <summary>By the first eight bytes behind what all keys have in common; where those are equal, by all bytes, then as they were added.</summary>
    private void Sort(Span<ulong> keys, Span<int> places)
    {
        var spareKeys = keys[Count..];
        var sparePlaces = places[Count..];
        keys = keys[..Count];
        places = places[..Count];
        var shared = SharedPrefix(places);
        for (var i = 0; i < keys.Length; i++) keys[i] = Prefix(KeyAt(places[i])[shared..]);
        RadixSort.Sort(keys, places, spareKeys, sparePlaces);
        for (var first = 0; first < keys.Length;)
        {
            var end = first + 1;
            while (end < keys.Length && keys[end] == keys[first]) end++;
            if (end - first > 1) places[first..end].Sort(CompareKeys);
            first = end;
        }
    }

    private int CompareKeys(int left, int right)
    {
        var order = KeyAt(left).SequenceCompareTo(KeyAt(right));
        return order != 0 ? order : left.CompareTo(right);
    }

    private int SharedPrefix(ReadOnlySpan<int> places)
    {
        var first = KeyAt(places[0]);
        var shared = first.Length;
        foreach (var place in places)
        {
            shared = first[..shared].CommonPrefixLength(KeyAt(place));
            if (shared == 0) break;
        }

        return shared;
    }

    /// <summary>Eight bytes as a number of the same order; a shorter key is filled up with zeros, and then equals some that are not it.</summary>
    private static ulong Prefix(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong)) return BinaryPrimitives.ReadUInt64BigEndian(key);
        Span<byte> filled = stackalloc byte[sizeof(ulong)];
        filled.Clear();
        key.CopyTo(filled);
        return BinaryPrimitives.ReadUInt64BigEndian(filled);
    }
}

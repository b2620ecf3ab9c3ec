using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Basalt.Engine.Terms;

/// <summary>A term while an index is built: where its text is, where its postings are, and the last of them.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TermEntry
{
    internal uint Hash;
    internal uint Text;
    internal byte Length;
    internal int Ordinal;
    internal int Position;
    internal int Frequency;
    internal int Documents;
    internal long Occurrences;
    internal SliceList Postings;
    internal SliceList Positions;
}

/// <summary>The distinct terms of an index that is built: an open hash table over an array of entries, their bytes in chunks. One thread.</summary>
internal sealed class TermTable
{
    private const int ChunkBits = 16;
    private const int ChunkBytes = 1 << ChunkBits;
    private const int MostChunks = 1 << (32 - ChunkBits);

    private readonly List<byte[]> _chunks = [];
    private TermEntry[] _entries = new TermEntry[16];
    private int[] _slots = new int[32];
    private int _used = ChunkBytes;

    /// <summary>How many terms there are.</summary>
    public int Count { get; private set; }

    /// <summary>What it holds.</summary>
    public long Bytes => (long)_chunks.Count * ChunkBytes + (long)_entries.Length * Unsafe.SizeOf<TermEntry>() + (long)_slots.Length * sizeof(int);

    public ref TermEntry this[int number] => ref _entries[number];

    /// <summary>The entry of a term, a new one if there was none. Valid until the next call.</summary>
    public ref TermEntry Find(ReadOnlySpan<byte> term)
    {
        var hash = Hash(term);
        for (var slot = hash & (uint)(_slots.Length - 1); ; slot = (slot + 1) & (uint)(_slots.Length - 1))
        {
            var number = _slots[slot] - 1;
            if (number < 0)
            {
                _slots[slot] = Count + 1;
                return ref Add(term, hash);
            }

            ref var entry = ref _entries[number];
            if (entry.Hash == hash && TextOf(entry).SequenceEqual(term)) return ref entry;
        }
    }

    public ReadOnlySpan<byte> TextOf(in TermEntry entry) => _chunks[(int)(entry.Text >> ChunkBits)].AsSpan((int)(entry.Text & (ChunkBytes - 1)), entry.Length);

    /// <summary>The numbers of all terms, in the order of their bytes.</summary>
    public int[] Sorted()
    {
        // Most terms differ in the first eight bytes; comparing those alone spares the walk to the text.
        var (keys, numbers) = (new ulong[Count], new int[Count]);
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < Count; i++)
        {
            start.Clear();
            var text = TextOf(_entries[i]);
            text[..Math.Min(text.Length, start.Length)].CopyTo(start);
            (keys[i], numbers[i]) = (BinaryPrimitives.ReadUInt64BigEndian(start), i);
        }

        Array.Sort(keys, numbers);
        for (int from = 0, to; from < Count; from = to)
        {
            for (to = from + 1; to < Count && keys[to] == keys[from];) to++;
            if (to - from > 1) numbers.AsSpan(from, to - from).Sort((a, b) => TextOf(_entries[a]).SequenceCompareTo(TextOf(_entries[b])));
        }

        return numbers;
    }

    private ref TermEntry Add(ReadOnlySpan<byte> term, uint hash)
    {
        if (_used + term.Length > ChunkBytes)
        {
            if (_chunks.Count == MostChunks) throw new InvalidOperationException("The terms of one table exceed 4 GiB. Make tables smaller.");
            _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
            _used = 0;
        }

        var text = (uint)((_chunks.Count - 1) << ChunkBits | _used);
        term.CopyTo(_chunks[^1].AsSpan(_used));
        _used += term.Length;
        if (Count == _entries.Length) Array.Resize(ref _entries, checked(Count * 2));
        var number = Count++;
        _entries[number] = new TermEntry { Hash = hash, Text = text, Length = (byte)term.Length, Ordinal = -1 };
        if (Count > _slots.Length / 2) Grow();
        return ref _entries[number];
    }

    private void Grow()
    {
        _slots = new int[checked(_slots.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            var slot = _entries[i].Hash & (uint)(_slots.Length - 1);
            while (_slots[slot] != 0) slot = (slot + 1) & (uint)(_slots.Length - 1);
            _slots[slot] = i + 1;
        }
    }

    // FNV-1a with a last mix, as only the low bits choose the slot.
    private static uint Hash(ReadOnlySpan<byte> term)
    {
        var hash = 2166136261;
        foreach (var b in term) hash = (hash ^ b) * 16777619;
        hash ^= hash >> 15;
        return hash * 0x2C1B3C6D ^ hash >> 12;
    }
}

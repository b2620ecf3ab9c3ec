using System.Buffers.Binary;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>Where a stored block lies, and the ordinal of its first entry; for a leaf of the index also the length of the filter before it.</summary>
internal readonly record struct BlockPlace(long Offset, int Length, long FirstOrdinal, int FilterLength = 0)
{
    public long End => Offset + Length;
}

/// <summary>
/// Blocks by the last key below each, searched as they lie on disk. A leaf lists the data blocks of one partition of a table, the root its
/// leaves. The bytes: an entry per block (offset 8, first ordinal 8, length 4, filter length 4, last key), then the place of each entry
/// (4 bytes), then their count (4). Normative: docs/formats/table.md.
/// </summary>
internal readonly ref struct BlockIndex
{
    private const int FixedSize = 24;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _places;

    /// <summary>Over bytes that <see cref="IsSound"/> has found good.</summary>
    public BlockIndex(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Count = BinaryPrimitives.ReadInt32LittleEndian(bytes[^4..]);
        _places = bytes.Length - 4 - Count * 4;
    }

    public int Count { get; }

    public BlockPlace this[int index]
    {
        get
        {
            var entry = _bytes[(int)PlaceOf(index)..];
            return new BlockPlace(BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[16..]), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[20..]));
        }
    }

    /// <summary>
    /// Whether the bytes are an index, not empty, of blocks that lie one behind the other between two places of the file, each behind its
    /// filter, and whose ordinals ascend from the first one to below the last.
    /// </summary>
    public static bool IsSound(ReadOnlySpan<byte> bytes, long from, long to, long firstOrdinal, long endOrdinal, bool isRoot)
    {
        if (bytes.Length < 4) return false;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
        if (count == 0 || count > (uint)(bytes.Length - 4) / (4 + FixedSize)) return false;
        var index = new BlockIndex(bytes);
        var (place, at, ordinal) = (0L, from, firstOrdinal - 1);
        for (var i = 0; i < index.Count; i++)
        {
            if (index.PlaceOf(i) != place) return false;
            place = index.PlaceOf(i + 1);
            if (place < index.PlaceOf(i) + FixedSize || place > index._places) return false;
            var block = index[i];
            if (block.FirstOrdinal <= ordinal || block.Length < Envelope.TailSize || block.FilterLength < 0) return false;
            // Data lies between the leaves that a root lists; the blocks that a leaf lists touch each other.
            if (isRoot ? block.Offset - block.FilterLength <= at : block.Offset != at || block.FilterLength != 0) return false;
            if (block.Offset > to || block.End > to) return false;
            at = block.End;
            ordinal = block.FirstOrdinal;
        }

        return at == to && place == index._places && index[0].FirstOrdinal == firstOrdinal && ordinal < endOrdinal;
    }

    public ReadOnlySpan<byte> LastKey(int index) => _bytes[((int)PlaceOf(index) + FixedSize)..(int)PlaceOf(index + 1)];

    /// <summary>The first block that can hold the key; the count when none can.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (LastKey(middle).SequenceCompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The block that holds an ordinal of the table. It is looked for where it would be if all had as many entries, as they nearly do: each place that is looked at is waited for.</summary>
    /// <param name="ordinal">One that the blocks hold.</param>
    /// <param name="end">The ordinal behind the last one of the last block.</param>
    public int FindOrdinal(long ordinal, long end)
    {
        const int mostGuesses = 4;
        var (low, high) = (0, Count - 1);
        var from = FirstOrdinal(0);
        for (var guesses = 0; low < high; guesses++)
        {
            var place = guesses < mostGuesses ? low + (int)((double)(ordinal - from) / (end - from) * (high - low + 1)) : (low + high + 1) / 2;
            var middle = Math.Clamp(place, low + 1, high);
            var first = FirstOrdinal(middle);
            if (first <= ordinal) (low, from) = (middle, first);
            else (high, end) = (middle - 1, first);
        }

        return low;
    }

    private long FirstOrdinal(int index) => BinaryPrimitives.ReadInt64LittleEndian(_bytes[((int)PlaceOf(index) + sizeof(long))..]);

    private long PlaceOf(int index) => index == Count ? _places : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(_places + index * 4)..]);

    /// <summary>Collects the entries of an index.</summary>
    internal sealed class Builder
    {
        private readonly ByteBuffer _entries = new();
        private readonly List<int> _places = [];

        public int Count => _places.Count;

        public int Size => _entries.Length + _places.Count * 4 + 4;

        public void Add(BlockPlace block, ReadOnlySpan<byte> lastKey)
        {
            _places.Add(_entries.Length);
            _entries.AddUInt64((ulong)block.Offset);
            _entries.AddUInt64((ulong)block.FirstOrdinal);
            _entries.AddUInt32((uint)block.Length);
            _entries.AddUInt32((uint)block.FilterLength);
            _entries.Add(lastKey);
        }

        /// <summary>The bytes of the index. Valid until <see cref="Clear"/>.</summary>
        public ReadOnlySpan<byte> Finish()
        {
            foreach (var place in _places) _entries.AddUInt32((uint)place);
            _entries.AddUInt32((uint)_places.Count);
            return _entries.Written;
        }

        public void Clear()
        {
            _entries.Clear();
            _places.Clear();
        }
    }
}

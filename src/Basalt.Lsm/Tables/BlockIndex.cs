using System.Buffers.Binary;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>Where a block lies, and the ordinal of its first entry.</summary>
internal readonly record struct BlockPlace(long Offset, int Length, long FirstOrdinal);

/// <summary>
/// The blocks of a table by their last keys. The bytes: an entry per block (offset 8, first ordinal 8, length 4, last key), then the place of each
/// entry (4 bytes), then their count (4). It is searched as it lies on disk.
/// </summary>
internal sealed class BlockIndex
{
    private const int FixedSize = 20;
    private readonly byte[] _bytes;
    private readonly int _places;

    /// <summary>Checks that the blocks follow each other without gap up to the end of the data.</summary>
    public BlockIndex(byte[] bytes, long dataLength, long entryCount, string file, long offset)
    {
        _bytes = bytes;
        LsmException Damage() => LsmException.Corrupt(file, offset, "the block index contradicts its table");
        if (bytes.Length < 4) throw Damage();
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4));
        if (count > (uint)(bytes.Length - 4) / (4 + FixedSize)) throw Damage();
        Count = (int)count;
        _places = bytes.Length - 4 - Count * 4;
        var (place, at, ordinal) = (0L, 0L, 0L);
        for (var i = 0; i < Count; i++)
        {
            if (PlaceOf(i) != place) throw Damage();
            place = PlaceOf(i + 1);
            if (place < PlaceOf(i) + FixedSize || place > _places) throw Damage();
            var block = this[i];
            if (block.Offset != at || block.Length < BlockFormat.TailSize || (i == 0 ? block.FirstOrdinal != 0 : block.FirstOrdinal <= ordinal)) throw Damage();
            at += block.Length;
            ordinal = block.FirstOrdinal;
        }

        if (at != dataLength || place != _places || (Count == 0) != (entryCount == 0) || (Count > 0 && ordinal >= entryCount)) throw Damage();
    }

    public int Count { get; }

    public long Bytes => _bytes.Length;

    public BlockPlace this[int index]
    {
        get
        {
            var entry = _bytes.AsSpan((int)PlaceOf(index));
            return new BlockPlace(BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[16..]), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
        }
    }

    public ReadOnlySpan<byte> LastKey(int index) => _bytes.AsSpan((int)PlaceOf(index) + FixedSize, (int)(PlaceOf(index + 1) - PlaceOf(index)) - FixedSize);

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

    /// <summary>The block that holds an ordinal of the table.</summary>
    public int FindOrdinal(long ordinal)
    {
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (this[middle].FirstOrdinal <= ordinal) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private long PlaceOf(int index) => index == Count ? _places : BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_places + index * 4));

    /// <summary>Collects the entries of an index.</summary>
    internal sealed class Builder
    {
        private readonly ByteBuffer _entries = new();
        private readonly List<int> _places = [];

        public void Add(BlockPlace block, ReadOnlySpan<byte> lastKey)
        {
            _places.Add(_entries.Length);
            _entries.AddUInt64((ulong)block.Offset);
            _entries.AddUInt64((ulong)block.FirstOrdinal);
            _entries.AddUInt32((uint)block.Length);
            _entries.Add(lastKey);
        }

        public ReadOnlySpan<byte> Finish()
        {
            foreach (var place in _places) _entries.AddUInt32((uint)place);
            _entries.AddUInt32((uint)_places.Count);
            return _entries.Written;
        }
    }
}

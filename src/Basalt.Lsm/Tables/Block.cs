using System.Buffers;
using System.Buffers.Binary;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>The content of a data block, searched in place.</summary>
internal readonly ref struct Block
{
    private readonly ReadOnlySpan<byte> _entries;
    private readonly ReadOnlySpan<byte> _restarts;
    private readonly string _file;
    private readonly long _offset;

    /// <summary>The content, whose checksum held; the place is named in errors.</summary>
    public Block(ReadOnlySpan<byte> content, string file, long offset)
    {
        (_file, _offset) = (file, offset);
        if (content.Length < BlockFormat.TailSize) throw Damage("a block is too short");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(content[^4..]);
        if (count > (uint)(content.Length - 4) / 4) throw Damage("a block has more restart points than room");
        _restarts = content[^(4 + (int)count * 4)..^4];
        _entries = content[..^(4 + (int)count * 4)];
        if (count == 0 && _entries.Length > 0) throw Damage("a block has entries and no restart point");
    }

    public int RestartCount => _restarts.Length / 4;

    public ReadOnlySpan<byte> Entries => _entries;

    public int Restart(int index)
    {
        var place = BinaryPrimitives.ReadUInt32LittleEndian(_restarts[(index * 4)..]);
        return place < (uint)_entries.Length ? (int)place : throw Damage("a restart point lies behind the entries");
    }

    /// <summary>The value of a key, and its place among the entries.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out EntryKind kind, out int index)
    {
        value = default;
        kind = default;
        index = 0;
        if (RestartCount == 0) return false;
        var (low, high) = (0, RestartCount - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (KeyAt(middle).SequenceCompareTo(key) <= 0) low = middle;
            else high = middle - 1;
        }

        index = low * BlockFormat.RestartInterval;
        // How much of the wanted key the entry before, which is less, shares with it: entries need no rebuilt keys to be compared.
        var common = 0;
        for (var entry = new EntryReader(_entries, Restart(low)); entry.Read(this); index++)
        {
            if (entry.Shared > common) continue;
            if (entry.Shared < common) return false;
            var rest = key[common..];
            var same = rest.CommonPrefixLength(entry.Rest);
            common += same;
            if (same == rest.Length && same == entry.Rest.Length)
            {
                value = entry.Value;
                kind = entry.Kind;
                return true;
            }

            if (same == rest.Length || (same < entry.Rest.Length && entry.Rest[same] > rest[same])) return false;
        }

        return false;
    }

    /// <summary>The value of the entry at a place; its key goes to the destination.</summary>
    public ReadOnlySpan<byte> ReadAt(long index, IBufferWriter<byte> key, out EntryKind kind)
    {
        var restart = index / BlockFormat.RestartInterval;
        if (restart >= RestartCount) throw Damage("a block contradicts the index");
        var first = Restart((int)restart);
        var steps = (int)(index % BlockFormat.RestartInterval);
        var (longest, length) = (0, 0);
        var entry = new EntryReader(_entries, first);
        for (var i = 0; i <= steps; i++)
        {
            if (!entry.Read(this)) throw Damage("a block contradicts the index");
            if (entry.Shared > length) throw Damage("an entry shares more than there is");
            length = entry.Shared + entry.Rest.Length;
            longest = Math.Max(longest, length);
        }

        var value = entry.Value;
        kind = entry.Kind;
        if (length == 0) return value;
        // The key grows in its destination, entry by entry from the restart point on.
        var room = key.GetSpan(longest);
        entry = new EntryReader(_entries, first);
        for (var i = 0; i <= steps && entry.Read(this); i++) entry.Rest.CopyTo(room[entry.Shared..]);
        key.Advance(length);
        return value;
    }

    private ReadOnlySpan<byte> KeyAt(int restart)
    {
        var entry = new EntryReader(_entries, Restart(restart));
        return entry.Read(this) && entry.Shared == 0 ? entry.Rest : throw Damage("a restart point shares a prefix");
    }

    public LsmException Damage(string what) => LsmException.Corrupt(_file, _offset, what);
}

/// <summary>Walks the entries of a block from a restart point on.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> entries, int place)
{
    private ByteReader _reader = new(entries[place..]);

    /// <summary>Behind the entry, counted from where the reading began.</summary>
    public readonly int Position => _reader.Position;

    public int Shared { get; private set; }

    public ReadOnlySpan<byte> Rest { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public EntryKind Kind { get; private set; }

    public bool Read(in Block block)
    {
        if (_reader.IsAtEnd) return false;
        var shared = _reader.ReadVarint();
        var rest = _reader.ReadVarint();
        var value = _reader.ReadVarint();
        Kind = value == 0 ? EntryKind.Tombstone : EntryKind.Value((value & 1) == 0 ? _reader.ReadVarint() : 0);
        Rest = _reader.Take(rest);
        Value = value == 0 ? default : _reader.Take((value - 1) / 2);
        if (!_reader.IsSound || shared + rest > WriteBatch.MaxKeyBytes || shared > WriteBatch.MaxKeyBytes || Kind.Expiry > EntryKind.MaxExpiry) throw block.Damage("an entry does not fit its block");
        Shared = (int)shared;
        return true;
    }
}

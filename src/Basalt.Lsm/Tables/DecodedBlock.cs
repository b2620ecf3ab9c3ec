namespace Basalt.Lsm.Tables;

/// <summary>The entries of a block with whole keys, for walking in both directions. Reused from block to block; values stay in the block's bytes.</summary>
internal sealed class DecodedBlock
{
    private byte[] _bytes = [];
    private byte[] _keys = [];
    private Place[] _places = [];

    public int Count { get; private set; }

    /// <summary>Where the content of the next block is read to; it may be replaced by a larger array.</summary>
    public ref byte[] Bytes => ref _bytes;

    public ReadOnlySpan<byte> Key(int index) => _keys.AsSpan(_places[index].KeyAt, _places[index].KeyLength);

    public ReadOnlySpan<byte> Value(int index) => _bytes.AsSpan(_places[index].ValueAt, _places[index].ValueLength);

    public EntryKind Kind(int index) => _places[index].Kind;

    /// <summary>Decodes the first bytes as the content of a block; keys that do not ascend are damage.</summary>
    public void Decode(int length, string file, long offset)
    {
        var block = new Block(_bytes.AsSpan(0, length), file, offset);
        Count = 0;
        var (used, lastAt, lastLength) = (0, 0, 0);
        for (var entry = new EntryReader(block.Entries, 0); entry.Read(block);)
        {
            var isRestart = Count % BlockFormat.RestartInterval == 0;
            if (entry.Shared > lastLength || (isRestart && (entry.Shared != 0 || Count / BlockFormat.RestartInterval >= block.RestartCount))) throw block.Damage("an entry shares more than there is");
            var keyLength = entry.Shared + entry.Rest.Length;
            if (_keys.Length < used + keyLength) Array.Resize(ref _keys, Math.Max(used + keyLength, _keys.Length * 2));
            var key = _keys.AsSpan(used, keyLength);
            var last = _keys.AsSpan(lastAt, lastLength);
            last[..entry.Shared].CopyTo(key);
            entry.Rest.CopyTo(key[entry.Shared..]);
            if (Count > 0 && last.SequenceCompareTo(key) >= 0) throw block.Damage("the keys of a block do not ascend");
            if (_places.Length == Count) Array.Resize(ref _places, Math.Max(64, Count * 2));
            _places[Count++] = new Place(used, keyLength, entry.Position - entry.Value.Length, entry.Value.Length, entry.Kind);
            (lastAt, lastLength, used) = (used, keyLength, used + keyLength);
        }

        if (Count == 0 || block.RestartCount != (Count + BlockFormat.RestartInterval - 1) / BlockFormat.RestartInterval) throw block.Damage("a block has another number of restart points than its entries need");
    }

    /// <summary>The first entry whose key is not less; the count when all are.</summary>
    public int LowerBound(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Key(middle).SequenceCompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private readonly record struct Place(int KeyAt, int KeyLength, int ValueAt, int ValueLength, EntryKind Kind);
}

using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

/// <summary>What a table is written with.</summary>
internal sealed record TableSettings(uint Keyspace, int BlockBytes, int FilterBitsPerKey, IReadOnlyList<ISidecar> Sidecars)
{
    public TableCompression Compression { get; init; }

    /// <summary>What the builders of the sidecars are told.</summary>
    public SidecarContext Context { get; init; } = new("", long.MaxValue, [], null, new MemoryBudget(1L << 40), null, default);
}

/// <summary>
/// Writes a table out of entries in ascending order of keys, each key once. Abandoned without <see cref="Finish"/>, the file means nothing.
/// Memory does not grow with the table, but for the root of its index: filters and leaves are written behind the data that they are of.
/// </summary>
internal sealed class TableWriter : IDisposable
{
    /// <summary>What its buffers take, about.</summary>
    private const long Buffers = 1 << 20;
    private const int MostKeysOfPartition = 8192;
    private const int LeafBytes = 4096;

    private readonly MemoryBudget _memory;
    private readonly TableFile _file;
    private readonly TableSettings _settings;
    private readonly FileCipher? _cipher;
    private readonly BlockBuilder _block = new();
    private readonly BlockIndex.Builder _leaf = new();
    private readonly BlockIndex.Builder _root = new();
    private readonly ByteBuffer _stored = new(8192);
    private readonly List<ulong> _hashes = [];
    private readonly ExpiryProfile _expiry = new();
    private readonly List<(ISidecar Sidecar, ISidecarBuilder Builder)> _builders;
    private byte[]? _minKey;
    private byte[] _maxKey = [];
    private long _tombstones;
    private long _blockOrdinal;
    private long _leafOrdinal;

    public TableWriter(TableResources resources, string path, TableSettings settings)
    {
        (_memory, _settings) = (resources.Memory, settings);
        _builders = [.. settings.Sidecars.Where(static sidecar => !sidecar.IsDeferred).Select(sidecar => (sidecar, sidecar.Begin(settings.Context)))];
        _cipher = resources.Keys is null ? null : FileCipher.Create(resources.Keys);
        try
        {
            _file = new TableFile(resources.Disk.Create(path));
        }
        catch
        {
            _cipher?.Dispose();
            throw;
        }

        _memory.Take(MemoryUse.Builds, Buffers);
    }

    public long Entries { get; private set; }

    /// <summary>How many bytes the file has so far.</summary>
    public long Length => _file.Length;

    /// <summary>Whether anybody asks where an entry comes from.</summary>
    public bool HasSidecars => _builders.Count > 0;

    /// <summary>Adds an entry, which comes from a place of one of the tables that are merged, or from none.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind, int input = -1, long inputOrdinal = -1)
    {
        _minKey ??= key.ToArray();
        _block.Add(key, value, kind);
        if (_settings.FilterBitsPerKey > 0) _hashes.Add(BloomFilter.Hash(key));
        foreach (var (_, builder) in _builders) builder.Add(new TableEntry(Entries, key, value, kind, input, inputOrdinal));
        _expiry.Add(kind, key.Length + value.Length);
        Entries++;
        if (kind.IsTombstone) _tombstones++;
        if (_block.Size >= _settings.BlockBytes) CloseBlock();
    }

    /// <summary>Writes the root, sections, meta and footer; the content is durable afterwards, the name not yet.</summary>
    public void Finish(ulong number)
    {
        if (_block.Count > 0) CloseBlock();
        if (_leaf.Count > 0) ClosePartition();
        var dataLength = _file.Length;
        var (offset, length) = Store(_root.Finish(), BlockRole.Root, TableCompression.None);
        var sections = new List<Section> { new(SectionKind.Index, "", offset, length, Crc32C.Of(_stored.Written)) };
        foreach (var (sidecar, builder) in _builders) sections.Add(AddSidecar(sidecar, builder));
        new TableMeta
        {
            Keyspace = _settings.Keyspace,
            Entries = Entries,
            Tombstones = _tombstones,
            DataLength = dataLength,
            Expiring = _expiry.Count,
            ExpiryHalf = _expiry.Half(),
            MinKey = _minKey ?? [],
            MaxKey = _maxKey,
            Sections = sections,
        }.Write(_file, number, _cipher);
        _file.Sync();
    }

    private void CloseBlock()
    {
        if (_maxKey.Length != _block.LastKey.Length) _maxKey = new byte[_block.LastKey.Length];
        _block.LastKey.CopyTo(_maxKey);
        var (offset, length) = Store(_block.Finish(), BlockRole.Data, _settings.Compression);
        _leaf.Add(new BlockPlace(offset, length, _blockOrdinal), _maxKey);
        _blockOrdinal = Entries;
        _block.Clear();
        if (_leaf.Size >= LeafBytes || _hashes.Count >= MostKeysOfPartition) ClosePartition();
    }

    /// <summary>The filter and the leaf of the data blocks since the last partition.</summary>
    private void ClosePartition()
    {
        var filter = _hashes.Count == 0 ? 0 : Store(BloomFilter.Build(_hashes, _settings.FilterBitsPerKey), BlockRole.Filter, TableCompression.None).Length;
        var (offset, length) = Store(_leaf.Finish(), BlockRole.Leaf, _settings.Compression);
        _root.Add(new BlockPlace(offset, length, _leafOrdinal, filter), _maxKey);
        _leafOrdinal = Entries;
        _leaf.Clear();
        _hashes.Clear();
    }

    private (long Offset, int Length) Store(ReadOnlySpan<byte> content, BlockRole role, TableCompression compression)
    {
        var offset = _file.Length;
        _stored.Clear();
        Envelope.Write(_stored, content, compression, _cipher, role, offset);
        _file.Append(_stored.Written);
        return (offset, _stored.Length);
    }

    private Section AddSidecar(ISidecar sidecar, ISidecarBuilder builder)
    {
        _file.Align(TableMeta.Page);
        var offset = _file.Length;
        var writer = new SectionWriter(_file, _cipher);
        builder.Finish(writer);
        writer.Complete();
        return new Section(SectionKind.Sidecar, sidecar.Name, offset, writer.StoredLength, writer.Checksum);
    }

    public void Dispose()
    {
        foreach (var (_, builder) in _builders) (builder as IDisposable)?.Dispose();
        _file.Dispose();
        _cipher?.Dispose();
        _memory.Return(MemoryUse.Builds, Buffers);
    }
}

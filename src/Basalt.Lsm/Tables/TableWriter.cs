using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>What a table is written with.</summary>
internal sealed record TableSettings(uint Keyspace, int BlockBytes, int FilterBitsPerKey, IReadOnlyList<ISidecar> Sidecars);

/// <summary>Writes a table out of entries in ascending order of keys, each key once. Abandoned without <see cref="Finish"/>, the file means nothing.</summary>
internal sealed class TableWriter : IDisposable
{
    private readonly TableFile _file;
    private readonly TableSettings _settings;
    private readonly BlockBuilder _block = new();
    private readonly BlockIndex.Builder _index = new();
    private readonly List<ulong> _hashes = [];
    private readonly List<(ISidecar Sidecar, ISidecarBuilder Builder)> _builders;
    private byte[]? _minKey;
    private byte[] _maxKey = [];
    private long _entries;
    private long _tombstones;
    private long _blockOrdinal;

    public TableWriter(IFileSystem disk, string path, TableSettings settings)
    {
        _settings = settings;
        _builders = [.. settings.Sidecars.Select(static sidecar => (sidecar, sidecar.Begin()))];
        _file = new TableFile(disk.Create(path));
    }

    public long Entries => _entries;

    /// <summary>Bytes of entries so far.</summary>
    public long Length => _file.Length + _block.Size;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        _minKey ??= key.ToArray();
        _block.Add(key, value, isTombstone);
        if (_settings.FilterBitsPerKey > 0) _hashes.Add(BloomFilter.Hash(key));
        foreach (var (_, builder) in _builders) builder.Add(new TableEntry(_entries, key, value, isTombstone));
        _entries++;
        if (isTombstone) _tombstones++;
        if (_block.Size >= _settings.BlockBytes) CloseBlock();
    }

    /// <summary>Writes sections, meta and footer; the content is durable afterwards, the name not yet.</summary>
    public void Finish(ulong number)
    {
        if (_block.Count > 0) CloseBlock();
        var dataLength = _file.Length;
        var sections = new List<Section>();
        if (_hashes.Count > 0) sections.Add(AddSection(SectionKind.Filter, "", BloomFilter.Build(_hashes, _settings.FilterBitsPerKey)));
        sections.Add(AddSection(SectionKind.Index, "", _index.Finish()));
        foreach (var (sidecar, builder) in _builders) sections.Add(AddSidecar(sidecar, builder));
        new TableMeta
        {
            Keyspace = _settings.Keyspace,
            Entries = _entries,
            Tombstones = _tombstones,
            DataLength = dataLength,
            MinKey = _minKey ?? [],
            MaxKey = _maxKey,
            Sections = sections,
        }.Write(_file, number);
        _file.Sync();
    }

    private void CloseBlock()
    {
        _maxKey = _block.LastKey.ToArray();
        var bytes = _block.Finish();
        _index.Add(new BlockPlace(_file.Length, bytes.Length, _blockOrdinal), _maxKey);
        _file.Append(bytes);
        _blockOrdinal = _entries;
        _block.Clear();
    }

    private Section AddSection(SectionKind kind, string name, ReadOnlySpan<byte> bytes)
    {
        var section = new Section(kind, name, _file.Length, bytes.Length, Crc32C.Of(bytes));
        _file.Append(bytes);
        return section;
    }

    private Section AddSidecar(ISidecar sidecar, ISidecarBuilder builder)
    {
        _file.Align(TableMeta.Page);
        var offset = _file.Length;
        var writer = new SectionWriter(_file);
        builder.Finish(writer);
        return new Section(SectionKind.Sidecar, sidecar.Name, offset, writer.Length, writer.Checksum);
    }

    public void Dispose() => _file.Dispose();
}

using System.Buffers;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

/// <summary>
/// An immutable table, open for reading by any thread. Only the root of its index is resident; leaves, filters and data are blocks that
/// come through the cache and are checked when they come from the disk.
/// </summary>
internal sealed partial class Table : SharedFile
{
    private readonly TableResources _resources;
    private readonly FileCipher? _cipher;
    private readonly BlockFile _blocks;
    private readonly byte[] _root;

    private Table(TableResources resources, IReadableFile file, string path, ulong number)
        : base(resources.Disk, file, path, number)
    {
        _resources = resources;
        Meta = TableMeta.Read(file, path, number, resources.Keys, out _cipher);
        try
        {
            _blocks = new BlockFile(file, path, number, _cipher, resources.Cache);
            var section = Meta.Sections.Single(static s => s.Kind == SectionKind.Index);
            byte[] content = [];
            var length = _blocks.Read(new BlockPlace(section.Offset, checked((int)section.Length), 0), BlockRole.Root, ref content);
            _root = content.AsSpan(0, length).ToArray();
            if (!BlockIndex.IsSound(_root, 0, Meta.DataLength, 0, Meta.Entries, isRoot: true)) throw LsmException.Corrupt(path, section.Offset, "the index contradicts its table");
            ResidentBytes = _root.Length + Meta.MinKey.Length + Meta.MaxKey.Length + 1024;
            Sidecars = Meta.Sections.Where(static s => s.Kind == SectionKind.Sidecar).ToDictionary(static s => s.Name, ContentOf, StringComparer.Ordinal);
            resources.Memory.Take(MemoryUse.Tables, ResidentBytes);
        }
        catch
        {
            _cipher?.Dispose();
            throw;
        }
    }

    public TableMeta Meta { get; }

    /// <summary>What it keeps in memory beside cached blocks.</summary>
    public long ResidentBytes { get; }

    /// <summary>The id of the key that it is encrypted under; null: it is not.</summary>
    public string? KeyId => _cipher?.KeyId;

    /// <summary>The sidecars that were written with the table, by name.</summary>
    public IReadOnlyDictionary<string, SectionContent> Sidecars { get; }

    public BlockIndex Root => new(_root);

    public static Table Open(TableResources resources, string path, ulong number)
    {
        IReadableFile file;
        try
        {
            file = resources.Disk.Open(path);
        }
        catch (FileNotFoundException)
        {
            throw LsmException.Missing(path, "the manifest lists this table");
        }

        try
        {
            return new Table(resources, file, path, number);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Looks a key up. The sink is given what is found.</summary>
    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, Moment moment, ref EntrySink sink)
    {
        var root = Root;
        var partition = root.Find(key);
        if (partition == root.Count || !MayContain(root[partition], hash)) return Lookup.Absent;
        BlockPlace place;
        var leaf = ReadLeaf(partition);
        try
        {
            var index = new BlockIndex(leaf.Content);
            place = index[index.Find(key)];
        }
        finally
        {
            leaf.Release();
        }

        var held = _blocks.Read(place, new DataCheck());
        try
        {
            if (!new Block(held.Content, Path, place.Offset).TryFind(key, out var found, out var kind, out var index)) return Lookup.Absent;
            if (moment.IsGone(kind)) return Lookup.Deleted;
            var ordinal = place.FirstOrdinal + index;
            // Whoever is told it takes it for a place in something that has so many.
            if (ordinal >= Meta.Entries) throw LsmException.Corrupt(Path, place.Offset, "a block contradicts the index");
            sink.Take(found, EntryPlace.At(Number, ordinal));
            return Lookup.Found;
        }
        finally
        {
            held.Release();
        }
    }

    /// <summary>Reads the entry at an ordinal of the table, through the cache; false when it is a tombstone, whose key is read too. The value is left out when there is no place for it.</summary>
    public bool ReadAt(long ordinal, IBufferWriter<byte> key, IBufferWriter<byte>? value)
    {
        var place = FindBlock(ordinal, out _);
        var held = _blocks.Read(place, new DataCheck());
        try
        {
            var found = new Block(held.Content, Path, place.Offset).ReadAt(ordinal - place.FirstOrdinal, key, out var kind);
            if (kind.IsTombstone) return false;
            value?.Write(found);
            return true;
        }
        finally
        {
            held.Release();
        }
    }

    /// <summary>The ordinal behind the last one of a partition.</summary>
    public long EndOf(int partition)
    {
        var root = Root;
        return partition + 1 < root.Count ? root[partition + 1].FirstOrdinal : Meta.Entries;
    }

    /// <summary>A leaf of the index, held for the caller.</summary>
    public CachedBlock ReadLeaf(int partition)
    {
        var root = Root;
        return _blocks.Read(root[partition], new LeafCheck(this, partition));
    }

    /// <summary>A leaf of the index for those who walk: nothing enters the cache.</summary>
    public int ReadLeaf(int partition, ref byte[] content)
    {
        var root = Root;
        var length = _blocks.Read(root[partition], BlockRole.Leaf, ref content);
        return new LeafCheck(this, partition).IsSound(content.AsSpan(0, length)) ? length : throw LsmException.Corrupt(Path, root[partition].Offset, "a leaf of the index contradicts the root");
    }

    /// <summary>The filter of a partition; empty when it has none.</summary>
    public byte[] ReadFilter(int partition)
    {
        var root = Root;
        var leaf = root[partition];
        if (leaf.FilterLength == 0) return [];
        byte[] content = [];
        var length = _blocks.Read(FilterOf(leaf), BlockRole.Filter, ref content);
        var filter = content.AsSpan(0, length).ToArray();
        return BloomFilter.IsFilter(filter) ? filter : throw LsmException.Corrupt(Path, leaf.Offset - leaf.FilterLength, "a filter cannot be read");
    }

    public void ReadBlock(BlockPlace place, DecodedBlock block) => block.Decode(_blocks.Read(place, BlockRole.Data, ref block.Bytes), Path, place.Offset);

    /// <summary>The checksum of a section by parts, for those larger than memory.</summary>
    public void CheckSection(Section section, CancellationToken cancellationToken)
    {
        // The index is a block and has been opened; its stored bytes are looked at once more.
        if (section.Kind == SectionKind.Sidecar) Sidecars[section.Name].Check(cancellationToken);
        else new SectionContent(File, PlaceOf(section), cipher: null, _resources.Memory).Check(cancellationToken);
    }

    /// <summary>Footer and meta once more, from the disk.</summary>
    public void CheckMeta()
    {
        TableMeta.Read(File, Path, Number, _resources.Keys, out var cipher);
        cipher?.Dispose();
    }

    /// <summary>The gap before a section must hold zeros.</summary>
    public void CheckGap(long from, long to)
    {
        var gap = ReadExactly(from, new byte[to - from]);
        var at = gap.IndexOfAnyExcept((byte)0);
        if (at >= 0) throw LsmException.Corrupt(Path, from + at, "a gap between sections holds something");
    }

    protected override void Closed()
    {
        _cipher?.Dispose();
        _resources.Memory.Return(MemoryUse.Tables, ResidentBytes);
    }

    private SectionPlace PlaceOf(Section section) =>
        new(Path, section.Kind == SectionKind.Sidecar ? section.Name : "index", section.Offset, section.Length, Math.Max(1, section.Length), section.Length == 0 ? [] : [section.Checksum]);

    private SectionContent ContentOf(Section section) => new(File, PlaceOf(section), _cipher, _resources.Memory);

    private static BlockPlace FilterOf(BlockPlace leaf) => new(leaf.Offset - leaf.FilterLength, leaf.FilterLength, 0);

    private bool MayContain(BlockPlace leaf, ulong hash)
    {
        if (leaf.FilterLength == 0) return true;
        var filter = _blocks.Read(FilterOf(leaf), new FilterCheck());
        try
        {
            return BloomFilter.MayContain(filter.Content, hash);
        }
        finally
        {
            filter.Release();
        }
    }

    /// <summary>The content of data blocks is checked as it is searched.</summary>
    private readonly struct DataCheck : IBlockCheck
    {
        public static BlockRole Role => BlockRole.Data;

        public bool IsSound(ReadOnlySpan<byte> content) => content.Length >= BlockFormat.TailSize;
    }

    private readonly struct FilterCheck : IBlockCheck
    {
        public static BlockRole Role => BlockRole.Filter;

        public bool IsSound(ReadOnlySpan<byte> content) => BloomFilter.IsFilter(content);
    }

    private readonly struct LeafCheck(Table table, int partition) : IBlockCheck
    {
        public static BlockRole Role => BlockRole.Leaf;

        public bool IsSound(ReadOnlySpan<byte> content)
        {
            var root = table.Root;
            var leaf = root[partition];
            var from = partition == 0 ? 0 : root[partition - 1].End;
            if (!BlockIndex.IsSound(content, from, leaf.Offset - leaf.FilterLength, leaf.FirstOrdinal, table.EndOf(partition), isRoot: false)) return false;
            var index = new BlockIndex(content);
            return index.LastKey(index.Count - 1).SequenceEqual(root.LastKey(partition));
        }
    }
}

/// <summary>What tables are opened and read with, one for a store.</summary>
internal sealed record TableResources(IFileSystem Disk, MemoryBudget Memory, BlockCache Cache, IKeyProvider? Keys);

/// <summary>What one source knows about a key.</summary>
internal enum Lookup
{
    Absent,
    Deleted,
    Found,
}

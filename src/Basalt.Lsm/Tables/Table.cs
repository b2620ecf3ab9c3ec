using System.Buffers;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// An immutable table, open for reading by any thread. Index and filter are resident; blocks are read and checked as they are needed.
/// </summary>
internal sealed class Table : SharedFile
{
    private readonly BlockIndex _index;
    private readonly byte[] _filter;

    private Table(IFileSystem disk, IReadableFile file, string path, ulong number)
        : base(disk, file, path, number)
    {
        Meta = TableMeta.Read(file, path, number);
        var index = Meta.Sections.Single(static s => s.Kind == SectionKind.Index);
        _index = new BlockIndex(ReadSection(index), Meta.DataLength, Meta.Entries, path, index.Offset);
        var filter = Meta.Sections.SingleOrDefault(static s => s.Kind == SectionKind.Filter);
        _filter = filter is null ? [] : ReadSection(filter);
        if (filter is not null && !BloomFilter.IsFilter(_filter)) throw LsmException.Corrupt(path, filter.Offset, "the filter of a table cannot be read");
    }

    public TableMeta Meta { get; }

    public long ResidentBytes => _index.Bytes + _filter.Length;

    public BlockIndex Index => _index;

    public static Table Open(IFileSystem disk, string path, ulong number)
    {
        IReadableFile file;
        try
        {
            file = disk.Open(path);
        }
        catch (FileNotFoundException)
        {
            throw LsmException.Missing(path, "the manifest lists this table");
        }

        try
        {
            return new Table(disk, file, path, number);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Looks a key up. The value goes to the destination, or to a new array when there is none.</summary>
    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, IBufferWriter<byte>? destination, out byte[]? value)
    {
        value = null;
        if (_filter.Length > 0 && !BloomFilter.MayContain(_filter, hash)) return Lookup.Absent;
        var number = _index.Find(key);
        if (number == _index.Count) return Lookup.Absent;
        var place = _index[number];
        var buffer = ArrayPool<byte>.Shared.Rent(place.Length);
        try
        {
            var block = new Block(ReadExactly(place.Offset, buffer.AsSpan(0, place.Length)), Path, place.Offset);
            if (!block.TryFind(key, out var found, out var isTombstone, out _)) return Lookup.Absent;
            if (isTombstone) return Lookup.Deleted;
            if (destination is null) value = found.ToArray();
            else destination.Write(found);
            return Lookup.Found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void ReadBlock(BlockPlace place, DecodedBlock block)
    {
        ReadExactly(place.Offset, block.Buffer(place.Length));
        block.Decode(place.Length, Path, place.Offset);
    }

    /// <summary>A section, whole and checked.</summary>
    public byte[] ReadSection(Section section)
    {
        if (section.Length > Array.MaxLength) throw new InvalidOperationException($"The section {section.Name} of {Path} has {section.Length} bytes, too many to read at once.");
        var bytes = new byte[section.Length];
        ReadExactly(section.Offset, bytes);
        return Crc32C.Of(bytes) == section.Checksum ? bytes : throw LsmException.Corrupt(Path, section.Offset, $"the section {Title(section)} fails its checksum");
    }

    /// <summary>The checksum of a section by parts, for those larger than memory.</summary>
    public void CheckSection(Section section, CancellationToken cancellationToken)
    {
        const int part = 1 << 20;
        var buffer = new byte[(int)Math.Min(part, section.Length)];
        var checksum = 0u;
        for (var at = 0L; at < section.Length; at += part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            checksum = Crc32C.Continue(checksum, ReadExactly(section.Offset + at, buffer.AsSpan(0, (int)Math.Min(part, section.Length - at))));
        }

        if (checksum != section.Checksum) throw LsmException.Corrupt(Path, section.Offset, $"the section {Title(section)} fails its checksum");
    }

    /// <summary>Footer and meta once more, from the disk.</summary>
    public void CheckMeta() => TableMeta.Read(File, Path, Number);

    /// <summary>The gap before a section must hold zeros.</summary>
    public void CheckGap(long from, long to)
    {
        var gap = ReadExactly(from, new byte[to - from]);
        var at = gap.IndexOfAnyExcept((byte)0);
        if (at >= 0) throw LsmException.Corrupt(Path, from + at, "a gap between sections holds something");
    }

    private static string Title(Section section) => section.Kind == SectionKind.Sidecar ? $"'{section.Name}'" : section.Kind == SectionKind.Index ? "index" : "filter";
}

/// <summary>What one source knows about a key.</summary>
internal enum Lookup
{
    Absent,
    Deleted,
    Found,
}

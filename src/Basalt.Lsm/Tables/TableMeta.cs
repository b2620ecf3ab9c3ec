using System.Buffers.Binary;
using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>What a section of a table holds.</summary>
internal enum SectionKind : byte
{
    Index = 1,
    Filter = 2,
    Sidecar = 3,
}

/// <summary>A section: where it lies, and the CRC-32C of its bytes.</summary>
internal sealed record Section(SectionKind Kind, string Name, long Offset, long Length, uint Checksum);

/// <summary>What a table says about itself. Normative: docs/formats/table.md.</summary>
internal sealed record TableMeta
{
    public const int FooterSize = 40;
    public const uint FormatVersion = 1;
    public const int Page = 4096;
    public const int MostSidecars = 1000;
    private const int MostSections = 1024;

    public required uint Keyspace { get; init; }

    public required long Entries { get; init; }

    public required long Tombstones { get; init; }

    public required long DataLength { get; init; }

    public required byte[] MinKey { get; init; }

    public required byte[] MaxKey { get; init; }

    public required IReadOnlyList<Section> Sections { get; init; }

    private static ReadOnlySpan<byte> Magic => "BSLTTAB\n"u8;

    public void Write(TableFile file, ulong number)
    {
        var bytes = new ByteBuffer();
        bytes.AddVarint(Keyspace);
        bytes.AddVarint((ulong)Entries);
        bytes.AddVarint((ulong)Tombstones);
        bytes.AddVarint((ulong)DataLength);
        bytes.AddText(MinKey);
        bytes.AddText(MaxKey);
        bytes.AddVarint((uint)Sections.Count);
        foreach (var section in Sections)
        {
            bytes.Add((byte)section.Kind);
            bytes.AddText(Encoding.UTF8.GetBytes(section.Name));
            bytes.AddVarint((ulong)section.Offset);
            bytes.AddVarint((ulong)section.Length);
            bytes.AddUInt32(section.Checksum);
        }

        Span<byte> footer = stackalloc byte[FooterSize];
        Magic.CopyTo(footer);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(footer[24..], file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(footer[32..], bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[36..], Crc32C.Of(bytes.Written));
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], FooterChecksum(footer));
        file.Append(bytes.Written);
        file.Append(footer);
    }

    /// <summary>Reads and checks footer and meta of a table.</summary>
    public static TableMeta Read(IReadableFile file, string path, ulong number)
    {
        var length = file.Length;
        if (length < FooterSize) throw LsmException.Corrupt(path, 0, "a table is shorter than its footer");
        Span<byte> footer = stackalloc byte[FooterSize];
        file.Read(length - FooterSize, footer);
        var at = length - FooterSize;
        if (!footer.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]) != FooterChecksum(footer)) throw LsmException.Corrupt(path, at, "the footer of a table fails its checksum");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]);
        if (version > FormatVersion) throw LsmException.TooNew(path, version, FormatVersion);
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]) != number) throw LsmException.Corrupt(path, at, "it is another table");
        var metaOffset = BinaryPrimitives.ReadInt64LittleEndian(footer[24..]);
        var metaLength = BinaryPrimitives.ReadInt32LittleEndian(footer[32..]);
        if (metaOffset < 0 || metaLength < 0 || metaOffset != at - metaLength) throw LsmException.Corrupt(path, at, "the footer of a table contradicts its length");
        var bytes = new byte[metaLength];
        file.Read(metaOffset, bytes);
        if (Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(footer[36..])) throw LsmException.Corrupt(path, metaOffset, "the meta of a table fails its checksum");
        return Decode(bytes, path, metaOffset);
    }

    public static TableMeta Decode(ReadOnlySpan<byte> bytes, string path, long offset)
    {
        LsmException Damage() => LsmException.Corrupt(path, offset, "the meta of a table cannot be read");
        var reader = new ByteReader(bytes);
        var (keyspace, entries, tombstones, data) = (reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
        var minKey = reader.ReadText().ToArray();
        var maxKey = reader.ReadText().ToArray();
        var count = reader.ReadVarint();
        if (!reader.IsSound || keyspace > uint.MaxValue || entries > long.MaxValue || tombstones > entries || data > (ulong)offset || count > MostSections) throw Damage();
        var sections = new List<Section>();
        var end = data;
        for (var i = 0UL; i < count; i++)
        {
            var kind = (SectionKind)reader.ReadByte();
            var name = Encoding.UTF8.GetString(reader.ReadText());
            var (at, length, checksum) = (reader.ReadVarint(), reader.ReadVarint(), reader.ReadUInt32());
            if (!reader.IsSound || kind is < SectionKind.Index or > SectionKind.Sidecar || at < end || at - end >= Page || length > (ulong)offset || at > (ulong)offset - length) throw Damage();
            end = at + length;
            sections.Add(new Section(kind, name, (long)at, (long)length, checksum));
        }

        if (!reader.IsAtEnd || end != (ulong)offset || sections.Count(static s => s.Kind == SectionKind.Index) != 1 || sections.Count(static s => s.Kind == SectionKind.Filter) > 1) throw Damage();
        return new TableMeta
        {
            Keyspace = (uint)keyspace,
            Entries = (long)entries,
            Tombstones = (long)tombstones,
            DataLength = (long)data,
            MinKey = minKey,
            MaxKey = maxKey,
            Sections = sections,
        };
    }

    private static uint FooterChecksum(ReadOnlySpan<byte> footer) => Crc32C.Continue(Crc32C.Of(footer[..12]), footer[16..]);
}

using System.Buffers.Binary;
using System.Text;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>What a section of a table holds.</summary>
internal enum SectionKind : byte
{
    Index = 1,
    Sidecar = 2,
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

    /// <summary>Where the data blocks, filters and leaves end.</summary>
    public required long DataLength { get; init; }

    /// <summary>How many entries have a time at which they expire.</summary>
    public required long Expiring { get; init; }

    /// <summary>When half of the bytes of all entries will have expired, in milliseconds since 1970; zero when that never comes.</summary>
    public required ulong ExpiryHalf { get; init; }

    public required byte[] MinKey { get; init; }

    public required byte[] MaxKey { get; init; }

    public required IReadOnlyList<Section> Sections { get; init; }

    private static ReadOnlySpan<byte> Magic => "BSLTTAB\n"u8;

    public void Write(TableFile file, ulong number, FileCipher? cipher)
    {
        var offset = file.Length;
        var bytes = new ByteBuffer();
        Envelope.Write(bytes, Encode(), TableCompression.None, cipher, BlockRole.Meta, offset);
        var header = cipher is null ? default : cipher.Header;
        Span<byte> footer = stackalloc byte[FooterSize];
        Magic.CopyTo(footer);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(footer[24..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(footer[32..], bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(footer[36..], header.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], FooterChecksum(footer));
        file.Append(bytes.Written);
        file.Append(header);
        file.Append(footer);
    }

    /// <summary>Reads and checks footer and meta of a table; the cipher is null when the table is not encrypted, and the caller's otherwise.</summary>
    public static TableMeta Read(IReadableFile file, string path, ulong number, IKeyProvider? keys, out FileCipher? cipher)
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
        var offset = BinaryPrimitives.ReadInt64LittleEndian(footer[24..]);
        var metaLength = BinaryPrimitives.ReadInt32LittleEndian(footer[32..]);
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(footer[36..]);
        if (offset < 0 || metaLength < 0 || headerLength < 0 || offset != at - headerLength - metaLength) throw LsmException.Corrupt(path, at, "the footer of a table contradicts its length");
        var bytes = new byte[metaLength + headerLength];
        file.Read(offset, bytes);
        cipher = headerLength == 0 ? null : FileCipher.Open(keys, bytes.AsSpan(metaLength), path, offset + metaLength);
        try
        {
            var meta = Envelope.Unseal(bytes.AsSpan(0, metaLength), cipher, BlockRole.Meta, path, offset, out var compression);
            return compression == TableCompression.None ? Decode(meta, path, offset) : throw LsmException.Corrupt(path, offset, "the meta of a table is compressed");
        }
        catch
        {
            cipher?.Dispose();
            throw;
        }
    }

    public byte[] Encode()
    {
        var bytes = new ByteBuffer();
        bytes.AddVarint(Keyspace);
        bytes.AddVarint((ulong)Entries);
        bytes.AddVarint((ulong)Tombstones);
        bytes.AddVarint((ulong)DataLength);
        bytes.AddVarint((ulong)Expiring);
        bytes.AddVarint(ExpiryHalf);
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

        return bytes.Written.ToArray();
    }

    public static TableMeta Decode(ReadOnlySpan<byte> bytes, string path, long offset)
    {
        LsmException Damage() => LsmException.Corrupt(path, offset, "the meta of a table cannot be read");
        var reader = new ByteReader(bytes);
        var (keyspace, entries, tombstones) = (reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
        var (data, expiring, expiryHalf) = (reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
        var minKey = reader.ReadText().ToArray();
        var maxKey = reader.ReadText().ToArray();
        var count = reader.ReadVarint();
        if (!reader.IsSound || keyspace > uint.MaxValue || entries is 0 or > long.MaxValue || tombstones > entries || expiring > entries - tombstones || data > (ulong)offset || count > MostSections
            || minKey.AsSpan().SequenceCompareTo(maxKey) > 0) throw Damage();
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

        if (!reader.IsAtEnd || end != (ulong)offset || sections.Count(static s => s.Kind == SectionKind.Index) != 1) throw Damage();
        return new TableMeta
        {
            Keyspace = (uint)keyspace,
            Entries = (long)entries,
            Tombstones = (long)tombstones,
            DataLength = (long)data,
            Expiring = (long)expiring,
            ExpiryHalf = expiryHalf,
            MinKey = minKey,
            MaxKey = maxKey,
            Sections = sections,
        };
    }

    private static uint FooterChecksum(ReadOnlySpan<byte> footer) => Crc32C.Continue(Crc32C.Of(footer[..12]), footer[16..]);
}

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

    public void Write(TableFile file, ulong number, FileCipher? cipher) => FileTail.Write(file, Magic, FormatVersion, number, Encode(), cipher);

    /// <summary>Reads and checks footer and meta of a table; the cipher is null when the table is not encrypted, and the caller's otherwise.</summary>
    public static TableMeta Read(IReadableFile file, string path, ulong number, IKeyProvider? keys, out FileCipher? cipher)
    {
        var meta = FileTail.Read(file, path, "table", Magic, FormatVersion, number, keys, out var offset, out cipher);
        try
        {
            return Decode(meta, path, offset);
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
}

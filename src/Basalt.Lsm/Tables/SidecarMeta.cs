using System.Buffers.Binary;
using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>What the file of an attached sidecar says about itself: whose it is, and a checksum for each chunk. Normative: docs/formats/sidecar.md.</summary>
internal sealed record SidecarMeta(ulong Table, string Name, long Length, uint[] Checksums)
{
    public const uint FormatVersion = 1;
    private const int MostNameBytes = 255;

    public static ReadOnlySpan<byte> Magic => "BSLTSID\n"u8;

    public byte[] Encode()
    {
        var bytes = new ByteBuffer();
        bytes.AddVarint(Table);
        bytes.AddText(Encoding.UTF8.GetBytes(Name));
        bytes.AddVarint((ulong)Length);
        foreach (var checksum in Checksums) bytes.AddUInt32(checksum);
        return bytes.Written.ToArray();
    }

    /// <summary>Reads the meta of a file whose content ends at the offset.</summary>
    public static SidecarMeta Decode(ReadOnlySpan<byte> bytes, bool isSealed, string path, long offset)
    {
        var reader = new ByteReader(bytes);
        var table = reader.ReadVarint();
        var name = reader.ReadText();
        var length = reader.ReadVarint();
        var rest = reader.Take((ulong)reader.Remaining);
        var chunks = (offset + SectionContent.StoredChunk(isSealed) - 1) / SectionContent.StoredChunk(isSealed);
        if (!reader.IsSound || name.Length is 0 or > MostNameBytes || length != (ulong)SectionContent.PlainLength(offset, isSealed) || rest.Length != chunks * sizeof(uint)) throw LsmException.Corrupt(path, offset, "the meta of a sidecar cannot be read");
        var checksums = new uint[chunks];
        for (var i = 0; i < checksums.Length; i++) checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(rest[(i * sizeof(uint))..]);
        return new SidecarMeta(table, Encoding.UTF8.GetString(name), (long)length, checksums);
    }
}

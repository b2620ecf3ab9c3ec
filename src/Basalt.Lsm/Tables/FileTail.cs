using System.Buffers.Binary;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// The end of a table or sidecar file: meta, which is a block; the header of the cipher, when there is one; footer, 40 bytes: magic, format
/// version, checksum of the footer, number of the file, offset of the meta, its length, length of the header. Normative: docs/formats/table.md.
/// </summary>
internal static class FileTail
{
    public const int FooterSize = 40;

    public static void Write(TableFile file, ReadOnlySpan<byte> magic, uint version, ulong number, ReadOnlySpan<byte> meta, FileCipher? cipher)
    {
        var offset = file.Length;
        var bytes = new ByteBuffer();
        Envelope.Write(bytes, meta, TableCompression.None, cipher, BlockRole.Meta, offset);
        var header = cipher is null ? default : cipher.Header;
        Span<byte> footer = stackalloc byte[FooterSize];
        magic.CopyTo(footer);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], version);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(footer[24..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(footer[32..], bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(footer[36..], header.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Checksum(footer));
        file.Append(bytes.Written);
        file.Append(header);
        file.Append(footer);
    }

    /// <summary>Reads and checks footer and meta; gives the meta and its offset. The cipher is null when the file is not encrypted, and the caller's otherwise.</summary>
    public static byte[] Read(IReadableFile file, string path, string what, ReadOnlySpan<byte> magic, uint known, ulong number, IKeyProvider? keys, out long offset, out FileCipher? cipher)
    {
        var at = file.Length - FooterSize;
        if (at < 0) throw LsmException.Corrupt(path, 0, $"a {what} is shorter than its footer");
        Span<byte> footer = stackalloc byte[FooterSize];
        file.Read(at, footer);
        if (!footer.StartsWith(magic) || BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]) != Checksum(footer)) throw LsmException.Corrupt(path, at, $"the footer of a {what} fails its checksum");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]);
        if (version > known) throw LsmException.TooNew(path, version, known);
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]) != number) throw LsmException.Corrupt(path, at, $"it is another {what}");
        offset = BinaryPrimitives.ReadInt64LittleEndian(footer[24..]);
        var metaLength = BinaryPrimitives.ReadInt32LittleEndian(footer[32..]);
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(footer[36..]);
        if (offset < 0 || metaLength < 0 || headerLength < 0 || offset != at - headerLength - metaLength) throw LsmException.Corrupt(path, at, $"the footer of a {what} contradicts its length");
        var bytes = new byte[metaLength + headerLength];
        file.Read(offset, bytes);
        cipher = headerLength == 0 ? null : FileCipher.Open(keys, bytes.AsSpan(metaLength), path, offset + metaLength);
        try
        {
            var meta = Envelope.Unseal(bytes.AsSpan(0, metaLength), cipher, BlockRole.Meta, path, offset, out var compression);
            return compression == TableCompression.None ? meta.ToArray() : throw LsmException.Corrupt(path, offset, $"the meta of a {what} is compressed");
        }
        catch
        {
            cipher?.Dispose();
            throw;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> footer) => Crc32C.Continue(Crc32C.Of(footer[..12]), footer[16..]);
}

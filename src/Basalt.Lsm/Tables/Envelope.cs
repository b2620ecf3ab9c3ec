using System.Buffers.Binary;
using System.IO.Compression;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// How a block lies in a table file: its body, one byte that says what was done to the content (low bits 0 nothing or 1 Brotli; bit 7
/// encrypted), and the CRC-32C of all of that. A compressed body begins with the length of the content (variable). An encrypted body is the
/// ciphertext of what it would be otherwise, with its tag; nonce are its place in the file and its role. Normative: docs/formats/table.md.
/// </summary>
internal static class Envelope
{
    public const int TailSize = 5;
    private const byte SealedFlag = 0x80;
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 16;

    /// <summary>Adds the content of a block as it is stored at a place of the file.</summary>
    public static void Write(ByteBuffer destination, ReadOnlySpan<byte> content, TableCompression compression, FileCipher? cipher, BlockRole role, long place)
    {
        var from = destination.Length;
        var flags = (byte)(TryCompress(destination, content, compression) ? compression : TableCompression.None);
        if (flags == 0) destination.Add(content);
        if (cipher is not null)
        {
            flags |= SealedFlag;
            var length = destination.Length - from;
            destination.Take(FileCipher.Overhead);
            var body = destination.At(from, length + FileCipher.Overhead);
            cipher.Seal((ulong)place, (uint)role, body[..length], body);
        }

        destination.Add(flags);
        destination.AddUInt32(Crc32C.Of(destination.At(from, destination.Length - from)));
    }

    /// <summary>Checks a stored block and decrypts it where it is. What is left is the content, or its compressed form.</summary>
    public static Span<byte> Unseal(Span<byte> stored, FileCipher? cipher, BlockRole role, string path, long place, out TableCompression compression)
    {
        if (stored.Length < TailSize) throw LsmException.Corrupt(path, place, "a block is too short");
        var body = stored[..^TailSize];
        if (Crc32C.Of(stored[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(stored[^4..])) throw LsmException.Corrupt(path, place, "a block fails its checksum");
        var flags = stored[body.Length];
        compression = (TableCompression)(flags & ~SealedFlag);
        if (compression > TableCompression.Brotli) throw LsmException.Corrupt(path, place, $"a block has the unknown form {flags}");
        if ((flags & SealedFlag) != 0 != (cipher is not null)) throw LsmException.Corrupt(path, place, "only a part of the table is encrypted");
        if (cipher is null) return body;
        if (body.Length < FileCipher.Overhead) throw LsmException.Corrupt(path, place, "an encrypted block is too short");
        cipher.Open((ulong)place, (uint)role, body, body[..^FileCipher.Overhead], path, place);
        return body[..^FileCipher.Overhead];
    }

    /// <summary>The length of the content of a compressed body, and where its stream begins.</summary>
    public static int ContentLength(ReadOnlySpan<byte> body, string path, long place, out int start)
    {
        var reader = new ByteReader(body);
        var length = reader.ReadVarint();
        if (!reader.IsSound || length is 0 or > BlockFormat.MaxContent) throw LsmException.Corrupt(path, place, "a compressed block has no length that can be");
        start = reader.Position;
        return (int)length;
    }

    public static void Decompress(ReadOnlySpan<byte> stream, Span<byte> content, string path, long place)
    {
        if (!BrotliDecoder.TryDecompress(stream, content, out var written) || written != content.Length) throw LsmException.Corrupt(path, place, "a block cannot be decompressed");
    }

    private static bool TryCompress(ByteBuffer destination, ReadOnlySpan<byte> content, TableCompression compression)
    {
        if (compression == TableCompression.None || content.IsEmpty) return false;
        var from = destination.Length;
        destination.AddVarint((uint)content.Length);
        var head = destination.Length - from;
        var most = content.Length - content.Length / 8 - head;
        if (most > 0 && BrotliEncoder.TryCompress(content, destination.Take(most), out var written, BrotliQuality, BrotliWindow))
        {
            destination.Truncate(from + head + written);
            return true;
        }

        destination.Truncate(from);
        return false;
    }
}

/// <summary>What a block of a table is: bound to it by encryption, so that none passes for another.</summary>
internal enum BlockRole : uint
{
    Data = 1,
    Filter = 2,
    Leaf = 3,
    Root = 4,
    Meta = 5,
    Section = 6,
}

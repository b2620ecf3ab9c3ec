using System.Buffers.Binary;
using System.IO.Compression;
using Basalt.Backends.Files;

namespace Basalt.PointClouds.Chunks;

/// <summary>What an <see cref="Envelope"/> holds.</summary>
internal enum Content : byte
{
    /// <summary>Points.</summary>
    Chunk = (byte)'C',

    /// <summary>A page of the directory of chunks.</summary>
    ChunkPage = (byte)'D',

    /// <summary>A page of the directory of labels.</summary>
    LabelPage = (byte)'L',

    /// <summary>A page of the directory of blocks.</summary>
    BlockPage = (byte)'B',
}

/// <summary>
/// How everything of a cloud is stored that is bytes: what it is, its version, perhaps compressed, with a checksum. Normative: docs/formats/points.md.
/// <code>
/// 3        "BPC"
/// u8       content: C, D, L, B
/// u8       format version, 1
/// u8       compression: 0 none, 1 Brotli
/// varint   length of the body before compression
/// body
/// u32      CRC-32C of everything before it, little-endian
/// </code>
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;

    /// <summary>The largest body: what claims to be larger is refused before anything is made for it.</summary>
    public const int MostBytes = 2 << 20;

    private const int HeadBytes = 6;
    private const int TailBytes = sizeof(uint);

    /// <summary>Bodies shorter than this are not worth a compressor's head.</summary>
    private const int LeastCompressed = 64;

    // Measured on neurites: level 5 takes a fifth off what level 4 leaves, 9 hardly more.
    private const int Quality = 5;
    private const int WindowBits = 18;

    public static byte[] Seal(Content content, ReadOnlySpan<byte> body)
    {
        if (body.Length > MostBytes) throw new ArgumentException($"A body has at most {MostBytes} bytes, not {body.Length}.", nameof(body));
        var writer = new ByteWriter();
        writer.Add("BPC"u8);
        writer.Add((byte)content);
        writer.Add(Version);
        var compressed = new byte[body.Length];
        // Kept only where it saves a sixteenth: else readers would decompress for nothing.
        var length = 0;
        var saves = body.Length >= LeastCompressed && BrotliEncoder.TryCompress(body, compressed, out length, Quality, WindowBits) && length < body.Length - body.Length / 16;
        writer.Add(saves ? (byte)1 : (byte)0);
        writer.AddVarint((uint)body.Length);
        writer.Add(saves ? compressed.AsSpan(0, length) : body);
        var crc = Crc32C.Of(writer.Written);
        BinaryPrimitives.WriteUInt32LittleEndian(writer.Take(TailBytes), crc);
        return writer.Written.ToArray();
    }

    /// <summary>The body.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, of a newer version, or something else.</exception>
    public static byte[] Open(Content content, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes + TailBytes || !bytes.StartsWith("BPC"u8)) throw new InvalidDataException("its first bytes are not those of a point cloud");
        if (bytes[3] != (byte)content) throw new InvalidDataException($"it has the content '{(char)bytes[3]}', not '{(char)content}'");
        if (bytes[4] != Version) throw new InvalidDataException($"it has format version {bytes[4]}, and this library reads {Version}");
        var sealedBytes = bytes[..^TailBytes];
        if (Crc32C.Of(sealedBytes) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^TailBytes..])) throw new InvalidDataException("its checksum does not match");
        var reader = new ByteReader(sealedBytes[5..]);
        var compression = reader.ReadByte();
        var body = new byte[reader.ReadCount(MostBytes)];
        var stored = reader.Take((ulong)reader.Remaining);
        switch (compression)
        {
            case 0:
                if (stored.Length != body.Length) throw new InvalidDataException("its length does not match");
                stored.CopyTo(body);
                break;
            case 1:
                if (!BrotliDecoder.TryDecompress(stored, body, out var written) || written != body.Length) throw new InvalidDataException("it cannot be decompressed");
                break;
            default:
                throw new InvalidDataException($"it has the compression {compression}, which is not known");
        }

        return body;
    }
}

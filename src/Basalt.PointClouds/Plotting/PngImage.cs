using System.Buffers.Binary;
using System.IO.Compression;

namespace Basalt.PointClouds.Plotting;

/// <summary>Writes grey pictures as PNG (ISO/IEC 15948): one byte a pixel, rows from the top, not interlaced.</summary>
internal static class PngImage
{
    private static readonly uint[] CrcTable = MakeCrcTable();

    public static void Write(Stream stream, ReadOnlySpan<byte> pixels, int width, int height)
    {
        stream.Write([0x89, .. "PNG"u8, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        // Eight bits of grey; the only compression, filters and order that there are, but for interlacing.
        header[8] = 8;
        header[9..].Clear();
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, Compress(pixels, width, height));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static byte[] Compress(ReadOnlySpan<byte> pixels, int width, int height)
    {
        using var content = new MemoryStream();
        using (var zlib = new ZLibStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var row = 0; row < height; row++)
            {
                // Each row begins with its filter: none.
                zlib.WriteByte(0);
                zlib.Write(pixels.Slice(row * width, width));
            }
        }

        return content.ToArray();
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, content.Length);
        stream.Write(word);
        stream.Write(type);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(word, ~Crc(Crc(~0u, type), content));
        stream.Write(word);
    }

    // The checksum of PNG is CRC-32, not the Castagnoli kind that processors have.
    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes) crc = CrcTable[(byte)(crc ^ b)] ^ crc >> 8;
        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB8_8320 ^ value >> 1 : value >> 1;
            table[i] = value;
        }

        return table;
    }
}

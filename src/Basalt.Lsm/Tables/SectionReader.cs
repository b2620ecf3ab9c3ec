using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>Reads the section of a sidecar, which lies in the table as <see cref="SectionWriter"/> wrote it: as it is, or sealed chunk by chunk.</summary>
internal sealed class SectionReader(IReadableFile file, string path, Section section, FileCipher? cipher)
{
    private const int Part = 1 << 20;

    /// <summary>The length of what the builder wrote.</summary>
    public long Length { get; } = cipher is null ? section.Length : PlainLength(section.Length);

    /// <summary>All of it, checked.</summary>
    public byte[] ReadAll()
    {
        if (Length > Array.MaxLength) throw new InvalidOperationException($"The section {section.Name} of {path} has {Length} bytes, too many to read at once.");
        Check(default);
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }

    /// <summary>Fills the buffer from a place of the section. What is encrypted is checked by that; otherwise see <see cref="Check"/>.</summary>
    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        if (cipher is null)
        {
            ReadExactly(section.Offset + offset, buffer);
            return;
        }

        var stored = new byte[SectionWriter.Chunk + FileCipher.Overhead];
        var plain = new byte[SectionWriter.Chunk];
        while (buffer.Length > 0)
        {
            var chunk = offset / SectionWriter.Chunk;
            var place = section.Offset + chunk * stored.Length;
            var length = (int)Math.Min(stored.Length, section.Offset + section.Length - place);
            ReadExactly(place, stored.AsSpan(0, length));
            cipher.Open((ulong)place, (uint)BlockRole.Section, stored.AsSpan(0, length), plain.AsSpan(0, length - FileCipher.Overhead), path, place);
            var from = (int)(offset - chunk * SectionWriter.Chunk);
            var taken = Math.Min(buffer.Length, length - FileCipher.Overhead - from);
            plain.AsSpan(from, taken).CopyTo(buffer);
            buffer = buffer[taken..];
            offset += taken;
        }
    }

    /// <summary>The checksum of the stored bytes, by parts.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(Part, section.Length)];
        var checksum = 0u;
        for (var at = 0L; at < section.Length; at += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(Part, section.Length - at));
            ReadExactly(section.Offset + at, part);
            checksum = Crc32C.Continue(checksum, part);
        }

        if (checksum != section.Checksum) throw LsmException.Corrupt(path, section.Offset, $"the section {(section.Kind == SectionKind.Sidecar ? $"'{section.Name}'" : "of the index")} fails its checksum");
    }

    private static long PlainLength(long stored)
    {
        const int chunk = SectionWriter.Chunk + FileCipher.Overhead;
        return stored / chunk * SectionWriter.Chunk + Math.Max(0, stored % chunk - FileCipher.Overhead);
    }

    private void ReadExactly(long offset, Span<byte> buffer)
    {
        if (file.Read(offset, buffer) != buffer.Length) throw LsmException.Corrupt(path, offset, "the file is cut short");
    }
}

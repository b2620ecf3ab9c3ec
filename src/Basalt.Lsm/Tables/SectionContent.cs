using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

/// <summary>Where a section lies in a file, and the checksums of its stored bytes, each of a unit of so many; the last unit may be shorter.</summary>
internal sealed record SectionPlace(string Path, string Name, long Offset, long StoredLength, long Unit, uint[] Checksums);

/// <summary>
/// The section of a sidecar as <see cref="SectionWriter"/> wrote it: as it is, or sealed chunk by chunk. What is sealed is checked whenever it
/// is read; the rest by checksums, each once. Thread-safe. The file must be held meanwhile.
/// </summary>
internal sealed unsafe class SectionContent(IReadableFile file, SectionPlace place, FileCipher? cipher, MemoryBudget memory)
{
    private const int Part = 1 << 20;
    private const int SealedChunk = SectionWriter.Chunk + FileCipher.Overhead;
    private readonly long[] _checked = new long[(place.Checksums.Length + 63) / 64];

    /// <summary>The length of what the builder wrote.</summary>
    public long Length { get; } = PlainLength(place.StoredLength, cipher is not null);

    public static long PlainLength(long stored, bool isSealed) => isSealed ? stored / SealedChunk * SectionWriter.Chunk + Math.Max(0, stored % SealedChunk - FileCipher.Overhead) : stored;

    /// <summary>The stored bytes of a whole chunk of an attached sidecar.</summary>
    public static int StoredChunk(bool isSealed) => isSealed ? SealedChunk : SectionWriter.Chunk;

    /// <summary>All of it, checked.</summary>
    public byte[] ReadAll()
    {
        if (Length > Array.MaxLength) throw new InvalidOperationException($"The section {place.Name} of {place.Path} has {Length} bytes, too many to read at once.");
        Check(default);
        var bytes = new byte[Length];
        Read(0, bytes, verify: false);
        return bytes;
    }

    public void Read(long offset, Span<byte> buffer, bool verify)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        if (buffer.IsEmpty) return;
        if (cipher is not null)
        {
            Open(offset, buffer);
            return;
        }

        if (verify) CheckOnce(offset, buffer.Length);
        ReadExactly(place.Offset + offset, buffer);
    }

    /// <summary>The section at a fixed address: mapped, or opened into native memory when it is sealed.</summary>
    public FileRegion Map(bool verify)
    {
        if (cipher is null)
        {
            if (verify) CheckOnce(0, Length);
            return file.Map(place.Offset, Length);
        }

        if (Length == 0) return new FileRegion(0, 0, null);
        var copy = NativeCopy.Take(memory, Length);
        try
        {
            for (var at = 0L; at < Length; at += Part) Open(at, new Span<byte>((byte*)copy.Address + at, (int)Math.Min(Part, Length - at)));
            return new FileRegion(copy.Address, Length, copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Every checksum, from the disk, and every seal.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(Part, Math.Max(place.StoredLength, 1))];
        for (var unit = 0; unit < place.Checksums.Length; unit++) CheckUnit(unit, buffer, cancellationToken);
        if (cipher is null) return;
        for (var at = 0L; at < Length; at += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Open(at, buffer.AsSpan(0, (int)Math.Min(Math.Min(Part, buffer.Length), Length - at)));
        }
    }

    private void CheckOnce(long offset, long length)
    {
        if (length == 0) return;
        var buffer = new byte[(int)Math.Min(Part, place.Unit)];
        for (var unit = (int)(offset / place.Unit); unit <= (offset + length - 1) / place.Unit; unit++)
        {
            var bit = 1L << (unit & 63);
            if ((Volatile.Read(ref _checked[unit >> 6]) & bit) != 0) continue;
            CheckUnit(unit, buffer, default);
            Interlocked.Or(ref _checked[unit >> 6], bit);
        }
    }

    private void CheckUnit(int unit, byte[] buffer, CancellationToken cancellationToken)
    {
        var (at, end) = (unit * place.Unit, Math.Min((unit + 1) * place.Unit, place.StoredLength));
        var first = place.Offset + at;
        var checksum = 0u;
        while (at < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
            ReadExactly(place.Offset + at, part);
            checksum = Crc32C.Continue(checksum, part);
            at += part.Length;
        }

        if (checksum != place.Checksums[unit]) throw LsmException.Corrupt(place.Path, first, $"the section '{place.Name}' fails its checksum");
    }

    private void Open(long offset, Span<byte> buffer)
    {
        var stored = new byte[SealedChunk];
        var plain = new byte[SectionWriter.Chunk];
        while (buffer.Length > 0)
        {
            var chunk = offset / SectionWriter.Chunk;
            var at = place.Offset + chunk * SealedChunk;
            var length = (int)Math.Min(SealedChunk, place.Offset + place.StoredLength - at);
            ReadExactly(at, stored.AsSpan(0, length));
            cipher!.Open((ulong)at, (uint)BlockRole.Section, stored.AsSpan(0, length), plain.AsSpan(0, length - FileCipher.Overhead), place.Path, at);
            var from = (int)(offset - chunk * SectionWriter.Chunk);
            var taken = Math.Min(buffer.Length, length - FileCipher.Overhead - from);
            plain.AsSpan(from, taken).CopyTo(buffer);
            buffer = buffer[taken..];
            offset += taken;
        }
    }

    private void ReadExactly(long offset, Span<byte> buffer)
    {
        if (file.Read(offset, buffer) != buffer.Length) throw LsmException.Corrupt(place.Path, offset, "the file is cut short");
    }
}

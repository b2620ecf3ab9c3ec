using System.IO.Compression;

namespace Basalt.Backends.Files;

/// <summary>
/// Decompresses gzip members up to the end of a file, and proves that the end is one: a cut file and bytes that are no member are
/// <see cref="InvalidDataException"/>.
/// </summary>
/// <remarks>
/// The platform's stream takes the end of its input for the end of a member, and ignores what is no member. So one more member, the seal, is put
/// behind the file: only when everything before it is whole does its text come out at the end, where it is taken off again.
/// </remarks>
internal sealed class GzipText : ForwardStream
{
    private static readonly byte[] Seal = [.. "basalt seal "u8, 0x8E, 0x1D, 0xF0, 0x07, 0xC3, 0x5A, 0x99, 0xE4, 0x2B, 0x76, 0xD8, 0x11, 0xA5, 0x6C, 0x3F, 0xFA, 0x00, 0xFF, 0x91, 0x4E];
    private static readonly byte[] SealMember = Compress(Seal);

    private readonly GZipStream _gzip;
    private readonly byte[] _held = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;

    /// <param name="open">Opens the compressed bytes, with the given ones behind them.</param>
    public GzipText(Func<ReadOnlyMemory<byte>, Stream> open) => _gzip = new GZipStream(open(SealMember), CompressionMode.Decompress);

    /// <summary>Some bytes as one member.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> content)
    {
        // The platform writes nothing at all for nothing, which gzip does not take for a file.
        if (content.Length == 0) return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal)) gzip.Write(content);
        return buffer.ToArray();
    }

    public override int Read(Span<byte> buffer)
    {
        // As many bytes as the seal are always kept back: they may be it.
        while (!_ended && _end - _start <= Seal.Length) Fill();
        var count = Math.Min(buffer.Length, _end - _start - Seal.Length);
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _held.AsSpan(_start, _end - _start).CopyTo(_held);
        (_start, _end) = (0, _end - _start);
        var count = _gzip.Read(_held, _end, _held.Length - _end);
        _end += count;
        if (count > 0) return;
        _ended = true;
        if (!_held.AsSpan(_start, _end - _start).SequenceEqual(Seal)) throw new InvalidDataException("the file is cut, or its end is not gzip.");
    }
}

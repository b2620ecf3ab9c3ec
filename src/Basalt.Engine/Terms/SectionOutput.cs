using System.Buffers;

namespace Basalt.Engine.Terms;

/// <summary>Takes the bytes of a section, front to back.</summary>
internal delegate void SectionSink(ReadOnlySpan<byte> bytes);

/// <summary>Gathers small writes before they are given on.</summary>
internal sealed class SectionOutput(SectionSink sink) : IDisposable
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _used;

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    public void Append(byte value)
    {
        if (_used == _buffer.Length) Flush();
        _buffer[_used++] = value;
        Length++;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_used == _buffer.Length) Flush();
            var taken = Math.Min(bytes.Length, _buffer.Length - _used);
            bytes[..taken].CopyTo(_buffer.AsSpan(_used));
            _used += taken;
            bytes = bytes[taken..];
        }
    }

    public void AppendVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Append((byte)(value | 0x80));
        Append((byte)value);
    }

    public void Flush()
    {
        sink(_buffer.AsSpan(0, _used));
        _used = 0;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}

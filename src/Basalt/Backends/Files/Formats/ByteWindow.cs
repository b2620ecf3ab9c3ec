using System.Buffers;

namespace Basalt.Backends.Files.Formats;

/// <summary>
/// The part of a stream that a reader looks at: grows while a record does not fit, moves on when it is done with. Bounded by the largest record.
/// </summary>
internal sealed class ByteWindow(Stream stream, long position, int capacity = ByteWindow.DefaultCapacity) : IDisposable
{
    /// <summary>The largest record in bytes: a longer one is taken for damage rather than read into memory.</summary>
    public const int MaxRecordBytes = 64 << 20;

    public const int DefaultCapacity = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Where the window starts, in the uncompressed text.</summary>
    public long Position { get; private set; } = position;

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads more behind the window; false at the end of the stream.</summary>
    public bool Fill()
    {
        if (_ended) return false;
        if (_start > 0)
        {
            Span.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Grow();
        var count = Read();
        _end += count;
        _ended = count == 0;
        return !_ended;
    }

    public void Skip(int count)
    {
        _start += count;
        Position += count;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        (_start, _end) = (0, 0);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        stream.Dispose();
    }

    private int Read()
    {
        try
        {
            return stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (InvalidDataException e)
        {
            throw new MalformedException("the gzip data is damaged, cut short, or not gzip", 0, 0, Position + _end, e);
        }
    }

    private void Grow()
    {
        if (_buffer.Length >= MaxRecordBytes)
            throw new MalformedException($"a record is longer than {MaxRecordBytes >> 20} MB", 0, 0, Position);
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

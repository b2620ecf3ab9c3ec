namespace Basalt.Backends.Files;

/// <summary>
/// A part of a data file and, behind it, a few bytes from memory. It stays the same while the file is appended to, because it never reads
/// behind its length, and while it is replaced, because it holds on to the old one.
/// </summary>
internal sealed class SnapshotStream(DataFile file, long start, long end, ReadOnlyMemory<byte> tail) : ForwardStream
{
    private long _position = start;
    private int _tailPosition;
    private bool _disposed;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0) return 0;
        var left = end - _position;
        if (left > 0)
        {
            var count = RandomAccess.Read(file.Handle, buffer[..(int)Math.Min(left, buffer.Length)], _position);
            if (count == 0) throw FileFaults.Corrupt(file.Path, $"another program cut it to {_position} bytes while it was read.");
            _position += count;
            return count;
        }

        var rest = tail.Span[_tailPosition..];
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        _tailPosition += rest.Length;
        return rest.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            file.Release();
        }

        base.Dispose(disposing);
    }
}

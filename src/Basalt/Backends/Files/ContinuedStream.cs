namespace Basalt.Backends.Files;

/// <summary>A stream and, behind its end, a few bytes from memory.</summary>
internal sealed class ContinuedStream(Stream start, ReadOnlyMemory<byte> rest) : ForwardStream
{
    private ReadOnlyMemory<byte> _rest = rest;

    public override int Read(Span<byte> buffer)
    {
        var count = start.Read(buffer);
        if (count > 0) return count;
        count = Math.Min(_rest.Length, buffer.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) start.Dispose();
        base.Dispose(disposing);
    }
}

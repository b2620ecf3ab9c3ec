using Basalt.Backends.Files;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Objects.Folders;

/// <summary>A range of an open file, which this owns; a file that has become shorter is a fault.</summary>
internal sealed class FileRange(SafeFileHandle file, long offset, long length, Func<BasaltException> cut) : ForwardStream
{
    private readonly long _end = offset + length;
    private long _at = offset;

    public override int Read(Span<byte> buffer) => Advance(buffer.Length, RandomAccess.Read(file, buffer[..Left(buffer.Length)], _at));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Advance(buffer.Length, await RandomAccess.ReadAsync(file, buffer[..Left(buffer.Length)], _at, cancellationToken).ConfigureAwait(false));

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private int Left(int wanted) => (int)Math.Min(wanted, _end - _at);

    private int Advance(int wanted, int count)
    {
        if (count == 0 && wanted > 0 && _at < _end) throw cut();
        _at += count;
        return count;
    }
}

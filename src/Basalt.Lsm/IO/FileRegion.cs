namespace Basalt.Lsm.IO;

/// <summary>
/// Bytes of a file at a fixed address, for reading only, until it is disposed of; the file may be closed or removed meanwhile. Reading behind
/// the disposal ends the process, so whoever hands the address on must keep the region. Thread-safe but for its disposal.
/// </summary>
public sealed unsafe class FileRegion : IDisposable
{
    private IDisposable? _owner;

    /// <summary>So many bytes from an address on; the owner is disposed of with the region.</summary>
    public FileRegion(nint address, long length, IDisposable? owner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        (Address, Length, _owner) = (address, length, owner);
    }

    /// <summary>Where the bytes begin; zero when there are none, and after disposal.</summary>
    public nint Address { get; private set; }

    /// <summary>How many bytes; zero after disposal.</summary>
    public long Length { get; private set; }

    /// <summary>A part of the bytes, valid until the disposal.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new ReadOnlySpan<byte>((byte*)Address + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (Address, Length) = (0, 0);
        Interlocked.Exchange(ref _owner, null)?.Dispose();
    }
}

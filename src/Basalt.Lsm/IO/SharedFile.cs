namespace Basalt.Lsm.IO;

/// <summary>
/// A file that is never changed and that the versions which contain it hold: open as long as one does. The last one closes it, and removes it
/// when it is obsolete. Thread-safe.
/// </summary>
internal abstract class SharedFile(IFileSystem disk, IReadableFile file, string path, ulong number)
{
    private int _holders;
    private volatile bool _isObsolete;

    public string Path { get; } = path;

    public ulong Number { get; } = number;

    public long Size { get; } = file.Length;

    protected IReadableFile File => file;

    /// <summary>Whether nobody holds it any more.</summary>
    public bool IsReleased => Volatile.Read(ref _holders) == 0;

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>The file goes when the last holder does; what cannot be removed then is removed at the next open.</summary>
    public void MarkObsolete() => _isObsolete = true;

    /// <summary>Keeps the file whatever happens: the store is closed, and the next open decides.</summary>
    public void MarkKept() => _isObsolete = false;

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0) return;
        file.Dispose();
        Closed();
        if (!_isObsolete) return;
        try
        {
            disk.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No version names it: it is an orphan, which the next open removes.
        }
    }

    /// <summary>The last holder has let go.</summary>
    protected virtual void Closed()
    {
        // Most files own nothing else.
    }

    /// <summary>Fills the buffer from a place of the file, as it is stored.</summary>
    public ReadOnlySpan<byte> ReadExactly(long offset, Span<byte> buffer) =>
        file.Read(offset, buffer) == buffer.Length ? buffer : throw LsmException.Corrupt(Path, offset, "the file is cut short");
}

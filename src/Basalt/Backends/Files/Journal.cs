using Microsoft.Win32.SafeHandles;

namespace Basalt.Backends.Files;

/// <summary>
/// The journal of a collection, open and locked: exclusively by the one that writes, shared by those that catch up. The lock ends with the
/// object, or with the process.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly SafeFileHandle _handle;

    private Journal(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    public string Path { get; }

    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens and locks, or null when someone else holds the lock or removed the journal meanwhile: then it is to be tried again.</summary>
    /// <exception cref="FileNotFoundException">For reading only: there is no journal.</exception>
    public static Journal? TryOpen(string path, bool exclusive)
    {
        try
        {
            // On Windows, sharing deletion keeps others out and still lets a drop remove the file under the lock.
            var share = !exclusive ? FileShare.Read : OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
            var handle = File.OpenHandle(path, exclusive ? FileMode.OpenOrCreate : FileMode.Open, exclusive ? FileAccess.ReadWrite : FileAccess.Read, share);
            if (IsAt(path, handle)) return new Journal(handle, path);
            handle.Dispose();
            return null;
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && IsLocked(e))
        {
            return null;
        }
    }

    /// <summary>The frames from an offset on, and where the valid ones end: behind that is the torn end of a write that was not acknowledged.</summary>
    public List<JournalFrame> ReadFrom(long offset, out long end)
    {
        var length = Length - offset;
        if (length > Array.MaxLength) throw FileFaults.Corrupt(Path, $"it is {Length} bytes long, far more than a journal can be.");
        var bytes = new byte[Math.Max(0, length)];
        var count = 0;
        while (count < bytes.Length && RandomAccess.Read(_handle, bytes.AsSpan(count), offset + count) is > 0 and var read) count += read;
        return JournalFrame.Parse(bytes.AsMemory(0, count), offset, Path, out end);
    }

    public void Write(long offset, ReadOnlySpan<byte> frame) => RandomAccess.Write(_handle, frame, offset);

    public void Sync() => RandomAccess.FlushToDisk(_handle);

    public void Truncate(long length)
    {
        if (Length != length) RandomAccess.SetLength(_handle, length);
    }

    public void Dispose() => _handle.Dispose();

    // Opening and locking are two steps, and between them a drop may remove the file: its lock keeps nobody out any more. The file at the path is
    // then none or another one, and the removed one ends with the mark of the drop. On Windows the name stays until the last one has closed it.
    private static bool IsAt(string path, SafeFileHandle handle) => OperatingSystem.IsWindows()
        || FileStamp.Of(path) is { } stamp && stamp == new FileStamp(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks);

    private static bool IsLocked(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult is 11 or 35 or -2147024864;
}

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

    /// <summary>Opens and locks, or null when someone else holds the lock.</summary>
    /// <exception cref="FileNotFoundException">For reading only: there is no journal.</exception>
    public static Journal? TryOpen(string path, bool exclusive)
    {
        try
        {
            // On Windows, sharing deletion keeps others out and still lets a drop remove the file under the lock.
            var share = !exclusive ? FileShare.Read : OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
            var handle = File.OpenHandle(path, exclusive ? FileMode.OpenOrCreate : FileMode.Open, exclusive ? FileAccess.ReadWrite : FileAccess.Read, share);
            return new Journal(handle, path);
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

    private static bool IsLocked(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult is 11 or 35 or -2147024864;
}

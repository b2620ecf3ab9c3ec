using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.IO;

/// <summary>The disks of this machine. Locks are advisory on Unix (<c>flock</c>) and sharing modes on Windows.</summary>
public sealed class LocalFileSystem : IFileSystem
{
    /// <summary>The one instance: it has no state.</summary>
    public static LocalFileSystem Instance { get; } = new();

    private LocalFileSystem()
    {
    }

    /// <inheritdoc/>
    public IWritableFile Create(string path) => new Writable(File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read), 0);

    /// <inheritdoc/>
    public IWritableFile Append(string path, long length)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        RandomAccess.SetLength(handle, length);
        return new Writable(handle, length);
    }

    /// <inheritdoc/>
    public IReadableFile Open(string path) =>
        new Readable(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess));

    /// <inheritdoc/>
    public void Rename(string path, string newPath) => File.Move(path, newPath, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void Link(string path, string newPath) => NativeFiles.Link(path, newPath);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string folder) => [.. Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (parent is not null) CreateFolder(parent);
        Directory.CreateDirectory(folder);
        if (parent is not null) SyncFolder(parent);
    }

    /// <inheritdoc/>
    public void SyncFolder(string folder) => NativeFiles.SyncFolder(folder);

    /// <inheritdoc/>
    public long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share without a letter on Windows, or a folder that is gone: nobody knows.
            return null;
        }
    }

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, string holder, out string? other)
    {
        other = null;
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            other = NativeFiles.TryReadLocked(path);
            return null;
        }

        try
        {
            RandomAccess.SetLength(handle, 0);
            RandomAccess.Write(handle, Encoding.UTF8.GetBytes(holder), 0);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        return handle;
    }

    private sealed class Writable(SafeFileHandle handle, long length) : IWritableFile
    {
        private long _length = length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(handle, bytes, _length);
            _length += bytes.Length;
        }

        public void Sync() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }

    private sealed class Readable(SafeFileHandle handle) : IReadableFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0) break;
                total += read;
            }

            return total;
        }

        public FileRegion Map(long offset, long length) => MappedView.Map(handle, offset, length);

        public void Dispose() => handle.Dispose();
    }
}

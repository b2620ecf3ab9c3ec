namespace Basalt.Lsm.IO;

/// <summary>What can be asked of a disk.</summary>
public enum FileOperationKind
{
    /// <summary><see cref="IFileSystem.Create"/></summary>
    Create,

    /// <summary><see cref="IFileSystem.Append"/></summary>
    Reopen,

    /// <summary><see cref="IFileSystem.Open"/></summary>
    Open,

    /// <summary><see cref="IFileSystem.Rename"/></summary>
    Rename,

    /// <summary><see cref="IFileSystem.Delete"/></summary>
    Delete,

    /// <summary><see cref="IFileSystem.Link"/></summary>
    Link,

    /// <summary><see cref="IFileSystem.List"/></summary>
    List,

    /// <summary><see cref="IFileSystem.CreateFolder"/></summary>
    CreateFolder,

    /// <summary><see cref="IFileSystem.SyncFolder"/></summary>
    SyncFolder,

    /// <summary><see cref="IFileSystem.TryLock"/></summary>
    Lock,

    /// <summary><see cref="IReadableFile.Read"/></summary>
    Read,

    /// <summary><see cref="IReadableFile.Map"/></summary>
    Map,

    /// <summary><see cref="IWritableFile.Append"/></summary>
    Write,

    /// <summary><see cref="IWritableFile.Sync"/></summary>
    Sync,
}

/// <summary>One operation that is about to happen: its kind, its path, and how many came before it.</summary>
public readonly record struct FileOperation(FileOperationKind Kind, string Path, long Number);

/// <summary>
/// A file system that asks before each operation whether it shall fail. The question is also the place to look at the disk between two
/// operations. A failing write adds the first half of its bytes; a failing sync does not sync; anything else that fails does nothing.
/// </summary>
public sealed class FaultingFileSystem : IFileSystem
{
    private readonly IFileSystem _inner;
    private readonly Func<FileOperation, IOException?> _fault;
    private long _operations;

    /// <summary>Wraps a file system; <paramref name="fails"/> is called on the thread of the operation.</summary>
    public FaultingFileSystem(IFileSystem inner, Func<FileOperation, bool> fails)
        : this(inner, operation => fails(operation) ? new IOException($"Injected fault: {operation.Kind} of {operation.Path}.") : null)
    {
    }

    /// <summary>Wraps a file system; <paramref name="fault"/> gives what an operation fails with, or null, and is called on its thread.</summary>
    public FaultingFileSystem(IFileSystem inner, Func<FileOperation, IOException?> fault) => (_inner, _fault) = (inner, fault);

    /// <summary>How many operations were asked for so far.</summary>
    public long Operations => Interlocked.Read(ref _operations);

    /// <inheritdoc/>
    public IWritableFile Create(string path)
    {
        Ask(FileOperationKind.Create, path);
        return new Writable(this, _inner.Create(path), path);
    }

    /// <inheritdoc/>
    public IWritableFile Append(string path, long length)
    {
        Ask(FileOperationKind.Reopen, path);
        return new Writable(this, _inner.Append(path, length), path);
    }

    /// <inheritdoc/>
    public IReadableFile Open(string path)
    {
        Ask(FileOperationKind.Open, path);
        return new Readable(this, _inner.Open(path), path);
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        Ask(FileOperationKind.Rename, path);
        _inner.Rename(path, newPath);
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        Ask(FileOperationKind.Delete, path);
        _inner.Delete(path);
    }

    /// <inheritdoc/>
    public void Link(string path, string newPath)
    {
        Ask(FileOperationKind.Link, path);
        _inner.Link(path, newPath);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string folder)
    {
        Ask(FileOperationKind.List, folder);
        return _inner.List(folder);
    }

    /// <inheritdoc/>
    public void CreateFolder(string folder)
    {
        Ask(FileOperationKind.CreateFolder, folder);
        _inner.CreateFolder(folder);
    }

    /// <inheritdoc/>
    public void SyncFolder(string folder)
    {
        Ask(FileOperationKind.SyncFolder, folder);
        _inner.SyncFolder(folder);
    }

    /// <inheritdoc/>
    public long? FreeBytes(string folder) => _inner.FreeBytes(folder);

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, string holder, out string? other)
    {
        Ask(FileOperationKind.Lock, path);
        return _inner.TryLock(path, holder, out other);
    }

    private void Ask(FileOperationKind kind, string path)
    {
        if (FaultOf(kind, path) is { } fault) throw fault;
    }

    private IOException? FaultOf(FileOperationKind kind, string path) => _fault(new FileOperation(kind, path, Interlocked.Increment(ref _operations) - 1));

    private sealed class Writable(FaultingFileSystem disk, IWritableFile file, string path) : IWritableFile
    {
        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (disk.FaultOf(FileOperationKind.Write, path) is { } fault)
            {
                file.Append(bytes[..(bytes.Length / 2)]);
                throw fault;
            }

            file.Append(bytes);
        }

        public void Sync()
        {
            disk.Ask(FileOperationKind.Sync, path);
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }

    private sealed class Readable(FaultingFileSystem disk, IReadableFile file, string path) : IReadableFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            disk.Ask(FileOperationKind.Read, path);
            return file.Read(offset, buffer);
        }

        public FileRegion Map(long offset, long length)
        {
            disk.Ask(FileOperationKind.Map, path);
            return file.Map(offset, length);
        }

        public void Dispose() => file.Dispose();
    }
}

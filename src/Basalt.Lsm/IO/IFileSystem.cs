namespace Basalt.Lsm.IO;

/// <summary>
/// The only way to a disk. It has the operations that durability is made of, and no more; paths are those of the underlying system.
/// All members are thread-safe. Faults are <see cref="IOException"/> and its kin.
/// </summary>
/// <remarks>
/// - Bytes survive a power cut after <see cref="IWritableFile.Sync"/> of their file; names (creations, renames, links, removals) after
///   <see cref="SyncFolder"/> of their folder. Before that, any part of them may or may not survive.
/// - <see cref="Rename"/> is atomic: whoever looks finds the old file or the new one.
/// - After a failed sync nothing is known about the bytes concerned; syncing again proves nothing.
/// </remarks>
public interface IFileSystem
{
    /// <summary>Creates a file for appending; one that exists is emptied.</summary>
    IWritableFile Create(string path);

    /// <summary>Opens an existing file for appending behind its first <paramref name="length"/> bytes; what is behind them is cut off.</summary>
    IWritableFile Append(string path, long length);

    /// <summary>Opens an existing file for reading at any place.</summary>
    IReadableFile Open(string path);

    /// <summary>Gives a file another name in the same file system, replacing a file of that name.</summary>
    void Rename(string path, string newPath);

    /// <summary>Removes a file. Removing one that does not exist succeeds. Open handles stay readable.</summary>
    void Delete(string path);

    /// <summary>Gives a file a second name. A file of that name is an error.</summary>
    void Link(string path, string newPath);

    /// <summary>The names (not paths) of the files in a folder, in ordinal order.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Creates a folder and those above it, durably. An existing one is left alone.</summary>
    void CreateFolder(string folder);

    /// <summary>Makes the names in a folder durable.</summary>
    void SyncFolder(string folder);

    /// <summary>The bytes that are left for this user where a folder is; null where that is not known.</summary>
    long? FreeBytes(string folder) => null;

    /// <summary>
    /// Takes the exclusive lock of a file, which is created if need be, and notes the holder in it. Null when somebody has it;
    /// <paramref name="other"/> is then what that holder noted, where it can be read. The lock ends with its process.
    /// </summary>
    IDisposable? TryLock(string path, string holder, out string? other);
}

/// <summary>A file that grows at its end. One thread at a time.</summary>
public interface IWritableFile : IDisposable
{
    /// <summary>Adds all the bytes. After a failure any part of them may have been added.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when everything appended survives a power cut.</summary>
    void Sync();
}

/// <summary>A file to read. Thread-safe.</summary>
public interface IReadableFile : IDisposable
{
    /// <summary>The length in bytes.</summary>
    long Length { get; }

    /// <summary>Fills the buffer from the given place; returns less than its length only at the end of the file.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Bytes at a fixed address, mapped where the system can, which outlive the file being open. They must lie within the file, which must not be cut meanwhile.</summary>
    FileRegion Map(long offset, long length);
}

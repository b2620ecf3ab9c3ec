using System.Globalization;
using System.Runtime.CompilerServices;
using Basalt.Backends.Files;

namespace Basalt.Objects.Folders;

/// <summary>
/// The files of a folder as objects: a key is a path with slashes. A put is fsynced, the file and its name, and then takes the place of the old file in one step.
/// Several processes may share the folder; a change by other programs is seen as a put, if it changes the length or the time of the file.
/// </summary>
/// <remarks>
/// An ETag is the length and the time of the last change of a file, to 100 ns; puts never give the same time twice. Symbolic links below the root are not followed: what they lead to
/// is not part of the store. A folder holds either <c>a</c> or <c>a/b</c>. Puts are prepared and locked in a folder <c>.basalt-put</c>, which is no part of the store either.
/// </remarks>
public sealed class FolderObjectStore : IObjectStore
{
    private const int CopyBufferBytes = 1 << 16;
    private readonly string _root;
    private readonly PutRoom _room;

    /// <summary>A store over a folder, which need not exist before the first put.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="timeProvider">The clock of new files and of waiting; the system's unless given.</param>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: it is a file, or no path at all.</exception>
    public FolderObjectStore(string root, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (root.Length == 0 || root.Contains('\0')) throw new BasaltException(ErrorCode.InvalidOptions, "A store of objects needs a folder.");
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (File.Exists(_root)) throw new BasaltException(ErrorCode.InvalidOptions, $"{_root} is a file; a store of objects is a folder.") { Target = _root };
        _room = new PutRoom(_root, timeProvider ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public string Address => _root;

    /// <inheritdoc/>
    public ValueTask<ObjectEntry?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Guard(key, () => FindFile(key) is { } path ? EntryOf(key, new FileInfo(path)) : null));
    }

    /// <inheritdoc/>
    public ValueTask<ObjectContent?> OpenAsync(string key, ObjectRange range = default, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Guard(key, () => Open(key, range, ifMatch)));
    }

    /// <inheritdoc/>
    public async ValueTask<string> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition = default, CancellationToken cancellationToken = default)
    {
        RequireToPut(key);
        return await PutAsync(key, condition, async file => await file.WriteAsync(content, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<string> PutAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        RequireToPut(key);
        return await PutAsync(key, PutCondition.Always, file => content.CopyToAsync(file, CopyBufferBytes, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        if (Guard(key, () => FindFile(key)) is null) return;
        using var held = await _room.LockAsync(cancellationToken).ConfigureAwait(false);
        Guard(key, () =>
        {
            if (FindFile(key) is not { } path) return false;
            File.Delete(path);
            var last = RemoveEmptyFolders(path);
            StableStorage.SyncFolderOf(last);
            return true;
        });
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectListItem> ListAsync(ObjectListing listing, CancellationToken cancellationToken = default)
    {
        ObjectListing.Require(listing);
        return ListCoreAsync(listing, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _room.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static ObjectEntry? EntryOf(string key, FileInfo file)
    {
        if (!file.Exists) return null;
        return new ObjectEntry(key, file.Length, ETagOf(file.Length, file.LastWriteTimeUtc), new DateTimeOffset(file.LastWriteTimeUtc));
    }

    private static string ETagOf(long length, DateTime time) => string.Create(CultureInfo.InvariantCulture, $"{length:x}-{time.Ticks:x}");

    private async IAsyncEnumerable<ObjectListItem> ListCoreAsync(ObjectListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask.ConfigureAwait(false);
        using var items = new FolderWalk(_root, listing, cancellationToken).Items().GetEnumerator();
        while (Guard(listing.Prefix, items.MoveNext)) yield return items.Current;
    }

    private ObjectContent? Open(string key, ObjectRange range, string? ifMatch)
    {
        if (FindFile(key) is not { } path) return null;
        Microsoft.Win32.SafeHandles.SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, System.IO.FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Deleted since it was found.
            return null;
        }

        try
        {
            var length = RandomAccess.GetLength(handle);
            var time = File.GetLastWriteTimeUtc(handle);
            var entry = new ObjectEntry(key, length, ETagOf(length, time), new DateTimeOffset(time));
            if (ifMatch is not null && ifMatch != entry.ETag) throw ObjectFaults.Changed(Address, key, "read");
            var (offset, count) = range.Within(length);
            return new ObjectContent(entry, offset, count, new FileRange(handle, offset, count, () => ObjectFaults.Changed(Address, key, "read")));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private async ValueTask<string> PutAsync(string key, PutCondition condition, Func<FileStream, Task> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var draft = Guard(key, _room.Draft);
        try
        {
            DateTime time;
            try
            {
                time = await FillAsync(draft, write).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw FaultOf(key, e);
            }

            using var held = await _room.LockAsync(cancellationToken).ConfigureAwait(false);
            return Guard(key, () => Install(key, draft, time, condition));
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task<DateTime> FillAsync(string draft, Func<FileStream, Task> write)
    {
        var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, System.IO.FileOptions.Asynchronous);
        await using var closing = file.ConfigureAwait(false);
        await write(file).ConfigureAwait(false);
        var time = _room.NextTime();
        File.SetLastWriteTimeUtc(file.SafeFileHandle, time);
        file.Flush(flushToDisk: true);
        return time;
    }

    private string Install(string key, string draft, DateTime time, PutCondition condition)
    {
        var path = PathOf(key);
        RequireNoLinks(key, path);
        var current = EntryOf(key, new FileInfo(path));
        if (condition.IsAbsent && current is not null) throw ObjectFaults.Exists(Address, key);
        if (condition.ETag is { } expected && expected != current?.ETag) throw ObjectFaults.Changed(Address, key, "put");
        if (current is not null && current.Modified.UtcDateTime >= time)
        {
            // Another process put later, or its clock is ahead: an ETag must be new all the same.
            time = current.Modified.UtcDateTime.AddTicks(1);
            File.SetLastWriteTimeUtc(draft, time);
        }

        if (Directory.Exists(path)) throw Both(key, null);
        try
        {
            StableStorage.CreateFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException e) when (e is not PathTooLongException)
        {
            throw Both(key, e);
        }

        File.Move(draft, path, overwrite: true);
        StableStorage.SyncFolderOf(path);
        return ETagOf(new FileInfo(path).Length, time);
    }

    private BasaltException Both(string key, Exception? inner) =>
        new(ErrorCode.Unsupported, $"'{key}' cannot be put into {_root}: a folder cannot hold an object and others whose keys go on behind it with a slash.", inner) { Operation = "put", Target = key };

    /// <summary>The file of a key, or null when there is none, or a link on the way.</summary>
    private string? FindFile(string key)
    {
        if (!ObjectKey.IsPath(key) || PutRoom.Holds(key)) return null;
        var path = PathOf(key);
        return File.Exists(path) && LinkOn(path) is null ? path : null;
    }

    private void RequireNoLinks(string key, string path)
    {
        if (LinkOn(path) is { } link)
            throw new BasaltException(ErrorCode.Unauthorized, $"'{key}' cannot be put into {_root}: {link} is a symbolic link, which is not followed.") { Operation = "put", Target = key };
    }

    private string? LinkOn(string path)
    {
        for (var at = path; at.Length > _root.Length; at = Path.GetDirectoryName(at)!)
            if (new FileInfo(at).LinkTarget is not null) return at;
        return null;
    }

    private string PathOf(string key) => Path.Combine(_root, Path.DirectorySeparatorChar == '/' ? key : key.Replace('/', Path.DirectorySeparatorChar));

    private static void RequireToPut(string key)
    {
        ObjectKey.RequireToPut(key);
        if (PutRoom.Holds(key)) throw new ArgumentException($"Keys in {PutRoom.FolderName}/ are the store's own.", nameof(key));
        if (Path.DirectorySeparatorChar != '/' && key.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars().AsSpan()) is >= 0 and var at && key[at] != '/')
            throw new ArgumentException($"The key '{key}' has the character '{key[at]}', which no file name has here.", nameof(key));
    }

    /// <summary>Removes the folders that a deletion left empty, and returns the last path that was removed.</summary>
    private string RemoveEmptyFolders(string removed)
    {
        while (Path.GetDirectoryName(removed) is { } folder && folder.Length > _root.Length && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
            removed = folder;
        }

        return removed;
    }

    private T Guard<T>(string key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FaultOf(key, e);
        }
    }

    private BasaltException FaultOf(string key, Exception e) => e switch
    {
        UnauthorizedAccessException => new BasaltException(ErrorCode.Unauthorized, $"'{key}' in {_root}: permission denied ({e.Message})", e) { Target = key },
        PathTooLongException => new BasaltException(ErrorCode.InvalidOptions, $"'{key}' in {_root} is too long a path for this system.", e) { Target = key },
        _ => new BasaltException(ErrorCode.Unavailable, $"'{key}' in {_root}: {e.Message}", e) { Target = key },
    };
}

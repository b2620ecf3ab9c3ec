using Basalt.Lsm.IO;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>How often reading begins anew because a writer changed the store meanwhile.</summary>
    private const int MostAttempts = 100;

    /// <summary>Whether it was opened by <see cref="OpenReadOnly"/>: every call that would write is refused with <see cref="LsmErrorCode.ReadOnly"/>.</summary>
    public bool IsReadOnly => _lock is null;

    /// <summary>
    /// Opens the store, or backup, of a folder as it is at one moment between the call and its return, and writes nothing: not even a lock, so the
    /// folder may be read-only, and a writer may have it open. What a writer does later does not show; open again to see it. Writes that the
    /// writer has logged and not yet acknowledged may show.
    /// </summary>
    /// <remarks>
    /// - What is in the log and not in tables is held in memory: as much as the writer's <see cref="LsmOptions.MemtableBytes"/> allow, twice; the own option counts for nothing.
    /// - A file that the writer removes is kept open, which costs its space on disk. Windows does not let open files go: the writer removes them when it is opened next.
    /// - When the writer changes the store while it is read, reading begins anew, at most a hundred times.
    /// </remarks>
    /// <exception cref="LsmException">Missing or corrupt, too new, an invalid option; busy when the store changed each time.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static LsmStore OpenReadOnly(LsmOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var names = new FileNames(options.Folder);
        return ReadUnchanged(options.FileSystem, names, isSettled =>
        {
            var store = new LsmStore(options, names, heldLock: null);
            try
            {
                var inventory = store.ReadManifest();
                store.Load(inventory, toleratesMissing: isSettled, cancellationToken);
                // Logs are listed behind the manifest: none that it needs was removed before it was read.
                store.ReplayLogs(store._disk.List(names.Folder), cancellationToken);
                // Of a tree that was dropped since, the logs may lack the end, and hold what was written to others later.
                if (inventory.Keyspaces.Keys.Except(store.ReadManifest().Keyspaces.Keys).Any()) throw LsmException.Corrupt(names.CurrentPath, 0, "a tree was dropped while it was read");
                return store;
            }
            catch
            {
                store.Abandon();
                throw;
            }
        }, cancellationToken);
    }

    /// <summary>Manifest and log once more, as they are now.</summary>
    private void VerifyMoment(CancellationToken cancellationToken) => ReadUnchanged(_disk, _names, _ =>
    {
        var inventory = ReadManifest();
        var logs = _disk.List(_names.Folder).Where(name => FileNames.IsLog(name, out var number) && number >= inventory.LogNumber).ToList();
        foreach (var log in logs) VerifyLog(Path.Combine(_names.Folder, log), mayBeTorn: log == logs[^1], inventory, cancellationToken);
        return inventory;
    }, cancellationToken);

    private Inventory ReadManifest() => Manifest.Read(_disk, _names, List(_disk, _names), _options.Keys, out _) ?? throw LsmException.Missing(_names.CurrentPath, "there is no store");

    /// <summary>
    /// Reads what a writer may change at any time. A fault counts when the store is as it was before; otherwise it is read again. Who reads is
    /// told whether that was found before: what is missing then is missing indeed.
    /// </summary>
    private static T ReadUnchanged<T>(IFileSystem disk, FileNames names, Func<bool, T> read, CancellationToken cancellationToken)
    {
        var isSettled = false;
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = Look(disk, names);
            try
            {
                return read(isSettled);
            }
            catch (Exception e) when (e is FileNotFoundException or LsmException { Code: LsmErrorCode.Corrupt })
            {
                var isUnchanged = Look(disk, names).SequenceEqual(before);
                if (isUnchanged && !isSettled && e is FileNotFoundException)
                {
                    isSettled = true;
                    continue;
                }

                if (isUnchanged && e is FileNotFoundException missing) throw LsmException.Missing(missing.FileName ?? names.Folder, "the folder lists it");
                if (isUnchanged) throw;
                isSettled = false;
                if (attempt >= MostAttempts) throw new LsmException(LsmErrorCode.Busy, $"{names.Folder} changed each of the {MostAttempts} times that it was read. Try again.", e);
            }
        }
    }

    /// <summary>What shows that a store has changed: the names of its files, and how long those are that grow.</summary>
    private static List<(string Name, long Length)> Look(IFileSystem disk, FileNames names) =>
        List(disk, names).ToList().ConvertAll(name => (name, FileNames.IsLog(name, out _) || FileNames.IsManifest(name, out _) ? LengthOf(disk, Path.Combine(names.Folder, name)) : 0));

    private static long LengthOf(IFileSystem disk, string path)
    {
        try
        {
            using var file = disk.Open(path);
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return -1;
        }
    }

    private static IReadOnlyList<string> List(IFileSystem disk, FileNames names)
    {
        try
        {
            return disk.List(names.Folder);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new LsmException(LsmErrorCode.Corrupt, $"The folder {names.Folder} does not exist.", e);
        }
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly) throw LsmException.ReadOnly(_names.Folder);
    }
}

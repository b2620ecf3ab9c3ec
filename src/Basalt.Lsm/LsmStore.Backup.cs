using Basalt.Lsm.Backups;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>
    /// Makes a folder a backup of the store as it is now, while writers go on: flushes, then links or copies what the store consists of. On the
    /// same disk it costs next to nothing (a checkpoint). The backup is a store of its own: open it with <see cref="OpenReadOnly"/>, or have it
    /// restored. <see cref="Open"/> makes it another store, which takes no backups of this one any more.
    /// </summary>
    /// <remarks>
    /// - Into a folder with an earlier backup of this store only new files are put, and those that are not needed any more are removed.
    /// - The result is durable when the call returns. A crash, a fault or a cancellation leaves the earlier backup whole, or none if there was none.
    /// - Files that are there already are compared by number, size, footer and meta, not byte by byte: <see cref="Verify"/> of the backup finds damage.
    /// - An encrypted store has an encrypted backup, which is read with the same keys.
    /// </remarks>
    /// <param name="folder">Absent, empty, or with an earlier backup of this store. One backup at a time.</param>
    /// <param name="options">Links or copies; progress.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="LsmException">WrongFolder: it holds something else. Locked: another backup goes on there. Otherwise as of <see cref="Flush"/>.</exception>
    /// <exception cref="IOException">A disk failed.</exception>
    public TransferReport Backup(string folder, TransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ThrowIfClosed();
        ThrowIfReadOnly();
        options ??= new TransferOptions();
        var names = new FileNames(folder);
        _disk.CreateFolder(folder);
        using var held = TakeLock(_disk, names, Clock);
        var backup = BackupFolder.Begin(_disk, names, _options.Keys, Inventory.Identity);
        Flush(cancellationToken);
        var version = HoldTables(out var inventory);
        try
        {
            var transfer = new Transfer(_disk, folder, options.Placement ?? Placement.Link, options.Progress);
            transfer.Place(FilesOf(version), cancellationToken);
            backup.Complete(inventory);
            return Report(inventory, transfer, backup.RemoveOthers(inventory));
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>
    /// Makes a store out of a backup, which stays as it is. Every checksum is verified before the store can be opened; then it opens like any
    /// other. It is another store than that of the backup: its own backups need a folder of their own.
    /// </summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="options">As the store will be opened: the folder, which must be absent or empty, the disk and the keys.</param>
    /// <param name="transfer">Copies or links; progress.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="LsmException">WrongFolder: no backup there, or the destination is not empty. Corrupt: the backup is damaged. Locked: the destination is in use.</exception>
    /// <exception cref="IOException">A disk failed. What was placed is removed again; what a crash leaves has to be removed by hand.</exception>
    public static TransferReport Restore(string backup, LsmOptions options, TransferOptions? transfer = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(backup);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var (disk, names, from) = (options.FileSystem, new FileNames(options.Folder), new FileNames(backup));
        if (BackupFolder.OwnerOf(disk, from, List(disk, from)) is null) throw LsmException.WrongFolder(backup, "is not a backup");
        using var source = OpenReadOnly(options with { Folder = backup }, cancellationToken);
        if (source.Inventory.LogNumber != 0) throw LsmException.WrongFolder(backup, "was opened as a store and is no backup any more");
        disk.CreateFolder(options.Folder);
        using var held = TakeLock(disk, names, options.TimeProvider);
        if (disk.List(options.Folder).FirstOrDefault(static name => name != FileNames.Lock) is { } present) throw LsmException.WrongFolder(options.Folder, $"holds {present}; restore into an empty folder");
        var version = source.HoldTables(out var inventory);
        var restoring = new Transfer(disk, options.Folder, transfer?.Placement ?? Placement.Copy, transfer?.Progress);
        try
        {
            try
            {
                restoring.Place(FilesOf(version), cancellationToken);
                foreach (var table in version.AllTables) source.VerifyRestored(table, names, cancellationToken);
                disk.SyncFolder(options.Folder);
            }
            catch
            {
                foreach (var path in restoring.Placed) source.TryDelete(path);
                throw;
            }

            inventory.Rename();
            using var manifest = Manifest.Create(disk, names, inventory, inventory.LastNumber + 1, source.NewCipher());
            manifest.Close();
            return Report(inventory, restoring, 0);
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>The tables of this moment, held, and what a manifest says of a store that consists of nothing else. The caller releases the version.</summary>
    private Version HoldTables(out Inventory inventory)
    {
        lock (_maintenance)
        {
            var version = HoldVersion(out _);
            var content = Inventory.ToEdit();
            content.Log = (0, Inventory.FlushedSequence);
            inventory = new Inventory();
            inventory.Apply(content, _names.Folder, 0);
            return version;
        }
    }

    /// <summary>All files of a version. A sidecar that cannot be read has no place in a backup.</summary>
    private static List<SharedFile> FilesOf(Version version)
    {
        foreach (var sidecar in version.AllTables.SelectMany(static table => table.Attached).Where(static sidecar => sidecar.Damage is not null))
            throw new LsmException(LsmErrorCode.Corrupt, $"There can be no backup with it: {sidecar.Damage!.Message} Rebuild the sidecar, or drop it.", sidecar.Damage);
        return [.. version.AllTables.SelectMany(static table => table.Files)];
    }

    /// <summary>Reads the restored files of a table once more, and checks all of them.</summary>
    private void VerifyRestored(LiveTable table, FileNames names, CancellationToken cancellationToken)
    {
        VerifyRestored(table.File, () => Table.Open(_tables, names.Table(table.Number), table.Number), restored => VerifyTable(restored, cancellationToken));
        foreach (var sidecar in table.Attached)
            VerifyRestored(sidecar, () => SidecarFile.Open(_tables, names.Sidecar(sidecar.Number), sidecar.Number, sidecar.Name, table.Number, toleratesMissing: false), restored => restored.Check(cancellationToken));
    }

    private static void VerifyRestored<T>(T original, Func<T> open, Action<T> verify)
        where T : SharedFile
    {
        try
        {
            var restored = open();
            restored.Hold();
            try
            {
                verify(restored);
            }
            finally
            {
                restored.Release();
            }
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
        {
            throw LsmException.DamagedBackup(original.Path, e);
        }
    }

    private static TransferReport Report(Inventory inventory, Transfer transfer, int left) => new()
    {
        Sequence = inventory.FlushedSequence,
        Files = inventory.Tables.Count + inventory.SidecarFiles.Count(),
        LinkedBytes = transfer.Linked,
        CopiedBytes = transfer.Copied,
        ReusedBytes = transfer.Reused,
        FilesLeft = left,
    };
}

using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Maintenance;
using Basalt.Lsm;
using Basalt.Lsm.Backups;
using Basalt.Lsm.Versions;

namespace Basalt.Engine;

public sealed partial class EngineBackend
{
    /// <summary>What a folder holds. Only its file names are looked at.</summary>
    /// <exception cref="BasaltException">It cannot be listed.</exception>
    public static FolderContent Look(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return EngineFaults.Guard(options.Path, () =>
        {
            try
            {
                var files = options.FileSystem.List(options.Path);
                if (!files.Contains(FileNames.Current)) return FolderContent.Other;
                return files.Contains(FileNames.Backup) ? FolderContent.Backup : FolderContent.Database;
            }
            catch (DirectoryNotFoundException)
            {
                return FolderContent.Other;
            }
        });
    }

    /// <summary>What the database holds and does at this moment.</summary>
    public EngineStats Stats()
    {
        ThrowIfDisposed();
        return EngineFaults.Guard(_folder, () =>
        {
            using var snapshot = _store.Snapshot();
            var collections = _catalogue.Collections.Values.Select(collection => StatsOf(collection, snapshot)).ToList();
            return new EngineStats(_folder, collections, _store.Stats(), _store.Memory.Used, _store.Memory.Limit, _fileSystem.FreeBytes(_folder), _works.Pending(snapshot), _works.Fault);
        });
    }

    /// <summary>Reads everything that is stored and looks for damage: every checksum, then every record. An empty list means that there is none.</summary>
    /// <param name="progress">Told the share of the records that were read, after the checksums; on this thread.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <remarks>It goes on beside readers and writers; writers wait while the log is read. At most a hundred records are told of for each collection.</remarks>
    /// <exception cref="BasaltException">The disk failed. Damage is no exception, but the result.</exception>
    public IReadOnlyList<Damage> Verify(IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return EngineFaults.Guard(_folder, () => new Verification(_store, [.. _catalogue.Collections.Values], _catalogue.Changes, _folder, progress, cancellationToken).Run());
    }

    /// <summary>
    /// The same for a database or a backup that stays as it is: nothing is written, and another process may have it open. What that one does later does not show.
    /// </summary>
    /// <exception cref="BasaltException">There is none, it is too damaged to be opened, or the disk failed.</exception>
    public static IReadOnlyList<Damage> VerifyStored(EngineOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        RequireContent(options);
        return EngineFaults.Guard(options.Path, () =>
        {
            var sidecars = new SidecarRegistry();
            using var keys = options.ReadKeys();
            using var store = LsmStore.OpenReadOnly(options.ToLsm(keys) with { Sidecars = sidecars.Of }, cancellationToken);
            var catalogue = store.Trees.Contains(CatalogueKey.Tree) ? Catalogue.Open(store, sidecars) : null;
            return new Verification(store, [.. catalogue?.Collections.Values ?? []], catalogue?.Changes, options.Path, progress, cancellationToken).Run();
        });
    }

    /// <summary>Merges what is stored of every collection into as few tables as there can be, without what was overwritten or deleted. Reads and writes go on.</summary>
    /// <exception cref="BasaltException">A table is damaged, or the disk failed; nothing is lost.</exception>
    public void Compact(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        EngineFaults.Guard(_folder, () =>
        {
            _store.Compact(cancellationToken);
            return true;
        });
    }

    /// <summary>
    /// Makes a folder a backup of the database as it is now, while readers and writers go on. Into a folder with an earlier backup of this database only new files are put.
    /// On the same disk files are linked unless copies are asked for.
    /// </summary>
    /// <param name="target">Absent, empty, or with an earlier backup of this database.</param>
    /// <param name="options">Links or copies; progress.</param>
    /// <param name="cancellationToken">Ends it early; an earlier backup stays whole.</param>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the folder holds something else. <see cref="ErrorCode.Locked"/>: another backup goes on there. Or the disk failed.</exception>
    public TransferReport BackUp(string target, TransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        ThrowIfDisposed();
        return EngineFaults.Guard(target, () => _store.Backup(target, options, cancellationToken));
    }

    /// <summary>Makes a database out of a backup, which stays as it is. Every checksum is verified before the database can be opened.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="options">As the database will be opened. Its folder must be absent or empty.</param>
    /// <param name="transfer">Copies or links; progress.</param>
    /// <param name="cancellationToken">Ends it early; what was placed is removed.</param>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.NotFound"/>: there is no such folder. <see cref="ErrorCode.InvalidOptions"/>: it is no backup, or the destination is not empty.
    /// <see cref="ErrorCode.Corrupt"/>: the backup is damaged, and nothing was restored. Or the disk failed.
    /// </exception>
    public static TransferReport Restore(string backup, EngineOptions options, TransferOptions? transfer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        RequireContent(options with { Path = backup });
        using var keys = options.ReadKeys();
        return EngineFaults.Guard(options.Path, () => LsmStore.Restore(backup, options.ToLsm(keys), transfer, cancellationToken));
    }

    private static void RequireContent(EngineOptions options)
    {
        if (Look(options) == FolderContent.Other) throw new BasaltException(ErrorCode.NotFound, $"There is no database in {options.Path}.") { Backend = EngineFaults.Scheme, Target = options.Path };
    }

    private CollectionStats StatsOf(EngineCollection collection, LsmSnapshot snapshot)
    {
        var tables = collection.Tree.Tables(snapshot);
        return new CollectionStats(collection.Name, RecordCount.Of(collection, _catalogue.Tree, snapshot), tables.Count, tables.Sum(static table => table.Size), StatesOf(collection, tables));
    }
}

/// <summary>What lies in a folder.</summary>
public enum FolderContent
{
    /// <summary>No database: nothing, something else, or no folder.</summary>
    Other,

    /// <summary>A database.</summary>
    Database,

    /// <summary>A backup of a database: to be restored or verified. Opened, it would become another database.</summary>
    Backup,
}

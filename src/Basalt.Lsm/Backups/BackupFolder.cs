using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm.Backups;

/// <summary>
/// The folder of a backup: a store of tables alone, without a log, and the file BACKUP, which says whose it is. BACKUP is there before
/// anything else, so that whatever an interrupted backup leaves is known to be its own. The caller has the folder's lock.
/// </summary>
internal sealed class BackupFolder
{
    private const string Word = "backup";
    private readonly IFileSystem _disk;
    private readonly FileNames _names;
    private readonly IKeyProvider? _keys;

    private BackupFolder(IFileSystem disk, FileNames names, IKeyProvider? keys) => (_disk, _names, _keys) = (disk, names, keys);

    /// <summary>Whose backup the folder holds, whole or begun; null when it is none.</summary>
    public static Guid? OwnerOf(IFileSystem disk, FileNames names, IReadOnlyList<string> files)
    {
        if (!files.Contains(FileNames.Backup)) return null;
        return SealedLine.Read(disk, names.BackupPath) is [Word, var digits] && Guid.TryParseExact(digits, "N", out var owner) ? owner : throw LsmException.Corrupt(names.BackupPath, 0, "it does not say whose backup this is");
    }

    /// <summary>Makes a folder that of a store's backup, or finds that it is. Anything else in it is refused.</summary>
    public static BackupFolder Begin(IFileSystem disk, FileNames names, IKeyProvider? keys, Guid store)
    {
        var files = disk.List(names.Folder);
        if (files.FirstOrDefault(static name => !IsKnown(name)) is { } foreign) throw LsmException.WrongFolder(names.Folder, $"holds {foreign}, which is no part of a backup");
        var owner = OwnerOf(disk, names, files);
        if (owner is null && files.FirstOrDefault(static name => name is not (FileNames.Lock or FileNames.Backup + FileNames.Temporary)) is { } other)
            throw LsmException.WrongFolder(names.Folder, $"is no backup and holds {other}");
        if (owner is not null && (owner != store || (Manifest.Read(disk, names, files, keys, out _) is { } earlier && earlier.Identity != store))) throw LsmException.WrongFolder(names.Folder, "holds the backup of another store");
        if (owner is null) SealedLine.Write(disk, names.BackupPath, $"{Word} {store:N}");
        // A log is left by who opened the backup as a store and did not come as far as making it one; beside the next backup it would be damage.
        foreach (var log in files.Where(static name => FileNames.IsLog(name, out _))) disk.Delete(Path.Combine(names.Folder, log));
        return new BackupFolder(disk, names, keys);
    }

    /// <summary>Makes the placed files the backup, by one manifest of their own.</summary>
    public void Complete(Inventory inventory)
    {
        _disk.SyncFolder(_names.Folder);
        var last = _disk.List(_names.Folder).Select(static name => FileNames.IsManifest(name, out var number) ? number : 0).Append(inventory.LastNumber).Max();
        using var manifest = Manifest.Create(_disk, _names, inventory, last + 1, _keys is null ? null : FileCipher.Create(_keys));
        manifest.Close();
    }

    /// <summary>Removes what the backup does not need; returns how many files could not be.</summary>
    public int RemoveOthers(Inventory inventory)
    {
        var needed = Manifest.NameOfCurrent(_disk, _names);
        var isContent = inventory.Contents();
        var left = 0;
        foreach (var name in _disk.List(_names.Folder).Where(name => name is not (FileNames.Lock or FileNames.Backup or FileNames.Current) && name != needed && !isContent(name)))
        {
            try
            {
                _disk.Delete(Path.Combine(_names.Folder, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The backup is whole without it, and the next one tries again.
                left++;
            }
        }

        return left;
    }

    private static bool IsKnown(string name)
    {
        if (name.EndsWith(FileNames.Temporary, StringComparison.Ordinal)) name = name[..^FileNames.Temporary.Length];
        return name is FileNames.Lock or FileNames.Backup or FileNames.Current || FileNames.IsTable(name, out _) || FileNames.IsSidecar(name, out _) || FileNames.IsManifest(name, out _) || FileNames.IsLog(name, out _);
    }
}

using System.Globalization;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Lsm.Versions;

/// <summary>
/// The log of edits that says what the store consists of, and CURRENT, the file that says which log that is. Every edit is durable before it
/// counts. One thread at a time.
/// </summary>
internal sealed class Manifest : IDisposable
{
    /// <summary>A manifest longer than this, and than four times what is needed, is replaced by a new one.</summary>
    private const long RollBytes = 256 << 10;

    private const string CurrentWord = "manifest";

    private readonly IFileSystem _disk;
    private readonly FileNames _names;
    private LogWriter _log;
    private long _firstLength;
    private ulong _edits;

    private Manifest(IFileSystem disk, FileNames names, Inventory inventory, LogWriter log) =>
        (_disk, _names, Inventory, _log, _firstLength, _edits) = (disk, names, inventory, log, log.Length, 1);

    public Inventory Inventory { get; }

    public ulong Number => _log.Number;

    /// <summary>The id of the key that it is encrypted under; null: it is not.</summary>
    public string? KeyId => _log.KeyId;

    public bool IsDueToRoll => _log.Length > RollBytes && _log.Length > 4 * _firstLength;

    /// <summary>Writes a whole new manifest, encrypted when there is a cipher, and makes it the current one.</summary>
    public static Manifest Create(IFileSystem disk, FileNames names, Inventory inventory, ulong number, FileCipher? cipher)
    {
        var log = Begin(disk, names, inventory, number, cipher);
        return new Manifest(disk, names, inventory, log);
    }

    /// <summary>Reads what the current manifest says; null when there is none.</summary>
    public static Inventory? Read(IFileSystem disk, FileNames names, IReadOnlyList<string> files, IKeyProvider? keys, out string? current)
    {
        current = null;
        if (!files.Contains(FileNames.Current)) return null;
        var number = ReadCurrent(disk, names.CurrentPath);
        current = names.Manifest(number);
        if (!files.Contains(Path.GetFileName(current))) throw LsmException.Missing(current, "CURRENT names it");
        var inventory = new Inventory();
        using var reader = LogReader.Open(disk, current, LogFormat.ManifestMagic, number, mayBeTorn: true, keys);
        for (var at = reader.ValidLength; reader.Read(out var head, out var payload); at = reader.ValidLength)
        {
            if (head.Kind != FrameKind.Entry || head.Count != 1) throw LsmException.Corrupt(current, at, "a frame is not one edit");
            inventory.Apply(VersionEdit.Decode(payload, current, at), current, at);
        }

        // The first edit is synced before CURRENT names the file.
        return reader.LastSequence > 0 ? inventory : throw LsmException.Corrupt(current, reader.ValidLength, "the first edit is not there");
    }

    /// <summary>The name of the manifest that CURRENT names.</summary>
    public static string NameOfCurrent(IFileSystem disk, FileNames names) => Path.GetFileName(names.Manifest(ReadCurrent(disk, names.CurrentPath)));

    /// <summary>Makes a step durable. After a failure the manifest must not be written any more, but for <see cref="LsmErrorCode.DiskFull"/>: then it is as it was.</summary>
    public void Append(VersionEdit edit)
    {
        var before = _log.Length;
        try
        {
            _log.Add(FrameKind.Entry, 1, _edits + 1, edit.Encode());
            _log.Write();
            _log.Sync();
        }
        catch (Exception e) when (DiskSpace.IsOut(e))
        {
            _log.Rewind(_disk, before);
            throw LsmException.DiskFull(_names.Folder, e);
        }

        _edits++;
        Inventory.Apply(edit, _log.Path, _log.Length);
    }

    /// <summary>Goes on in a new file; the old one is removed.</summary>
    public void Roll(ulong number, FileCipher? cipher)
    {
        var log = Begin(_disk, _names, Inventory, number, cipher);
        var old = _log;
        (_log, _firstLength, _edits) = (log, log.Length, 1);
        old.Dispose();
        _disk.Delete(old.Path);
    }

    public void Close() => _log.End(_edits);

    public void Dispose() => _log.Dispose();

    private static LogWriter Begin(IFileSystem disk, FileNames names, Inventory inventory, ulong number, FileCipher? cipher)
    {
        LogWriter? log = null;
        try
        {
            log = LogWriter.Create(disk, names.Manifest(number), LogFormat.ManifestMagic, number, 0, cipher);
            log.Add(FrameKind.Entry, 1, 1, inventory.ToEdit().Encode());
            log.Write();
            log.Sync();
        }
        catch (Exception e)
        {
            log?.Dispose();
            // Nothing names it yet: the next open removes it.
            if (DiskSpace.IsOut(e)) throw LsmException.DiskFull(names.Folder, e);
            throw;
        }

        try
        {
            WriteCurrent(disk, names, number);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private static void WriteCurrent(IFileSystem disk, FileNames names, ulong number) => SealedLine.Write(disk, names.CurrentPath, $"{CurrentWord} {number}");

    private static ulong ReadCurrent(IFileSystem disk, string path) =>
        SealedLine.Read(disk, path) is [CurrentWord, var digits] && ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw LsmException.Corrupt(path, 0, "it does not name a manifest");
}

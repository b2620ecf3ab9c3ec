using Basalt.Lsm.Encryption;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    private Inventory _recovered = new();

    /// <summary>
    /// Manifest, tables, log; then what no version names is removed. Nothing is removed before everything was found whole: a damaged
    /// manifest must not make orphans of good files.
    /// </summary>
    private void Recover(CancellationToken cancellationToken)
    {
        var files = _disk.List(_names.Folder);
        var inventory = Manifest.Read(_disk, _names, files, _options.Keys, out _);
        if (inventory is null && files.FirstOrDefault(static name => FileNames.IsTable(name, out _) || FileNames.IsLog(name, out _)) is { } stray)
            throw LsmException.Missing(_names.CurrentPath, $"the folder holds {stray}");
        if (inventory is not null && files.Contains(FileNames.Backup)) inventory.Rename();
        Load(inventory ?? new Inventory(), toleratesMissing: true, cancellationToken);
        _nextFile = files.Select(NumberOf).Append(_recovered.LastNumber).Max() + 1;
        // The first file of a new store: whatever else there is, CURRENT is older.
        if (inventory is null)
        {
            _recovered.Apply(new VersionEdit { Identity = Guid.NewGuid() }, _names.Folder, 0);
            _manifest = Manifest.Create(_disk, _names, _recovered, TakeNumber(), NewCipher());
        }

        ReplayLogs(files, cancellationToken);
        // A new manifest at every open: it is as short as can be, and there is one way to begin.
        var isAllFlushed = _sequence == Inventory.FlushedSequence || Inventory.LogNumber == 0;
        AppendEdit(new VersionEdit { Log = (isAllFlushed ? _log.Number : Inventory.LogNumber, Inventory.FlushedSequence) });
        RemoveOrphans(files);
        if (!_options.RunsMaintenanceInline)
        {
            if (IsMergeDue()) _merger.Ask();
            else WakeAtExpiry();
        }

        if (_options.Sync.Period is { } period && period > TimeSpan.Zero) _syncTimer = _options.TimeProvider.CreateTimer(_ => SyncLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Opens what the manifest names, and begins with its trees. Files of sidecars may be missing: tables take no harm by that.</summary>
    private void Load(Inventory inventory, bool toleratesMissing, CancellationToken cancellationToken)
    {
        (_recovered, _sequence) = (inventory, inventory.FlushedSequence);
        foreach (var (id, name) in inventory.Keyspaces)
        {
            _trees.Add(name, new LsmTree(this, id, name));
            _active.Add(id, new Memtable(Memory));
        }

        _droppedBytes = inventory.Dropped.Count * LeastDroppedBytes;
        OpenTables(toleratesMissing, cancellationToken);
    }

    private static ulong NumberOf(string name) => FileNames.IsTable(name, out var number) || FileNames.IsSidecar(name, out number) || FileNames.IsLog(name, out number) || FileNames.IsManifest(name, out number) ? number : 0;

    private void OpenTables(bool toleratesMissing, CancellationToken cancellationToken)
    {
        var opened = new List<LiveTable>();
        try
        {
            foreach (var record in _recovered.Tables.Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var table = Table.Open(_tables, _names.Table(record.Number), record.Number);
                opened.Add(new LiveTable(table, record));
                if (record.Sidecars.Count > 0) opened[^1] = new LiveTable(table, record, OpenAttached(record, toleratesMissing));
                if (table.Meta.Keyspace != record.Keyspace) throw LsmException.Corrupt(table.Path, 0, $"it belongs to keyspace {table.Meta.Keyspace}, and the manifest says {record.Keyspace}");
            }
        }
        catch
        {
            foreach (var file in opened.SelectMany(static table => table.Files)) Drop(file, isUnknown: true);
            throw;
        }

        var tables = opened.ToLookup(static table => table.Record.Keyspace);
        Install(new Version(_trees.Values.OrderBy(static tree => tree.Id).Select(tree => new TreeContent(tree, [_active[tree.Id]], TreeContent.NewestFirst(tables[tree.Id])))));
    }

    /// <summary>Applies what is in the logs and not in tables, and opens the last log for more. For reading only, the logs stay as they are.</summary>
    private void ReplayLogs(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var logs = files.Select(static name => FileNames.IsLog(name, out var number) ? number : 0).Where(number => number > 0 && number >= _recovered.LogNumber).Order().ToList();
        if (_recovered.LogNumber > 0 && logs.FirstOrDefault() != _recovered.LogNumber) throw LsmException.Missing(_names.Log(_recovered.LogNumber), "the manifest says that the log begins there");
        ProveKeys(logs);
        var last = _sequence;
        for (var i = 0; i < logs.Count; i++)
        {
            var isLast = i == logs.Count - 1;
            var path = _names.Log(logs[i]);
            long validLength;
            CipherHeader? encryption;
            using (var reader = LogReader.Open(_disk, path, LogFormat.WalMagic, logs[i], mayBeTorn: isLast, _options.Keys))
            {
                if (reader.ValidLength > 0 && (i == 0 ? reader.LastSequence > last : reader.LastSequence != last))
                    throw LsmException.Corrupt(path, 24, $"it begins behind sequence {reader.LastSequence}, and what is before it ends with {last}: a log between them is missing");
                Replay(reader, path, logs[i], cancellationToken);
                if (reader.ValidLength > 0) last = reader.LastSequence;
                (validLength, encryption) = (reader.ValidLength, reader.Encryption);
            }

            if (validLength == 0)
            {
                // The power went while it was created: nothing was ever logged in it.
                if (logs[i] == _recovered.LogNumber) throw LsmException.Corrupt(path, 0, "the head is not that of a log");
                if (IsReadOnly) continue;
                _disk.Delete(path);
                // Durably: beside a later log it would be damage.
                _disk.SyncFolder(_names.Folder);
            }
            else if (isLast)
            {
                if (!IsReadOnly) _log = LogWriter.Continue(_disk, path, logs[i], validLength, encryption is null ? null : FileCipher.Open(_options.Keys, encryption, path));
            }
            else
            {
                _oldLogs = [.. _oldLogs, new SealedLog(path, encryption?.KeyId)];
            }
        }

        if (last < _recovered.FlushedSequence) throw LsmException.Corrupt(_names.Log(logs[^1]), 0, $"the log ends with sequence {last}, and tables hold up to {_recovered.FlushedSequence}");
        if (IsReadOnly || (_log is not null && IsUnderCurrentKey(_log.KeyId))) return;
        if (_log is not null)
        {
            // Cut and synced where it was torn: it need not be the last one.
            _oldLogs = [.. _oldLogs, new SealedLog(_log.Path, _log.KeyId)];
            _log.Dispose();
        }

        var next = TakeNumber();
        _log = LogWriter.Create(_disk, _names.Log(next), LogFormat.WalMagic, next, _sequence, NewCipher());
    }

    private void Replay(LogReader reader, string path, ulong log, CancellationToken cancellationToken)
    {
        for (var at = reader.ValidLength; reader.Read(out var head, out var payload); at = reader.ValidLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (head.Sequence <= Inventory.FlushedSequence) continue;
            if (head.Sequence != _sequence + 1) throw LsmException.Corrupt(path, at, $"sequence {head.Sequence} follows {_sequence}");
            if (head.Kind == FrameKind.Reserved)
            {
                // Taken by a load whose edit is not in the manifest: it did not come to be.
                _sequence += head.Count;
                continue;
            }

            CheckBatch(payload, head, Inventory, path, at);
            Apply(payload, ref _sequence);
            CountActive();
            if (!IsMemoryFull || IsReadOnly) continue;
            // Memory stays bounded however long the log is.
            var full = _active;
            BeginMemtables();
            WriteOut(full, _sequence, log, cancellationToken);
            CountActive();
        }
    }

    /// <summary>A batch is applied whole or not at all, so it is read through before.</summary>
    private static void CheckBatch(ReadOnlySpan<byte> payload, FrameHead head, Inventory inventory, string path, long offset)
    {
        var operations = 0u;
        var batch = new BatchReader(payload);
        for (; batch.Read(); operations++)
            if (!inventory.MayBeWritten(batch.Keyspace, head.Sequence)) throw LsmException.Corrupt(path, offset, $"a batch writes to keyspace {batch.Keyspace}, which is not there");
        if (!batch.IsSound || operations != head.Count) throw LsmException.Corrupt(path, offset, $"a batch of {head.Count} operations cannot be read");
    }

    private void RemoveOrphans(IReadOnlyList<string> before)
    {
        var isContent = Inventory.Contents();
        foreach (var name in before)
        {
            var isOrphan = ((FileNames.IsTable(name, out var number) || FileNames.IsSidecar(name, out number)) && !isContent(name))
                || (FileNames.IsManifest(name, out number) && number != _manifest.Number)
                || (FileNames.IsLog(name, out number) && number < Inventory.LogNumber)
                || name is FileNames.Backup or FileNames.Probe or FileNames.Current + FileNames.Temporary or FileNames.Backup + FileNames.Temporary;
            if (isOrphan) _disk.Delete(Path.Combine(_names.Folder, name));
        }

        _oldLogs = [.. _oldLogs.Where(log => !FileNames.IsLog(Path.GetFileName(log.Path), out var number) || number >= Inventory.LogNumber)];
    }
}

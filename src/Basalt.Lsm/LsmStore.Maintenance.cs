using Basalt.Lsm.Compaction;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    private const int EntriesBetweenChecks = 1024;

    /// <summary>Memtables that take no more writes and are not in tables yet: of all trees, up to a sequence, with the log that begins behind them.</summary>
    private (Memtable[] Memtables, ulong Sequence, ulong NextLog)? _frozen;
    private long _flushedBytes;
    private long _mergedBytes;

    /// <summary>Writes all memtables out as tables. What was written before the call is in tables when it returns, and the log is short.</summary>
    public void Flush(CancellationToken cancellationToken = default)
    {
        lock (_maintenance)
        {
            // A flush that failed before left frozen memtables; they go first.
            if (_frozen is not null) FlushOnce(cancellationToken);
            FlushOnce(cancellationToken);
        }
    }

    /// <summary>Merges the tables of every tree into one each, with nothing in it that was overwritten or deleted. Afterwards everything is under the current key.</summary>
    public void Compact(CancellationToken cancellationToken = default)
    {
        Flush(cancellationToken);
        RenewManifest();
        foreach (var tree in LockedTrees()) Compact(tree.Id, cancellationToken);
    }

    /// <summary>What the store holds and did since it was opened.</summary>
    public LsmStats Stats()
    {
        using var snapshot = Snapshot();
        return new LsmStats
        {
            Tables = snapshot.Version.AllTables.Count(),
            TableBytes = snapshot.Version.AllTables.Sum(static table => table.File.Size),
            Entries = snapshot.Version.AllTables.Sum(static table => table.File.Meta.Entries),
            Tombstones = snapshot.Version.AllTables.Sum(static table => table.File.Meta.Tombstones),
            ResidentTableBytes = snapshot.Version.AllTables.Sum(static table => table.File.ResidentBytes),
            MemtableBytes = Enumerable.Range(0, snapshot.Version.Keyspaces).Sum(keyspace => snapshot.Version.Memtables((uint)keyspace).Sum(static memtable => memtable.Bytes)),
            LoggedBytes = Interlocked.Read(ref _loggedBytes),
            FlushedBytes = Interlocked.Read(ref _flushedBytes),
            MergedBytes = Interlocked.Read(ref _mergedBytes),
            CommitGroups = _commits.Groups,
            CacheBytes = Memory.UsedFor(MemoryUse.BlockCache),
            CacheHits = _tables.Cache.Lookups.Hits,
            CacheMisses = _tables.Cache.Lookups.Misses,
            Keys = KeysInUse(snapshot.Version),
        };
    }

    internal void Compact(uint keyspace, CancellationToken cancellationToken)
    {
        lock (_maintenance)
        {
            if (_frozen is not null) FlushOnce(cancellationToken);
            FlushOnce(cancellationToken);
            var tables = _version.Tables(keyspace);
            if (tables.Length > 1 || tables.Any(table => table.File.Meta.Tombstones > 0 || !IsUnderCurrentKey(table.File.KeyId))) Merge(keyspace, 0, tables.Length, cancellationToken);
        }
    }

    private List<LsmTree> LockedTrees()
    {
        lock (_maintenance) return [.. _trees.Values];
    }

    private bool IsFull => Volatile.Read(ref _activeBytes) >= _options.MemtableBytes;

    private void CountActive()
    {
        var bytes = 0L;
        foreach (var memtable in _active)
            if (!memtable.IsEmpty) bytes += memtable.Bytes;
        Volatile.Write(ref _activeBytes, bytes);
    }

    /// <summary>Flushes when the memtables are full, then merges what is due.</summary>
    private void MakeRoom()
    {
        if (!IsFull) return;
        lock (_maintenance)
        {
            if (_frozen is not null) FlushOnce(default);
            if (!IsFull) return;
            FlushOnce(default);
            foreach (var tree in _trees.Values) MergeDue(tree.Id);
        }
    }

    private void FlushOnce(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        if (_frozen is null && !Freeze()) return;
        var frozen = _frozen!.Value;
        WriteOut(frozen.Memtables, frozen.Sequence, frozen.NextLog, cancellationToken);
        _frozen = null;
        foreach (var log in _oldLogs) _disk.Delete(log.Path);
        _oldLogs = [];
    }

    /// <summary>Ends the memtables and their log, and begins new ones. False when there is nothing to end.</summary>
    private bool Freeze()
    {
        lock (_writeGate)
        {
            if (_active.All(static memtable => memtable.IsEmpty) && IsUnderCurrentKey(_log.KeyId)) return false;
            var cipher = NewCipher();
            LogWriter next;
            try
            {
                // Synced before the next log exists: only the last log of a store can have a torn end.
                _log.Sync();
                var number = TakeNumber();
                next = LogWriter.Create(_disk, _names.Log(number), LogFormat.WalMagic, number, _sequence, cipher);
            }
            catch (Exception e)
            {
                cipher?.Dispose();
                throw Poison(e);
            }

            _oldLogs = [.. _oldLogs, new SealedLog(_log.Path, _log.KeyId)];
            _log.Dispose();
            _log = next;
            _frozen = (_active, _sequence, next.Number);
            var current = _version;
            _active = [.. _active.Select(_ => new Memtable(Memory))];
            Install(new Version([.. _active.Zip(_frozen.Value.Memtables, static (active, frozen) => new[] { active, frozen })], AllTables(current)));
            CountActive();
            return true;
        }
    }

    /// <summary>Writes memtables as tables and installs them by one edit, which also says where the log begins now.</summary>
    private void WriteOut(Memtable[] memtables, ulong sequence, ulong nextLog, CancellationToken cancellationToken)
    {
        var current = _version;
        var flushed = Inventory.FlushedSequence;
        var edit = new VersionEdit { Log = (nextLog, sequence) };
        var added = new List<LiveTable>();
        try
        {
            for (var keyspace = 0u; keyspace < memtables.Length; keyspace++)
            {
                if (memtables[keyspace].IsEmpty) continue;
                var cursor = new MemtableCursor(memtables[keyspace], sequence, isDescending: false);
                var table = WriteTable(keyspace, cursor, dropTombstones: current.Tables(keyspace).Length == 0, cancellationToken);
                if (table is null) continue;
                var record = new TableRecord(keyspace, table.Number, flushed + 1, sequence);
                added.Add(new LiveTable(table, record));
                edit.Added.Add(record);
                _flushedBytes += table.Size;
            }

            AppendEdit(edit);
        }
        catch
        {
            // Not installed, unless the edit failed halfway: then the files must stay for the next open to decide.
            foreach (var table in added) Drop(table.File, isUnknown: _poison is not null);
            throw;
        }

        lock (_writeGate)
            Install(new Version([.. AllMemtables(_version).Select(m => m.Where(memtable => !memtables.Contains(memtable)).ToArray())], WithTables(_version, added, [])));
    }

    private void MergeDue(uint keyspace)
    {
        while (true)
        {
            var tables = _version.Tables(keyspace);
            var (first, count) = SizeTiers.Pick([.. tables.Select(static table => table.File.Size)], _options.MergeWidth);
            if (count == 0) return;
            Merge(keyspace, first, count, default);
        }
    }

    /// <summary>Replaces neighbours in age by one table. Readers of older versions keep what they hold, so nothing of it needs to be kept here.</summary>
    private void Merge(uint keyspace, int first, int count, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        var tables = _version.Tables(keyspace);
        var merged = tables[first..(first + count)];
        var cursor = new MergeCursor([.. merged.Select(static table => table.Cursor(isDescending: false))], isDescending: false);
        var table = WriteTable(keyspace, cursor, dropTombstones: first + count == tables.Length, cancellationToken);
        var edit = new VersionEdit();
        edit.Removed.AddRange(merged.Select(static t => t.Number));
        var record = table is null ? null : new TableRecord(keyspace, table.Number, merged[^1].Record.MinSequence, merged[0].Record.MaxSequence);
        if (record is not null) edit.Added.Add(record);
        try
        {
            AppendEdit(edit);
        }
        catch
        {
            if (table is not null) Drop(table, isUnknown: _poison is not null);
            throw;
        }

        _mergedBytes += table?.Size ?? 0;
        foreach (var old in merged) old.File.MarkObsolete();
        _retired.RemoveAll(static old => old.IsReleased);
        _retired.AddRange(merged.Select(static old => old.File));
        lock (_writeGate) Install(new Version(AllMemtables(_version), WithTables(_version, record is null ? [] : [new LiveTable(table!, record)], merged)));
    }

    /// <summary>A durable table of the cursor's entries, opened; null when there are none. Its file is removed when that fails.</summary>
    private Table? WriteTable(uint keyspace, EntryCursor cursor, bool dropTombstones, CancellationToken cancellationToken)
    {
        var number = TakeNumber();
        var path = _names.Table(number);
        var settings = new TableSettings(keyspace, _options.BlockBytes, _options.FilterBitsPerKey, SidecarsOf(keyspace)) { Compression = _options.Compression };
        var moment = Moment.At(Moment.Of(Clock.GetUtcNow()));
        try
        {
            using (var writer = new TableWriter(_tables, path, settings))
            {
                var untilCheck = EntriesBetweenChecks;
                for (var found = cursor.Start(KeyRange.All); found; found = cursor.Move())
                {
                    if (--untilCheck == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        untilCheck = EntriesBetweenChecks;
                    }

                    // What has expired hides older values, as what was deleted does.
                    if (!moment.IsGone(cursor.Kind)) writer.Add(cursor.Key, cursor.Value, cursor.Kind);
                    else if (!dropTombstones) writer.Add(cursor.Key, default, EntryKind.Tombstone);
                }

                if (writer.Entries > 0) writer.Finish(number);
                else number = 0;
            }

            if (number == 0)
            {
                _disk.Delete(path);
                return null;
            }

            _disk.SyncFolder(_names.Folder);
            return Table.Open(_tables, path, number);
        }
        catch
        {
            TryDelete(path);
            throw;
        }
    }

    private IReadOnlyList<ISidecar> SidecarsOf(uint keyspace)
    {
        var name = Inventory.Keyspaces[(int)keyspace];
        var sidecars = _options.Sidecars(name);
        if (sidecars.Count > TableMeta.MostSidecars) throw new InvalidOperationException($"A tree has at most {TableMeta.MostSidecars} sidecars; '{name}' has {sidecars.Count}.");
        if (sidecars.Any(static sidecar => System.Text.Encoding.UTF8.GetByteCount(sidecar.Name) is 0 or > 255) || sidecars.DistinctBy(static sidecar => sidecar.Name, StringComparer.Ordinal).Count() < sidecars.Count)
            throw new InvalidOperationException($"The sidecars of '{name}' need names of 1 to 255 bytes, each its own.");
        return sidecars;
    }

    private Inventory Inventory => _manifest?.Inventory ?? _recovered;

    private void AppendEdit(VersionEdit edit)
    {
        // Before anything is written: a key provider that fails here has changed nothing.
        var isNew = _manifest is null || _manifest.IsDueToRoll;
        var cipher = isNew ? NewCipher() : null;
        try
        {
            if (_manifest is null) _manifest = Manifest.Create(_disk, _names, _recovered, TakeNumber(), cipher);
            else if (isNew) _manifest.Roll(TakeNumber(), cipher);
            _manifest.Append(edit);
        }
        catch (Exception e)
        {
            throw Poison(e);
        }
    }

    private void Install(Version version)
    {
        var old = _version;
        Volatile.Write(ref _version, version);
        old?.Release();
    }

    private static void Drop(SharedFile table, bool isUnknown)
    {
        if (!isUnknown) table.MarkObsolete();
        table.Hold();
        table.Release();
    }

    private void TryDelete(string path)
    {
        try
        {
            _disk.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No version names it: it is an orphan, which the next open removes.
        }
    }

    private ulong TakeNumber() => Interlocked.Increment(ref _nextFile) - 1;

    private static Memtable[][] AllMemtables(Version version) => [.. Enumerable.Range(0, version.Keyspaces).Select(keyspace => version.Memtables((uint)keyspace))];

    private static LiveTable[][] AllTables(Version version) => [.. Enumerable.Range(0, version.Keyspaces).Select(keyspace => version.Tables((uint)keyspace))];

    private static LiveTable[][] WithTables(Version version, IReadOnlyList<LiveTable> added, IReadOnlyList<LiveTable> removed) =>
        [.. Enumerable.Range(0, version.Keyspaces).Select(keyspace => Version.NewestFirst(version.Tables((uint)keyspace).Except(removed).Concat(added.Where(table => table.Record.Keyspace == keyspace))))];
}

using Basalt.Lsm.IO;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>Whoever writes memtables out has it.</summary>
    private readonly SemaphoreSlim _flushTurn = new(1, 1);

    /// <summary>Memtables that take no more writes and are not in tables yet: of all trees, up to a sequence, with the log that begins behind them. Changed under the write gate.</summary>
    private Frozen? _frozen;
    private long _frozenBytes;
    private long _flushedBytes;
    private double _flushRate;

    private sealed record Frozen(IReadOnlyDictionary<uint, Memtable> Memtables, ulong Sequence, ulong NextLog);

    /// <summary>Writes all memtables out as tables. What was written before the call is in tables when it returns, and the log is short.</summary>
    /// <exception cref="IOException">The disk failed; nothing is lost, and it is tried again in the background.</exception>
    public void Flush(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ThrowIfReadOnly();
        FlushByCall(FlushAll, cancellationToken);
        _flusher.Forgive();
    }

    /// <summary>Flushes on the caller's thread. Writers may wait for what that leaves: what it could not write out, or what was filled meanwhile and could not be frozen. The flush thread sees to it.</summary>
    private void FlushByCall(Action<CancellationToken> flush, CancellationToken cancellationToken)
    {
        try
        {
            TakeFlushTurn(flush, cancellationToken);
        }
        finally
        {
            if (!_options.RunsMaintenanceInline && (IsMemoryFull || Volatile.Read(ref _frozen) is not null)) _flusher.Ask();
        }
    }

    /// <summary>Takes a turn at flushes; behind it the listener is told what they changed, even if the last one failed.</summary>
    private void TakeFlushTurn(Action<CancellationToken> flush, CancellationToken cancellationToken)
    {
        string[] changed = [];
        try
        {
            TakeTurn(
                _flushTurn,
                token =>
                {
                    try
                    {
                        flush(token);
                    }
                    finally
                    {
                        changed = [.. _flushed];
                        _flushed.Clear();
                    }
                },
                cancellationToken);
        }
        finally
        {
            Tell(changed);
        }
    }

    /// <summary>The caller has the flush turn.</summary>
    private void FlushAll(CancellationToken cancellationToken)
    {
        // A flush that failed before, or that another one began, left frozen memtables; they go first.
        WriteFrozen(cancellationToken);
        Freeze();
        WriteFrozen(cancellationToken);
    }

    private bool IsMemoryFull => Volatile.Read(ref _activeBytes) >= _options.MemtableBytes;

    /// <summary>The work of the flush thread: until the active memtables are not full.</summary>
    private void FlushDue() => TakeFlushTurn(
        token =>
        {
            while (Volatile.Read(ref _frozen) is not null || (IsMemoryFull && Freeze())) WriteFrozen(token);
            // What an earlier turn could not be rid of, or could not tell.
            RemoveOldLogs();
            _admission.Change();
        },
        default);

    private void CountActive()
    {
        var bytes = _droppedBytes;
        foreach (var memtable in _active.Values)
            if (!memtable.IsEmpty) bytes += memtable.Bytes;
        Volatile.Write(ref _activeBytes, bytes);
    }

    /// <summary>Ends the memtables and their log, and begins new ones. False when there is nothing to end, or when others are frozen already.</summary>
    private bool Freeze()
    {
        lock (_writeGate)
        {
            ThrowIfClosed();
            ThrowIfPoisoned();
            if (_frozen is not null || (_droppedBytes == 0 && _active.Values.All(static memtable => memtable.IsEmpty) && IsUnderCurrentKey(_log.KeyId))) return false;
            var cipher = NewCipher();
            LogWriter next;
            var number = TakeNumber();
            try
            {
                // Synced before the next log exists: only the last log of a store can have a torn end.
                _log.Sync();
                next = LogWriter.Create(_disk, _names.Log(number), LogFormat.WalMagic, number, _sequence, cipher);
            }
            catch (Exception e)
            {
                cipher?.Dispose();
                throw _log.IsSynced && DiskSpace.IsOut(e) && TryRemove(_names.Log(number)) ? BecomeFull(e) : Poison(e);
            }

            _oldLogs = [.. _oldLogs, new SealedLog(_log.Path, _log.KeyId)];
            _log.Dispose();
            _log = next;
            var frozen = new Frozen(_active, _sequence, next.Number);
            BeginMemtables();
            Volatile.Write(ref _frozenBytes, frozen.Memtables.Values.Sum(static memtable => memtable.IsEmpty ? 0 : memtable.Bytes));
            Volatile.Write(ref _frozen, frozen);
            CountActive();
            return true;
        }
    }

    /// <summary>Removes a file durably, so that it does not come back with a power cut; false when that is not certain.</summary>
    private bool TryRemove(string path)
    {
        try
        {
            _disk.Delete(path);
            _disk.SyncFolder(_names.Folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Empty memtables above those that are there. The caller has the write gate.</summary>
    private void BeginMemtables()
    {
        _active = _active.Keys.ToDictionary(static keyspace => keyspace, _ => new Memtable(Memory));
        _droppedBytes = 0;
        Install(_version.Freeze(_active));
    }

    /// <summary>Writes what is frozen as tables, and removes the log that they make superfluous. The caller has the flush turn.</summary>
    private void WriteFrozen(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        if (Volatile.Read(ref _frozen) is not { } frozen) return;
        var started = _options.TimeProvider.GetTimestamp();
        List<string> added;
        try
        {
            added = WriteOut(frozen.Memtables, frozen.Sequence, frozen.NextLog, cancellationToken);
        }
        catch (IOException e) when (DiskSpace.IsOut(e))
        {
            throw BecomeFull(e);
        }

        _flushed.UnionWith(added);
        Measure(ref _flushRate, Volatile.Read(ref _frozenBytes), started);
        lock (_writeGate)
        {
            Volatile.Write(ref _frozenBytes, 0);
            Volatile.Write(ref _frozen, null);
        }

        _admission.Change();
        if (!_options.RunsMaintenanceInline)
        {
            if (IsMergeDue()) _merger.Ask();
            else WakeAtExpiry();
        }

        RemoveOldLogs();
    }

    /// <summary>Removes what the manifest no longer needs, and nothing that a later flush has yet to write out.</summary>
    private void RemoveOldLogs()
    {
        lock (_maintenance)
        {
            var first = Inventory.LogNumber;
            foreach (var log in _oldLogs.Where(log => FileNames.IsLog(Path.GetFileName(log.Path), out var number) && number < first))
            {
                _disk.Delete(log.Path);
                lock (_writeGate) _oldLogs = [.. _oldLogs.Where(old => old != log)];
            }
        }
    }

    /// <summary>Writes memtables as tables and installs them by one edit, which also says where the log begins now. Gives the names of the trees that have one more.</summary>
    private List<string> WriteOut(IReadOnlyDictionary<uint, Memtable> memtables, ulong sequence, ulong nextLog, CancellationToken cancellationToken)
    {
        var flushed = Inventory.FlushedSequence;
        var edit = new VersionEdit { Log = (nextLog, sequence) };
        var written = new List<(LsmTree Tree, LiveTable Table)>();
        List<(LsmTree Tree, LiveTable Table)> added;
        try
        {
            foreach (var (keyspace, memtable) in memtables)
            {
                if (memtable.IsEmpty || HoldContent(keyspace, memtable) is not { Tree: var tree } content) continue;
                try
                {
                    var cursor = new MemtableCursor(memtable, sequence, isDescending: false);
                    var found = cursor.Start(KeyRange.All);
                    // Where no table is, none that is older than these can come.
                    var table = WriteTable(tree, cursor, content.Tables.Length == 0, long.MaxValue, ref found, Context(tree, [], memtable.Count, cancellationToken), cancellationToken.ThrowIfCancellationRequested);
                    if (table is not null) written.Add((tree, new LiveTable(table, new TableRecord(keyspace, table.Number, flushed + 1, sequence))));
                }
                finally
                {
                    memtable.Release();
                }
            }

            lock (_maintenance)
            {
                added = written.FindAll(static table => !table.Tree.IsDropped);
                edit.Added.AddRange(added.Select(static table => table.Table.Record));
                AppendEdit(edit);
                lock (_writeGate) Install(_version.Flush([.. memtables.Values], added.ConvertAll(static table => table.Table)));
            }
        }
        catch
        {
            // Not installed, unless the edit failed halfway: then the files must stay for the next open to decide.
            foreach (var (_, table) in written) Drop(table.File, isUnknown: _poison is not null);
            throw;
        }

        // Their trees were dropped while they were written.
        foreach (var (_, table) in written.Except(added)) Drop(table.File, isUnknown: false);
        Interlocked.Add(ref _flushedBytes, added.Sum(static table => table.Table.File.Size));
        return added.ConvertAll(static table => table.Tree.Name);
    }

    /// <summary>What there is of the tree of a memtable, which is held; null when the tree was dropped.</summary>
    private TreeContent? HoldContent(uint keyspace, Memtable memtable)
    {
        lock (_maintenance)
        {
            var content = _version.Find(keyspace);
            if (content is not null) memtable.Hold();
            return content;
        }
    }
}

using Basalt.Lsm.Loads;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>A load flushes what was written meanwhile so often before it makes writers wait for the rest.</summary>
    private const int MostFlushesBeforeLoad = 3;

    /// <summary>So much of it can be flushed while writers wait.</summary>
    private const long FlushedWhileWaiting = 256 << 10;

    /// <summary>Begins to write many entries into a tree past the log. Dispose of it, committed or not.</summary>
    /// <exception cref="LsmException">Dropped; or OverBudget: the account of memory has no room for <see cref="LsmOptions.LoadBytes"/> now.</exception>
    public BulkLoad BeginLoad(LsmTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (tree.Store != this) throw new ArgumentException("The tree is of another store.", nameof(tree));
        ThrowIfClosed();
        ThrowIfReadOnly();
        ThrowIfPoisoned();
        tree.ThrowIfDropped();
        if (!Memory.TryTake(MemoryUse.Builds, _options.LoadBytes))
            throw new LsmException(LsmErrorCode.OverBudget, $"A load needs {_options.LoadBytes} bytes of memory; {Memory.Used} of {Memory.Limit} are in use. End another load, or raise the budget.");
        try
        {
            return new BulkLoad(this, tree, _options.LoadBytes);
        }
        catch
        {
            Memory.Return(MemoryUse.Builds, _options.LoadBytes);
            throw;
        }
    }

    /// <summary>A table of a tree that no version has yet.</summary>
    internal TableWriter BeginTable(LsmTree tree, out ulong number)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        number = TakeNumber();
        return new TableWriter(_tables, _names.Table(number), SettingsOf(tree, Context(tree, [], long.MaxValue, _closing.Token)));
    }

    internal bool IsTableFull(TableWriter table) => table.Length >= _options.MaxTableBytes;

    /// <summary>
    /// Makes tables of a load the newest of their tree, by one edit. They are newer than all that was written before and older than all that is
    /// written later, so for that moment nothing may be in memtables, and writers wait. Then the list is empty: they are not the load's any more.
    /// </summary>
    internal void Install(LsmTree tree, List<LoadedTable> loaded, CancellationToken cancellationToken)
    {
        var tables = new List<Table>();
        var isInstalled = false;
        try
        {
            // Their names are durable before the edit that names them.
            _disk.SyncFolder(_names.Folder);
            foreach (var table in loaded) tables.Add(Table.Open(_tables, _names.Table(table.Number), table.Number));
            FlushByCall(
                token =>
                {
                    for (var i = 0; i < MostFlushesBeforeLoad && (Volatile.Read(ref _frozen) is not null || Volatile.Read(ref _activeBytes) > FlushedWhileWaiting); i++) FlushAll(token);
                    lock (_maintenance)
                    {
                        lock (_writeGate)
                        {
                            FlushAll(token);
                            InstallNewest(tree, loaded, tables);
                            isInstalled = true;
                            _flushed.Add(tree.Name);
                        }
                    }
                },
                cancellationToken);
        }
        finally
        {
            // Not installed, unless the edit failed halfway: then the files must stay for the next open to decide. The load removes them otherwise.
            if (isInstalled) loaded.Clear();
            else
                foreach (var table in tables) Drop(table, isUnknown: true);
        }

        Interlocked.Add(ref _loadedBytes, tables.Sum(static table => table.Size));
        TidyUp();
    }

    /// <summary>The caller has the maintenance lock and the write gate, and the memtables are empty.</summary>
    private void InstallNewest(LsmTree tree, List<LoadedTable> loaded, List<Table> tables)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        tree.ThrowIfDropped();
        var before = _sequence;
        var turns = (uint)loaded[^1].Turn + 1;
        try
        {
            // The log passes over the sequences of the tables, durably before the manifest gives them away: they are used once, whatever happens between.
            _log.Reserve(turns, before + 1);
            _log.Write();
            _log.Sync();
        }
        catch (Exception e)
        {
            throw Poison(e);
        }

        Volatile.Write(ref _sequence, before + turns);
        var edit = new VersionEdit { Log = (_log.Number, _sequence) };
        var added = new List<LiveTable>();
        for (var i = 0; i < tables.Count; i++)
        {
            var sequence = before + 1 + loaded[i].Turn;
            added.Add(new LiveTable(tables[i], new TableRecord(tree.Id, tables[i].Number, sequence, sequence)));
        }

        edit.Added.AddRange(added.Select(static table => table.Record));
        AppendEdit(edit);
        Install(_version.WithTables(added, []));
    }

    /// <summary>Removes what a load wrote and nobody knows of. After the store is closed the next open does it: the folder may be another's by then.</summary>
    internal void Discard(IReadOnlyList<LoadedTable> loaded)
    {
        lock (_maintenance)
        {
            // When the manifest failed, it may name them.
            if (_isClosed || _poison is not null) return;
            foreach (var table in loaded) TryDelete(_names.Table(table.Number));
        }
    }
}

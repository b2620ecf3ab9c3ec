using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    private const int MostSidecarNameBytes = 255;

    /// <summary>Those who build sidecars, and the store itself, which waits for the others when it is closed.</summary>
    private readonly CountdownEvent _building = new(1);

    /// <summary>
    /// Builds a sidecar for a table that has none of this name, into a file of its own, and attaches it by one manifest edit. Writers, flushes and
    /// merges go on meanwhile; a merge of the table ends the use of it. The builder sees every entry of the table, unless the sidecar does not read them.
    /// </summary>
    /// <returns>False when the table is gone, as it was merged or its tree dropped meanwhile: nothing was attached.</returns>
    /// <param name="tree">The tree of the table.</param>
    /// <param name="table">The <see cref="LsmTable.Number"/> of the table.</param>
    /// <param name="sidecar">Builds; it need not be one of the options', and need not be deferred.</param>
    /// <param name="cancellationToken">Ends it early; then nothing is attached.</param>
    /// <exception cref="InvalidOperationException">The table has one already.</exception>
    /// <exception cref="LsmException">A block of the table is damaged; read-only, closed or poisoned.</exception>
    public bool AttachSidecar(LsmTree tree, ulong table, ISidecar sidecar, CancellationToken cancellationToken = default) => Attach(tree, table, sidecar, isNew: true, cancellationToken);

    /// <summary>
    /// Builds a sidecar anew, for a table that has one of this name: as <see cref="AttachSidecar"/> does, and the new one takes the place of the old one,
    /// wherever that lay. So a damaged one is cured. Readers of the old one keep it.
    /// </summary>
    /// <inheritdoc cref="AttachSidecar"/>
    /// <exception cref="InvalidOperationException">The table has none.</exception>
    public bool RebuildSidecar(LsmTree tree, ulong table, ISidecar sidecar, CancellationToken cancellationToken = default) => Attach(tree, table, sidecar, isNew: false, cancellationToken);

    /// <summary>
    /// Takes the sidecar of a name from all tables that a tree has now, by one manifest edit; returns how many had it. Tables written later have it
    /// again when the options' sidecars say so. What lies in a table of its own file keeps its space until the table is merged.
    /// </summary>
    public int DropSidecar(LsmTree tree, string name)
    {
        ThrowIfForeign(tree);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ThrowIfReadOnly();
        int count;
        lock (_maintenance)
        {
            ThrowIfClosed();
            tree.ThrowIfDropped();
            var having = _version.Tables(tree.Id).Where(table => table.SidecarNames.Contains(name)).ToList();
            if (having.Count == 0) return 0;
            Exchange(having.ConvertAll(table => (table, table.With(name, null))), name);
            count = having.Count;
        }

        Tell(tree.Name);
        return count;
    }

    private bool Attach(LsmTree tree, ulong number, ISidecar sidecar, bool isNew, CancellationToken cancellationToken)
    {
        if (!Build(tree, number, sidecar, isNew, cancellationToken)) return false;
        Tell(tree.Name);
        return true;
    }

    /// <summary>Builds and installs a sidecar; the store is not closed meanwhile. False when the table is gone.</summary>
    private bool Build(LsmTree tree, ulong number, ISidecar sidecar, bool isNew, CancellationToken cancellationToken)
    {
        ThrowIfForeign(tree);
        ArgumentNullException.ThrowIfNull(sidecar);
        var name = sidecar.Name;
        if (string.IsNullOrEmpty(name) || System.Text.Encoding.UTF8.GetByteCount(name) > MostSidecarNameBytes) throw new ArgumentException("The name of a sidecar has 1 to 255 bytes.", nameof(sidecar));
        ThrowIfReadOnly();
        tree.ThrowIfDropped();
        lock (_writeGate)
        {
            ThrowIfClosed();
            ThrowIfPoisoned();
            _building.AddCount();
        }

        try
        {
            if (HoldTable(tree.Id, number) is not { } table) return false;
            try
            {
                if (isNew == table.SidecarNames.Contains(name)) throw new InvalidOperationException($"Table {number} of '{tree.Name}' has {(isNew ? "a" : "no")} sidecar '{name}': {(isNew ? "rebuild" : "attach")} it.");
                if (isNew && table.SidecarNames.Count >= TableMeta.MostSidecars) throw new InvalidOperationException($"A table has at most {TableMeta.MostSidecars} sidecars.");
                using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token, tree.Dropping);
                var file = Build(tree, table, sidecar, ends.Token);
                return Install(tree.Id, table, name, file);
            }
            finally
            {
                table.Release();
            }
        }
        catch (OperationCanceledException) when (_isClosed && !cancellationToken.IsCancellationRequested)
        {
            throw LsmException.Closed();
        }
        catch (OperationCanceledException) when (tree.IsDropped && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _building.Signal();
        }
    }

    /// <summary>A table of the current version, held; null when it is not there.</summary>
    private LiveTable? HoldTable(uint keyspace, ulong number)
    {
        // The version itself is let go: it holds memtables, and building takes long.
        var version = HoldVersion(out _);
        try
        {
            var table = version.Tables(keyspace).FirstOrDefault(table => table.Number == number);
            table?.Hold();
            return table;
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>A durable file with the sidecar of a table, opened and held. It is removed when that fails.</summary>
    private SidecarFile Build(LsmTree tree, LiveTable table, ISidecar sidecar, CancellationToken cancellationToken)
    {
        var number = TakeNumber();
        var path = _names.Sidecar(number);
        var builder = sidecar.Begin(new SidecarContext(tree.Name, table.File.Meta.Entries, [], new LsmTable(null, table), Memory, OpenScratch, cancellationToken));
        try
        {
            var cursor = new TableCursor(table.File, isDescending: false);
            var ordinal = 0L;
            for (var found = sidecar.ReadsEntries && cursor.Start(KeyRange.All); found; found = cursor.Move())
            {
                if (ordinal % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
                builder.Add(new TableEntry(ordinal++, cursor.Key, cursor.Value, cursor.Kind, -1, -1));
            }

            SidecarFile.Write(_tables, path, number, sidecar.Name, table.Number, builder.Finish);
            cancellationToken.ThrowIfCancellationRequested();
            _disk.SyncFolder(_names.Folder);
            var file = SidecarFile.Open(_tables, path, number, sidecar.Name, table.Number, toleratesMissing: false);
            file.Hold();
            return file;
        }
        catch
        {
            TryDelete(path);
            throw;
        }
        finally
        {
            (builder as IDisposable)?.Dispose();
        }
    }

    private bool Install(uint keyspace, LiveTable built, string name, SidecarFile file)
    {
        var isKept = false;
        try
        {
            lock (_maintenance)
            {
                ThrowIfClosed();
                var table = _version.Tables(keyspace).FirstOrDefault(table => table.File == built.File);
                if (table is null) return false;
                Exchange([(table, table.With(name, file))], name);
                return isKept = true;
            }
        }
        finally
        {
            // When the edit failed halfway, the next open decides.
            if (!isKept && _poison is null) file.MarkObsolete();
            file.Release();
        }
    }

    /// <summary>Puts other sidecars of a name in the place of those that tables have, by one edit. The caller has the maintenance lock.</summary>
    private void Exchange(IReadOnlyList<(LiveTable Old, LiveTable New)> tables, string name)
    {
        var edit = new VersionEdit();
        foreach (var (_, next) in tables) edit.Sidecars.Add((next.Number, name, next.Record.Sidecars[name]));
        AppendEdit(edit);
        Retire(tables.SelectMany(pair => pair.Old.Attached.Where(sidecar => sidecar.Name == name)));
        lock (_writeGate) Install(_version.WithTables([.. tables.Select(static pair => pair.New)], [.. tables.Select(static pair => pair.Old.Number)]));
    }

    /// <summary>The files of the sidecars that the manifest gives a table.</summary>
    private List<SidecarFile> OpenAttached(TableRecord record, bool toleratesMissing)
    {
        var opened = new List<SidecarFile>();
        try
        {
            foreach (var (name, number) in record.Sidecars.Where(static sidecar => sidecar.Value != 0))
                opened.Add(SidecarFile.Open(_tables, _names.Sidecar(number), number, name, record.Number, toleratesMissing));
            return opened;
        }
        catch
        {
            foreach (var file in opened) Drop(file, isUnknown: true);
            throw;
        }
    }

    private void ThrowIfForeign(LsmTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (tree.Store != this) throw new ArgumentException("The tree is of another store.", nameof(tree));
    }
}

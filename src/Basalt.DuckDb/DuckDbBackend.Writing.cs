using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Tables;
using Basalt.Schemas;

namespace Basalt.DuckDb;

/// <summary>The writing half: one writer at a time, each batch one transaction.</summary>
public sealed partial class DuckDbBackend
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return await WriteAsync((collection, batch), static (backend, connection, s, token) => backend.Write(connection, s.collection, s.batch, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return WriteAsync((collection, schema), static (backend, connection, s, token) =>
        {
            if (backend._catalogue.Layouts.ContainsKey(s.collection)) return false;
            backend.Create(connection, s.collection, s.schema, token);
            return true;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) =>
        WriteAsync(collection, static (backend, connection, name, token) =>
        {
            if (!backend._catalogue.Layouts.TryGetValue(name, out var layout)) return false;
            backend.Change(connection, () =>
            {
                connection.Execute(TableSql.Drop(layout), token);
                TableCatalogue.Delete(connection, layout);
                return () => backend._catalogue.Hide(name);
            });
            return true;
        }, cancellationToken);

    private async ValueTask<T> WriteAsync<TState, T>(TState state, Func<DuckDbBackend, DuckConnection, TState, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_options.ReadOnly) throw new BasaltException(ErrorCode.Unauthorized, $"{_options.Path} was opened for reading only.") { Backend = DuckDbFaults.Scheme, Target = _options.Path };
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var lease = _pool.Take();
            return work(this, lease.Connection, state, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private WriteOutcome[] Write(DuckConnection connection, string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        var layout = Prepare(connection, collection, batch, cancellationToken);
        BatchWrite? write = null;
        Change(connection, () =>
        {
            write = new BatchWrite(connection, _catalogue, layout, batch);
            var now = write.Run(cancellationToken);
            if (ReferenceEquals(now, layout)) return null;
            TableCatalogue.Write(connection, now, isNew: false);
            return () => _catalogue.Show(now);
        });
        return write!.Outcomes;
    }

    /// <summary>
    /// The layout that a batch is written by: of a new collection, or with columns for the fields that the batch brings. Columns are added in a transaction of their own, as the library cannot
    /// both alter a table and replace its rows in one.
    /// </summary>
    private TableLayout Prepare(DuckConnection connection, string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        var layout = _catalogue.Layouts.TryGetValue(collection, out var known) ? known : Create(connection, collection, Schema.Any, cancellationToken);
        var grown = ColumnGrowth.Grow(layout, batch.Writes);
        if (ReferenceEquals(grown, layout)) return layout;
        Change(connection, () =>
        {
            foreach (var column in grown.Columns.Skip(layout.Columns.Count)) connection.Execute(TableSql.AddColumn(layout, column), cancellationToken);
            TableCatalogue.Write(connection, grown, isNew: false);
            return () => _catalogue.Show(grown);
        });
        return grown;
    }

    private TableLayout Create(DuckConnection connection, string collection, Schema schema, CancellationToken cancellationToken)
    {
        var layout = TableLayout.Of(collection, TableCatalogue.FreeTable(connection, collection), schema);
        Change(connection, () =>
        {
            connection.Execute(TableSql.Create(layout), cancellationToken);
            TableCatalogue.Write(connection, layout, isNew: true);
            return () => _catalogue.Show(layout);
        });
        return layout;
    }

    /// <summary>Runs a transaction. Work that changes what readers must know gives what shows it to them; no reader begins between the commit and that.</summary>
    private void Change(DuckConnection connection, Func<Action?> work)
    {
        // A checkpoint removes the log, and the next commit makes another, whose name must survive with it.
        var hadLog = File.Exists(_log);
        connection.Execute("BEGIN");
        var isCommitted = false;
        try
        {
            var show = work();
            if (show is not null) _layouts.EnterWriteLock();
            try
            {
                connection.Execute("COMMIT");
                isCommitted = true;
                show?.Invoke();
                if (!hadLog) SyncLogName();
            }
            finally
            {
                if (show is not null) _layouts.ExitWriteLock();
            }
        }
        finally
        {
            if (!isCommitted) RollBack(connection);
        }
    }

    private void SyncLogName()
    {
        try
        {
            StableStorage.SyncFolderOf(_log);
        }
        catch (IOException e)
        {
            throw DuckDbFaults.FromIO(e, _options.Path);
        }
    }

    private void RollBack(DuckConnection connection)
    {
        _catalogue.ForgetSpokenFor();
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (BasaltException)
        {
            // A commit that fails has rolled back; what made it fail is told.
        }
    }
}

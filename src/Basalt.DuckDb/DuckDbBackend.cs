using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Filters;
using Basalt.DuckDb.Tables;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.DuckDb;

/// <summary>
/// The backend <c>duckdb:</c>: collections as tables of a DuckDB file, with a column for each field that holds one type, which any program with DuckDB can read. One process at a time can write;
/// reads are of snapshots. A write is acknowledged when DuckDB's log is on the disk. Thread-safe.
/// </summary>
public sealed partial class DuckDbBackend : IBackend
{
    private const int MostRecordBytes = 32 << 20;

    private readonly ConnectionPool _pool;
    private readonly TableCatalogue _catalogue;
    private readonly DuckDbOptions _options;

    // A transaction and the layouts that describe what it sees are taken under the reader's side; what changes layouts commits and shows them under the writer's.
    private readonly ReaderWriterLockSlim _layouts = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly string _log;
    private volatile bool _disposed;

    private DuckDbBackend(ConnectionPool pool, TableCatalogue catalogue, DuckDbOptions options) => (_pool, _catalogue, _options, _log) = (pool, catalogue, options, options.Path + ".wal");

    /// <summary>What this backend declares.</summary>
    public static Capabilities Declared { get; } = new(DuckDbFaults.Scheme, Durability.Synced)
    {
        AtomicBatches = true,
        ManyCollections = true,
        MaxRecordBytes = MostRecordBytes,
    };

    /// <summary>The scheme, to be added to a <see cref="BackendSet"/>.</summary>
    public static BackendScheme Scheme { get; } = new(DuckDbFaults.Scheme, "duckdb:movies.db#movies", "a file of DuckDB: typed columns that any program with DuckDB can read", DuckDbOptions.OpenAsync);

    /// <inheritdoc/>
    public Capabilities Capabilities => Declared;

    /// <summary>Opens a file, which is created if it is not there and writing is allowed.</summary>
    /// <exception cref="BasaltException">Locked by another process or handle, damaged, of another format, an option that cannot be used, or DuckDB's library is missing.</exception>
    public static DuckDbBackend Open(DuckDbOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.ReadOnly && !File.Exists(options.Path)) throw new BasaltException(ErrorCode.NotFound, $"{options.Path} does not exist, and readonly makes no file.") { Backend = DuckDbFaults.Scheme, Target = options.Path };
        var taken = OpenFiles.Take(options.Path);
        ConnectionPool? pool = null;
        try
        {
            StableStorage.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
            pool = new ConnectionPool(DuckDatabase.Open(options.Path, options.Settings), taken);
            using var lease = pool.Take();
            var catalogue = TableCatalogue.Open(lease.Connection, options.ReadOnly);
            // The library syncs what is in its files, and not that they are there.
            if (!options.ReadOnly) StableStorage.SyncFolderOf(options.Path);
            return new DuckDbBackend(pool, catalogue, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            pool?.Dispose();
            taken.Dispose();
            throw DuckDbFaults.FromIO(e, options.Path);
        }
        catch
        {
            pool?.Dispose();
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) =>
        _catalogue.Layouts.TryGetValue(collection, out var layout) ? LeafSql.Supports(layout, leaf) : FilterSupport.None;

    /// <inheritdoc/>
    public async ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) =>
        (await ReadManyAsync(collection, [id], cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Record?>> ReadManyAsync(string collection, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        cancellationToken.ThrowIfCancellationRequested();
        using var reading = Begin(collection);
        var found = new Dictionary<string, Record>();
        var wanted = ids.Distinct().ToList();
        if (wanted.Count > 0)
        {
            var reader = new RowReader(reading.Layout, null);
            using var statement = reading.Connection.Prepare(TableSql.ByIds(reader, wanted.Count == 1));
            statement.Bind(1, wanted.Count == 1 ? wanted[0] : Parameter.TextList(wanted));
            using var rows = statement.Stream(cancellationToken);
            while (rows.Next())
                for (var row = 0; row < rows.Count; row++)
                {
                    var record = reader.Read(rows, row);
                    found.Add(record.Id, record);
                }
        }

        return ValueTask.FromResult<IReadOnlyList<Record?>>([.. ids.Select(id => found.GetValueOrDefault(id))]);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        using var reading = Begin(collection);
        if (query.Limit == 0) yield break;
        using var scan = new TableScan(reading.Connection, reading.Layout, query, cancellationToken);
        while (scan.Next() is { } record)
        {
            yield return record;
            cancellationToken.ThrowIfCancellationRequested();
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        cancellationToken.ThrowIfCancellationRequested();
        using var reading = Begin(collection);
        var condition = FilterSql.Translate(reading.Layout, filter);
        if (condition.IsExact) return ValueTask.FromResult<long?>(Count(reading.Connection, reading.Layout, condition, cancellationToken));
        long count = 0;
        using var scan = new TableScan(reading.Connection, reading.Layout, new PushedQuery { Filter = filter, AnyOrder = true }, cancellationToken);
        while (scan.Next() is not null) count++;
        return ValueTask.FromResult<long?>(count);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        var names = _catalogue.Layouts.Keys.ToArray();
        Array.Sort(names, static (a, b) => Text.Compare(a, b));
        return ValueTask.FromResult<IReadOnlyList<string>>(names);
    }

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_catalogue.Layouts.ContainsKey(collection)) return ValueTask.FromResult<CollectionDescription?>(null);
        using var reading = Begin(collection);
        var records = Count(reading.Connection, reading.Layout, FilterSql.Translate(reading.Layout, Filter.True), cancellationToken);
        return ValueTask.FromResult<CollectionDescription?>(new CollectionDescription(collection, reading.Layout.Schema, records, null, $"{_options.Path}, table {reading.Layout.Table}"));
    }

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var reading = Begin(collection);
        return ValueTask.FromResult(new ScanCost(0, null, Count(reading.Connection, reading.Layout, FilterSql.Translate(reading.Layout, Filter.True), cancellationToken)));
    }

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) =>
        throw new BasaltException(ErrorCode.Unsupported, "duckdb: has no transactions over collections; a batch with Rollback is all or nothing.") { Backend = DuckDbFaults.Scheme };

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = _pool.Take();
        lease.Connection.Execute("SELECT 1", cancellationToken);
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the file; DuckDB moves its log into it. A scan that is under way keeps the file open until it ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        // After the write that is under way.
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            _pool.Dispose();
        }
        finally
        {
            _writing.Release();
        }
    }

    private static long Count(DuckConnection connection, TableLayout layout, FilterSql condition, CancellationToken cancellationToken)
    {
        using var statement = connection.Prepare(TableSql.Count(layout, condition.Sql));
        using var rows = statement.Bind([.. condition.Parameters]).Stream(cancellationToken);
        return rows.Next() ? rows[0].Values<long>()[0] : throw DuckDbFaults.Corrupt(layout.Collection, "a count has no row.");
    }

    /// <summary>A transaction that reads, with the layout of a collection as it sees it.</summary>
    private Reading Begin(string collection)
    {
        var lease = _pool.Take();
        _layouts.EnterReadLock();
        try
        {
            if (!_catalogue.Layouts.TryGetValue(collection, out var layout)) throw DuckDbFaults.NoSuchCollection(collection, _options.Path);
            lease.Connection.Execute("BEGIN");
            lease.IsClean = false;
            _catalogue.Touch(lease.Connection);
            return new Reading(lease, layout);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
        finally
        {
            _layouts.ExitReadLock();
        }
    }

    private sealed class Reading(ConnectionPool.Lease lease, TableLayout layout) : IDisposable
    {
        public DuckConnection Connection => lease.Connection;

        public TableLayout Layout => layout;

        public void Dispose()
        {
            try
            {
                Connection.Execute("ROLLBACK");
                lease.IsClean = true;
            }
            catch (BasaltException)
            {
                // The transaction is over already; the connection is not used again.
            }

            lease.Dispose();
        }
    }
}

using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Searching;
using Basalt.Engine.Transactions;
using Basalt.Engine.Writing;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;
using Basalt.Records;
using Basalt.Schemas;
using WriteBatch = Basalt.Backends.WriteBatch;

namespace Basalt.Engine;

/// <summary>
/// The backend <c>basalt:</c>: a folder of collections that one process has open at a time. Reads are of snapshots and take no lock; writes are decided in order by one
/// thread and committed in groups. An acknowledged write is on stable storage, unless a weaker <see cref="EngineOptions.Sync"/> was chosen by name.
/// </summary>
public sealed partial class EngineBackend : IIndexedBackend
{
    /// <summary>Its bytes in the store are at most about three times as many, which a value of the store can hold.</summary>
    private const int MostRecordBytes = 32 << 20;

    private readonly LsmStore _store;
    private readonly Catalogue _catalogue;
    private readonly WriteQueue _queue;
    private readonly IndexWorks _works;
    private readonly SectionCache _sections;
    private readonly KeyRing? _keys;
    private readonly string _folder;
    private readonly IFileSystem _fileSystem;
    private readonly EngineMeter _meter;
    private int _disposed;

    private EngineBackend(LsmStore store, Catalogue catalogue, IndexWorks works, SectionCache sections, KeyRing? keys, EngineOptions options)
    {
        (_store, _catalogue, _works, _sections, _keys, _folder, _fileSystem) = (store, catalogue, works, sections, keys, options.Path, options.FileSystem);
        _queue = new WriteQueue(store, catalogue, options.TimeProvider);
        Recall = options.RecallEvery > 0 ? new RecallWatch(options.RecallEvery, options.TimeProvider) : null;
        Capabilities = Declared with { Durability = options.Sync == SyncPolicy.Always ? Durability.Synced : Durability.Buffered, Changes = catalogue.Changes.IsKept };
        _meter = new EngineMeter(this, _folder);
    }

    /// <summary>What this backend declares, unless a weaker durability is asked for; changes are kept only when that is asked for.</summary>
    public static Capabilities Declared { get; } = new(EngineFaults.Scheme, Durability.Synced)
    {
        AtomicBatches = true,
        Transactions = true,
        Sorts = true,
        ManyCollections = true,
        MaxRecordBytes = MostRecordBytes,
        Expiry = true,
        Changes = true,
    };

    /// <summary>The scheme, to be added to a <see cref="BackendSet"/>.</summary>
    public static BackendScheme Scheme { get; } = new(EngineFaults.Scheme, "basalt:./data#movies", "Basalt's own engine: a folder of collections with indexes under one commit", EngineOptions.OpenAsync);

    /// <inheritdoc/>
    public Capabilities Capabilities { get; }

    /// <summary>Opens the database of a folder, which is created if it is not there.</summary>
    /// <exception cref="BasaltException">Locked by another process or handle, damaged, written by a newer version, or an option that cannot be used.</exception>
    public static EngineBackend Open(EngineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var keys = options.ReadKeys();
        LsmStore? store = null;
        try
        {
            IndexWorks? works = null;
            var sidecars = new SidecarRegistry();
            store = LsmStore.Open(options.ToLsm(keys) with { Sidecars = sidecars.Of, TablesChanged = _ => Volatile.Read(ref works)?.Notice() }, cancellationToken);
            var catalogue = Catalogue.Open(store, sidecars);
            if (options.Changes is { } retention) catalogue.Changes.Keep(retention);
            var sections = new SectionCache();
            Volatile.Write(ref works, new IndexWorks(store, () => catalogue.Collections.Values, sections));
            // What an earlier process left unfinished.
            works.Notice();
            return new EngineBackend(store, catalogue, works, sections, keys, options);
        }
        catch (Exception e) when (EngineFaults.IsOfWorld(e))
        {
            Abandon(store);
            keys?.Dispose();
            throw EngineFaults.From(e, options.Path);
        }
        catch
        {
            Abandon(store);
            keys?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) => FilterSupport.Exact;

    /// <inheritdoc/>
    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        try
        {
            return ValueTask.FromResult(PointRead.Read(found, id, null));
        }
        catch (Exception e) when (EngineFaults.IsOfWorld(e))
        {
            throw EngineFaults.From(e, _folder);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return await DoAsync(new BatchRequest(collection, batch, cancellationToken), collection).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        if (query.Limit == 0) yield break;
        var left = query.Limit ?? long.MaxValue;
        using var snapshot = EngineFaults.Guard(collection, _store.Snapshot);
        using var answer = EngineFaults.Guard(collection, () => new CollectionQuery(found, query, snapshot, null, _sections, cancellationToken));
        using var records = answer.Records().GetEnumerator();
        while (left > 0 && EngineFaults.Guard(collection, records.MoveNext))
        {
            left--;
            yield return records.Current;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        if (filter == Filter.False) return ValueTask.FromResult<long?>(0);
        return ValueTask.FromResult<long?>(EngineFaults.Guard(collection, () =>
        {
            if (filter == Filter.True && CountOf(found) is { } known) return known;
            using var snapshot = _store.Snapshot();
            using var answer = new CollectionQuery(found, new PushedQuery { Filter = filter, Fields = [] }, snapshot, null, _sections, cancellationToken);
            return answer.Count();
        }));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        return ValueTask.FromResult<IReadOnlyList<string>>([.. _catalogue.Collections.Keys]);
    }

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        if (!_catalogue.Collections.TryGetValue(collection, out var found)) return ValueTask.FromResult<CollectionDescription?>(null);
        return ValueTask.FromResult<CollectionDescription?>(new CollectionDescription(collection, found.Schema, EngineFaults.Guard(collection, () => CountOf(found)), EngineFaults.Guard(collection, () => TableBytes(found)), _folder));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return await DoAsync(new CreateRequest(collection, schema, cancellationToken), collection).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) =>
        await DoAsync(new DropRequest(collection, cancellationToken), collection).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        return ValueTask.FromResult(EngineFaults.Guard(collection, () =>
        {
            using var snapshot = _store.Snapshot();
            using var answer = new CollectionQuery(found, query, snapshot, null, _sections, cancellationToken);
            return new ScanCost(0, TableBytes(found), answer.Route.Way == QueryWay.Scan ? CountOf(found) : (long)answer.Route.Looks) { Way = answer.Route.Describe(query) };
        }));
    }

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        return ValueTask.FromResult<IBackendTransaction>(EngineFaults.Guard("transaction", () =>
        {
            // What the catalogue has is in the snapshot that is taken after it was read; a collection that came since is not seen.
            var begun = _catalogue.Collections;
            return new EngineTransaction(this, _catalogue, _store.Snapshot(), begun, _sections);
        }));
    }

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        var stats = EngineFaults.Guard(_folder, _store.Stats);
        if (stats.MaintenanceFailure is { } failure) throw new BasaltException(ErrorCode.Unavailable, $"{_folder}: {failure}") { Backend = EngineFaults.Scheme, Target = _folder };
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(EngineHealth.Of(Stats()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _meter.Dispose();
        await _queue.DisposeAsync().ConfigureAwait(false);
        Recall?.Dispose();
        _catalogue.Changes.Close();
        _works.Dispose();
        _sections.Dispose();
        EngineFaults.Guard(_folder, () =>
        {
            using var keys = _keys;
            _store.Dispose();
            return true;
        });
    }

    /// <summary>Has the writer do a request.</summary>
    internal async Task<T> DoAsync<T>(Request<T> request, string target)
    {
        request.CancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        try
        {
            return await _queue.DoAsync(request).ConfigureAwait(false);
        }
        catch (Exception e) when (EngineFaults.IsOfWorld(e))
        {
            throw EngineFaults.From(e, target);
        }
    }

    internal string Folder => _folder;

    /// <summary>What measures searches; null unless asked for.</summary>
    internal RecallWatch? Recall { get; }

    internal BasaltException NoSuchCollection(string collection) => EngineFaults.NoSuchCollection(collection, _folder);

    /// <summary>The exact number of records of a collection; null when only a scan can tell.</summary>
    private long? CountOf(EngineCollection collection)
    {
        if (collection.Count is { } count) return count;
        using var snapshot = _store.Snapshot();
        return RecordCount.Of(collection, _catalogue.Tree, snapshot);
    }

    /// <summary>What the tables of a collection take; null while all of it is in memory and in the log, which collections share.</summary>
    private long? TableBytes(EngineCollection collection)
    {
        using var snapshot = _store.Snapshot();
        var bytes = collection.Tree.Tables(snapshot).Sum(static table => table.Size);
        return bytes == 0 ? null : bytes;
    }

    /// <summary>Closes what could not be opened whole; why it could not is told, and not what fails behind it.</summary>
    private static void Abandon(LsmStore? store)
    {
        try
        {
            store?.Dispose();
        }
        catch (Exception e) when (EngineFaults.IsOfWorld(e))
        {
            // The caller is told of what came first.
        }
    }

    private EngineCollection Require(string collection)
    {
        ThrowIfDisposed();
        return _catalogue.Collections.TryGetValue(collection, out var found) ? found : throw NoSuchCollection(collection);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
}

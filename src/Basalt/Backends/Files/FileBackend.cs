using Basalt.Backends.Files.Formats;
using System.Collections.Concurrent;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Files;

/// <summary>
/// The <c>file:</c> backend: collections in files that other programs read, as JSON, JSON Lines, CSV or TSV, each also compressed with gzip.
/// A write is acknowledged when it is on the disk. Any number of processes may read and write at once.
/// </summary>
/// <remarks>
/// <para>Beside a data file lie a sidecar (schema, counters) and a journal of the writes that are not in the data file yet. They are moved there
/// when there are many, and when the backend is disposed. A file of another program is read as it is, and gets a sidecar at the first write.</para>
/// <para>A file that cannot be read as its format is never written to.</para>
/// </remarks>
public sealed class FileBackend : IBackend
{
    private readonly ConcurrentDictionary<string, FileCollection> _collections = new();
    private readonly FileOptions _options;
    private readonly FileNames _names;
    private volatile bool _disposed;

    private FileBackend(FileOptions options, FileNames names)
    {
        _options = options;
        _names = names;
        Capabilities = Declared with { ManyCollections = names.IsFolder };
    }

    /// <summary>What this backend declares; of a single file not <see cref="Capabilities.ManyCollections"/>.</summary>
    public static Capabilities Declared { get; } = new("file", Durability.Synced)
    {
        AtomicBatches = true,
        ManyCollections = true,
        SharedByProcesses = true,
        // A cell of CSV doubles the quotes of JSON, and still must fit the window of the readers.
        MaxRecordBytes = ByteWindow.MaxRecordBytes / 2 - (1 << 20),
    };

    /// <inheritdoc/>
    public Capabilities Capabilities { get; }

    /// <summary>Opens a file or a folder, which need not exist yet: the first write makes it. No other I/O than a look at the path.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: a setting or the path cannot be used.</exception>
    public static FileBackend Open(FileOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new FileBackend(options, FileNames.Of(options));
    }

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) => FilterSupport.Exact;

    /// <inheritdoc/>
    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) => Collection(collection).ReadAsync(id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Collection(collection).WriteAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Collection(collection).ScanAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return await Collection(collection).CountAsync(filter, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ValueTask.FromResult(_names.List());
    }

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) =>
        _names.CanHold(collection) ? Collection(collection).DescribeAsync(cancellationToken) : ValueTask.FromResult<CollectionDescription?>(null);

    /// <inheritdoc/>
    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return Collection(collection).CreateAsync(schema, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) =>
        _names.CanHold(collection) ? Collection(collection).DropAsync(cancellationToken) : ValueTask.FromResult(false);

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => Collection(collection).EstimateAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) =>
        throw new BasaltException(ErrorCode.Unsupported, "file: has no transactions over collections; a batch with Rollback is all or nothing.") { Backend = "file" };

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _names.List();
        return ValueTask.CompletedTask;
    }

    /// <summary>Moves what the journals hold into the data files and closes them. What was acknowledged is kept if that fails, and moved by the next one that opens.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        var faults = new List<Exception>();
        foreach (var collection in _collections.Values)
        {
            try
            {
                await collection.FoldAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (BasaltException e)
            {
                faults.Add(e);
            }

            await collection.DisposeAsync().ConfigureAwait(false);
        }

        if (faults.Count == 1) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(faults[0]);
        if (faults.Count > 1) throw new AggregateException(faults);
    }

    /// <summary>Lets go of everything as a killed process does: without moving anything.</summary>
    internal async ValueTask AbandonAsync()
    {
        _disposed = true;
        foreach (var collection in _collections.Values) await collection.DisposeAsync().ConfigureAwait(false);
    }

    private FileCollection Collection(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_collections.TryGetValue(name, out var known)) return known;
        var (path, format) = _names.Locate(name);
        return _collections.GetOrAdd(name, static (n, a) => new FileCollection(n, a.path, a.format, a._options), (path, format, _options));
    }
}

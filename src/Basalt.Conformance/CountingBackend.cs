using Basalt.Changes;

namespace Basalt.Conformance;

/// <summary>
/// Counts what reaches the backend behind it, so that a test can say: the door refused, and the backend saw no I/O. Asking for capabilities and
/// support is not I/O and not counted. Thread-safe.
/// </summary>
public sealed class CountingBackend(IBackend inner) : IBackend
{
    private int _calls;
    private int _dataCalls;

    /// <summary>How many calls reached the backend.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How many of them read or wrote records or began a transaction; the others ask for or change collections.</summary>
    public int DataCalls => Volatile.Read(ref _dataCalls);

    /// <inheritdoc/>
    public Capabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) => inner.Supports(collection, leaf);

    /// <inheritdoc/>
    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) =>
        OnRecords().ReadAsync(collection, id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Record?>> ReadManyAsync(string collection, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        OnRecords().ReadManyAsync(collection, ids, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken) =>
        OnRecords().WriteAsync(collection, batch, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        OnRecords().ScanAsync(collection, query, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) =>
        OnRecords().CountAsync(collection, filter, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) => OnRecords().BeginAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken) => OnCollections().ListCollectionsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) =>
        OnCollections().DescribeAsync(collection, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken) =>
        OnCollections().CreateCollectionAsync(collection, schema, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) =>
        OnCollections().DropCollectionAsync(collection, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        OnCollections().EstimateAsync(collection, query, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Change> ChangesAsync(string? after, bool follows, CancellationToken cancellationToken) => OnRecords().ChangesAsync(after, follows, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string> ChangeTokenAsync(CancellationToken cancellationToken) => OnRecords().ChangeTokenAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => OnCollections().PingAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken) => OnCollections().CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private IBackend OnRecords()
    {
        Interlocked.Increment(ref _dataCalls);
        return OnCollections();
    }

    private IBackend OnCollections()
    {
        Interlocked.Increment(ref _calls);
        return inner;
    }
}

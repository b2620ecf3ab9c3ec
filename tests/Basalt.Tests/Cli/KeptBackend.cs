using Basalt.Backends;
using Basalt.Backends.Memory;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.Cli;

/// <summary>A memory backend that outlives the databases opened on it, as a folder outlives the runs of the tool.</summary>
internal sealed class KeptBackend : IBackend
{
    private readonly MemoryBackend _inner = new MemoryBackend();

    public Capabilities Capabilities => _inner.Capabilities;

    public FilterSupport Supports(string collection, LeafFilter leaf) => _inner.Supports(collection, leaf);

    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) => _inner.ReadAsync(collection, id, cancellationToken);

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken) => _inner.WriteAsync(collection, batch, cancellationToken);

    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => _inner.ScanAsync(collection, query, cancellationToken);

    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) => _inner.CountAsync(collection, filter, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken) => _inner.ListCollectionsAsync(cancellationToken);

    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) => _inner.DescribeAsync(collection, cancellationToken);

    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken) => _inner.CreateCollectionAsync(collection, schema, cancellationToken);

    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) => _inner.DropCollectionAsync(collection, cancellationToken);

    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => _inner.EstimateAsync(collection, query, cancellationToken);

    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) => _inner.BeginAsync(cancellationToken);

    public ValueTask PingAsync(CancellationToken cancellationToken) => _inner.PingAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

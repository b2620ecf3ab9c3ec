using Basalt.Backends;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.Migration;

/// <summary>A backend that fails or lies where a test says so.</summary>
internal sealed class FaultingBackend(IBackend inner) : IBackend
{
    /// <summary>Called before each batch with its number from 1; may throw: then nothing of it is written.</summary>
    public Action<int>? BeforeWrite { get; set; }

    /// <summary>Called after each batch with its number from 1; may throw: then it is written all the same.</summary>
    public Action<int>? AfterWrite { get; set; }

    /// <summary>What a write becomes on its way to the store; null for nothing.</summary>
    public Func<Record, Record?>? Tamper { get; set; }

    public bool IsAtomic { get; init; } = true;

    public List<int> BatchSizes { get; } = [];

    public Capabilities Capabilities => inner.Capabilities with { AtomicBatches = IsAtomic };

    public async ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        BatchSizes.Add(batch.Writes.Count);
        var number = BatchSizes.Count;
        BeforeWrite?.Invoke(number);
        IReadOnlyList<WriteOutcome> outcomes;
        if (Tamper is null)
        {
            outcomes = await inner.WriteAsync(collection, batch, cancellationToken);
        }
        else
        {
            var kept = batch.Writes.Select(w => (Write: w, Record: Tamper(w.Record))).Where(static w => w.Record is not null).Select(static w => w.Write with { Record = w.Record! });
            await inner.WriteAsync(collection, batch with { Writes = [.. kept] }, cancellationToken);
            outcomes = [.. batch.Writes.Select(static w => new WriteOutcome(WriteStatus.Done, w.Record))];
        }

        AfterWrite?.Invoke(number);
        return outcomes;
    }

    public FilterSupport Supports(string collection, LeafFilter leaf) => inner.Supports(collection, leaf);

    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) => inner.ReadAsync(collection, id, cancellationToken);

    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => inner.ScanAsync(collection, query, cancellationToken);

    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) => inner.CountAsync(collection, filter, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken) => inner.ListCollectionsAsync(cancellationToken);

    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) => inner.DescribeAsync(collection, cancellationToken);

    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken) => inner.CreateCollectionAsync(collection, schema, cancellationToken);

    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) => inner.DropCollectionAsync(collection, cancellationToken);

    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => inner.EstimateAsync(collection, query, cancellationToken);

    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) => inner.BeginAsync(cancellationToken);

    public ValueTask PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

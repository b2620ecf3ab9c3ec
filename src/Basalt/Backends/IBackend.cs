using Basalt.Changes;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends;

/// <summary>
/// The operations on records that a backend and an open transaction share. A driver stays dumb: names, ids, limits and schemas are
/// checked by the door before it is called, and every record that arrives has an id.
/// </summary>
public interface IRecords
{
    /// <summary>The record by that id, or null.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>A collection that does not exist is a <see cref="BasaltException"/> with <see cref="ErrorCode.NotFound"/>, here and below.</item>
    /// <item>What was acknowledged by <see cref="WriteAsync"/> is seen by every later call.</item>
    /// </list>
    /// </remarks>
    ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken);

    /// <summary>The records by those ids, each null when there is none; as one request where the backend can.</summary>
    async ValueTask<IReadOnlyList<Record?>> ReadManyAsync(string collection, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var records = new Record?[ids.Count];
        for (var i = 0; i < records.Length; i++) records[i] = await ReadAsync(collection, ids[i], cancellationToken).ConfigureAwait(false);
        return records;
    }

    /// <summary>Applies a batch in order and reports on each write, by position.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>Returns only when everything reported as done is as durable as the backend declares.</item>
    /// <item>The store sets a version that the collection never used before, and the timestamps; the creation time survives an update.</item>
    /// <item>An expected version is compared and the write applied as one step.</item>
    /// <item>A collection that does not exist is created, without a schema.</item>
    /// <item>Of two writes to one id in a batch, the second sees the first.</item>
    /// </list>
    /// </remarks>
    ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken);

    /// <summary>The records that satisfy the pushed query, from one snapshot.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>In the order of <see cref="PushedQuery.Sort"/>, ties and no keys by id ascending; unless <see cref="PushedQuery.AnyOrder"/>.</item>
    /// <item>Never cut short: an error is thrown, not an end.</item>
    /// <item>Writes during the enumeration do not change what it yields.</item>
    /// </list>
    /// </remarks>
    IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken);

    /// <summary>How many records match a filter that is fully pushed, or null: then the door counts a scan.</summary>
    ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken);
}

/// <summary>The contract of a driver: collections, records, and a declaration of what it can do. Thread-safe.</summary>
public interface IBackend : IRecords, IAsyncDisposable
{
    /// <summary>What the backend declares; constant while it is open.</summary>
    Capabilities Capabilities { get; }

    /// <summary>How well the backend can answer one leaf of a filter on one collection. Asked once per leaf and query; does no I/O.</summary>
    FilterSupport Supports(string collection, LeafFilter leaf);

    /// <summary>The names of the collections, sorted by code point.</summary>
    ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken);

    /// <summary>What is known of a collection without reading it, or null when it does not exist.</summary>
    ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken);

    /// <summary>Creates an empty collection; false when it exists, which then stays as it is.</summary>
    ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken);

    /// <summary>Removes a collection with its records; false when it does not exist.</summary>
    ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken);

    /// <summary>What a scan would cost, without running it; the parts that are unknown are null.</summary>
    ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken);

    /// <summary>A transaction; called only where <see cref="Capabilities.Transactions"/> is declared.</summary>
    ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken);

    /// <summary>The committed changes behind a token, or all that are kept, in the order of their commits; called only where <see cref="Capabilities.Changes"/> is declared.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>Ends with the last change that was committed before the call, or, when it follows, never: it waits for more.</item>
    /// <item>None is left out or repeated. Changes that are no longer kept are a <see cref="BasaltException"/> with <see cref="ErrorCode.Gone"/>, a token of another database one with <see cref="ErrorCode.InvalidQuery"/>.</item>
    /// </list>
    /// </remarks>
    IAsyncEnumerable<Change> ChangesAsync(string? after, bool follows, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The token behind the last change that is committed; called only where <see cref="Capabilities.Changes"/> is declared.</summary>
    ValueTask<string> ChangeTokenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Fails when the backend cannot serve: for health checks.</summary>
    ValueTask PingAsync(CancellationToken cancellationToken);

    /// <summary>How well the backend can serve. One that says nothing more than <see cref="PingAsync"/> is healthy when that does not fail.</summary>
    async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        await PingAsync(cancellationToken).ConfigureAwait(false);
        return new BackendHealth(HealthLevel.Healthy, $"{Capabilities.Scheme}: answers");
    }
}

/// <summary>
/// Writes that become visible together or not at all. Reads see the snapshot at the begin and the transaction's own writes. Disposal
/// without <see cref="CommitAsync"/> rolls back. Not thread-safe.
/// </summary>
public interface IBackendTransaction : IRecords, IAsyncDisposable
{
    /// <summary>Makes the writes visible and durable as one.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: a record written here was written elsewhere since the begin.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>What is known of a collection without reading its records.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">Its schema; open and without fields when none was declared.</param>
/// <param name="Records">The exact number of records, or null when only a scan can tell.</param>
/// <param name="Bytes">The bytes that it takes on disk, or null.</param>
/// <param name="Location">Where it is, for people: a path or a table; or null.</param>
public sealed record CollectionDescription(string Name, Schema Schema, long? Records, long? Bytes, string? Location);

/// <summary>What a scan is expected to cost.</summary>
/// <param name="Requests">Requests to the store.</param>
/// <param name="Bytes">Bytes to read.</param>
/// <param name="Records">Records to look at.</param>
public sealed record ScanCost(long? Requests, long? Bytes, long? Records)
{
    /// <summary>How the backend would go about it, in words; null where there is one way.</summary>
    public string? Way { get; init; }
}

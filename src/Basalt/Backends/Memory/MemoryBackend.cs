using System.Collections.Concurrent;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Memory;

/// <summary>
/// The <c>memory:</c> backend: collections in this process, gone with it. Reads are lock-free snapshots; writes are serialised. The oracle of the
/// other backends: it runs the definition of filters and nothing else.
/// </summary>
/// <param name="timeProvider">The clock that says what has expired; the system's unless given. What has gone stays gone when the clock is set back.</param>
public sealed class MemoryBackend(TimeProvider? timeProvider = null) : IBackend
{
    private readonly ConcurrentDictionary<string, MemoryCollection> _collections = new();
    private readonly Lock _writing = new();
    private readonly TimeProvider _clock = timeProvider ?? TimeProvider.System;
    private long _version;
    private bool _disposed;

    /// <summary>What this backend declares.</summary>
    public static Capabilities Declared { get; } = new("memory", Durability.Process)
    {
        AtomicBatches = true,
        Transactions = true,
        ManyCollections = true,
        Expiry = true,
    };

    /// <inheritdoc/>
    public Capabilities Capabilities => Declared;

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) => FilterSupport.Exact;

    /// <inheritdoc/>
    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Require(collection).Find(id));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var target = Target(collection);
            var outcomes = target.Write((this, batch), static (editor, s) => s.Item1.Apply(s.batch, editor));
            foreach (var outcome in outcomes)
                if (outcome.Stored is { ExpiresAt: not 0 } stored) target.Note(stored);
            return ValueTask.FromResult<IReadOnlyList<WriteOutcome>>(outcomes);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        MemoryScan.RunAsync(Require(collection).Snapshot(), query, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(MemoryScan.Count(Require(collection).Snapshot(), filter, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        var names = _collections.Keys.ToArray();
        Array.Sort(names, static (a, b) => Text.Compare(a, b));
        return ValueTask.FromResult<IReadOnlyList<string>>(names);
    }

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ValueTask.FromResult(_collections.TryGetValue(collection, out var found)
            ? new CollectionDescription(collection, found.Schema, found.Snapshot().Count, null, "this process")
            : null);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        lock (_writing) return ValueTask.FromResult(_collections.TryAdd(collection, new MemoryCollection(schema, _writing, _clock)));
    }

    /// <inheritdoc/>
    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        lock (_writing) return ValueTask.FromResult(_collections.TryRemove(collection, out _));
    }

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ScanCost(0, 0, Require(collection).Snapshot().Count));

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Under the lock, so that the trees of all collections are of one moment.
            return ValueTask.FromResult<IBackendTransaction>(new MemoryTransaction(this, _collections.ToDictionary(static c => c.Key, static c => c.Value.Snapshot())));
        }
    }

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_writing)
        {
            _disposed = true;
            _collections.Clear();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Applies a batch to an edit, which the caller commits or drops.</summary>
    internal WriteOutcome[] Apply(WriteBatch batch, RecordTree.Editor editor)
    {
        var outcomes = new WriteOutcome[batch.Writes.Count];
        var before = batch.OnFailure == OnFailure.Rollback ? editor.Commit() : null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var write = batch.Writes[i];
            var existing = editor.FindToChange(write.Record.Id);
            var status = WriteOutcome.Decide(write, existing);
            outcomes[i] = new WriteOutcome(status);
            if (status == WriteStatus.Done)
            {
                if (write.Kind == WriteKind.Delete)
                {
                    editor.Remove(write.Record.Id);
                    continue;
                }

                var stored = batch.Stamp(write.Record, existing, Interlocked.Increment(ref _version));
                // One whose instant has passed is gone at once.
                if (HasExpired(stored)) editor.Remove(stored.Id);
                else editor.Put(stored);
                outcomes[i] = new WriteOutcome(status, stored);
                continue;
            }

            if (!batch.Breaks(status)) continue;
            outcomes.AsSpan(i + 1).Fill(new WriteOutcome(WriteStatus.NotTried));
            if (before is not null)
            {
                outcomes.AsSpan(0, i).Fill(new WriteOutcome(WriteStatus.NotTried));
                editor.Reset(before);
            }

            break;
        }

        return outcomes;
    }

    /// <summary>Replaces the records that a transaction wrote, if nobody else has written them since it began.</summary>
    internal void Commit(IReadOnlyDictionary<string, RecordTree> begun, IReadOnlyDictionary<string, Dictionary<string, Record?>> written)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var (collection, records) in written)
            {
                var seen = begun.GetValueOrDefault(collection, RecordTree.Empty);
                var current = _collections.TryGetValue(collection, out var target) ? target.Snapshot() : RecordTree.Empty;
                if (ReferenceEquals(seen, current)) continue;
                foreach (var id in records.Keys)
                {
                    if (seen.Find(id)?.Version == current.Find(id)?.Version) continue;
                    throw new BasaltException(ErrorCode.Conflict, $"The record '{id}' in '{collection}' was written by another transaction, or has expired; begin again.") { Backend = "memory", Operation = "commit", Target = collection };
                }
            }

            foreach (var (collection, records) in written)
            {
                var target = Target(collection);
                target.Write(records, static (editor, changes) =>
                {
                    foreach (var (id, record) in changes)
                    {
                        if (record is null) editor.Remove(id);
                        else editor.Put(record);
                    }

                    return changes.Count;
                });
                foreach (var record in records.Values)
                    if (record is { ExpiresAt: not 0 }) target.Note(record);
            }
        }
    }

    internal bool HasExpired(Record record) => record.ExpiresAt != 0 && record.IsExpired(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    private MemoryCollection Target(string collection) =>
        _collections.TryGetValue(collection, out var found) ? found : _collections.GetOrAdd(collection, new MemoryCollection(Schema.Any, _writing, _clock));

    private MemoryCollection Require(string collection)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _collections.TryGetValue(collection, out var found) ? found : throw NoSuchCollection(collection);
    }

    internal static BasaltException NoSuchCollection(string collection) =>
        new(ErrorCode.NotFound, $"There is no collection '{collection}' in memory.") { Backend = "memory", Target = collection };
}

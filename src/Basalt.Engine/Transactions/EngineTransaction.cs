using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Engine.Writing;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Records;
using WriteBatch = Basalt.Backends.WriteBatch;

namespace Basalt.Engine.Transactions;

/// <summary>
/// Snapshot isolation: reads see the snapshot at the begin under the transaction's own writes, which stay in memory; the commit lets the first writer of a record win.
/// </summary>
internal sealed class EngineTransaction(EngineBackend backend, Catalogue catalogue, LsmSnapshot snapshot, ImmutableSortedDictionary<string, EngineCollection> begun) : IBackendTransaction
{
    private readonly Dictionary<string, Dictionary<string, Written>> _written = new(StringComparer.Ordinal);
    private bool _ended;

    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(EngineFaults.Guard(collection, () => Find(Require(collection), collection, id)));
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
        return ValueTask.FromResult<IReadOnlyList<WriteOutcome>>(EngineFaults.Guard(collection, () => Write(collection, batch)));
    }

    public async IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Require(collection);
        if (query.Limit == 0) yield break;
        var left = query.Limit ?? long.MaxValue;
        using var scan = begun.TryGetValue(collection, out var stored) ? EngineFaults.Guard(collection, () => new CollectionScan(stored, query, snapshot, cancellationToken)) : null;
        foreach (var record in Overlay.Merge(() => scan is null ? null : EngineFaults.Guard(collection, scan.Next), Own(collection), query))
        {
            yield return record;
            if (--left == 0) yield break;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Require(collection);
        // Its own writes count, so the door counts a scan.
        return ValueTask.FromResult<long?>(null);
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
        End();
        if (_written.Count > 0) await backend.DoAsync(new CommitRequest(_written, begun.GetValueOrDefault, cancellationToken), "transaction").ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        End();
        return ValueTask.CompletedTask;
    }

    private void End()
    {
        if (_ended) return;
        _ended = true;
        snapshot.Dispose();
    }

    private WriteOutcome[] Write(string collection, WriteBatch batch)
    {
        var stored = begun.GetValueOrDefault(collection);
        if (!_written.TryGetValue(collection, out var own)) _written[collection] = own = new Dictionary<string, Written>(StringComparer.Ordinal);
        var outcomes = new WriteOutcome[batch.Writes.Count];
        var undo = new List<(string Id, Written? Before)>();
        var now = snapshot.Time.ToUnixTimeMilliseconds();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var write = batch.Writes[i];
            var id = write.Record.Id;
            Written? before = own.TryGetValue(id, out var written) ? written : null;
            var seen = before is not null ? written.Seen : stored is not null && PointRead.Read(stored, id, snapshot) is { } found ? RecordHead.Of(found) : null;
            var existing = before is not null ? written.Left : seen?.AsRecord();
            var status = WriteOutcome.Decide(write, existing);
            outcomes[i] = new WriteOutcome(status);
            if (status == WriteStatus.Done)
            {
                var left = write.Kind == WriteKind.Delete ? null : batch.Stamp(write.Record, existing, catalogue.NextVersion());
                undo.Add((id, before));
                // One whose instant has passed is gone at once.
                own[id] = new Written(seen, left is not null && left.IsExpired(now) ? null : left);
                outcomes[i] = new WriteOutcome(status, left);
                continue;
            }

            if (!batch.Breaks(status)) continue;
            outcomes.AsSpan(i + 1).Fill(new WriteOutcome(WriteStatus.NotTried));
            if (batch.OnFailure == OnFailure.Rollback)
            {
                outcomes.AsSpan(0, i).Fill(new WriteOutcome(WriteStatus.NotTried));
                undo.Reverse();
                foreach (var (at, was) in undo)
                {
                    if (was is { } value) own[at] = value;
                    else own.Remove(at);
                }
            }

            break;
        }

        return outcomes;
    }

    private Record? Find(EngineCollection? stored, string collection, string id)
    {
        if (Own(collection) is { } own && own.TryGetValue(id, out var written)) return written.Left;
        return stored is null ? null : PointRead.Read(stored, id, snapshot);
    }

    private Dictionary<string, Written>? Own(string collection) => _written.GetValueOrDefault(collection);

    /// <summary>The collection as it was at the begin; null when only this transaction writes to it.</summary>
    private EngineCollection? Require(string collection)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (begun.TryGetValue(collection, out var found)) return found;
        return _written.ContainsKey(collection) ? null : throw backend.NoSuchCollection(collection);
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Records;
using Basalt.Engine.Searching;
using Basalt.Engine.Writing;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Records;
using Basalt.Search;
using WriteBatch = Basalt.Backends.WriteBatch;

namespace Basalt.Engine.Transactions;

/// <summary>
/// Snapshot isolation: reads see the snapshot at the begin under the transaction's own writes, which stay in memory; the commit lets the first writer of a record win.
/// </summary>
internal sealed class EngineTransaction(EngineBackend backend, Catalogue catalogue, LsmSnapshot snapshot, ImmutableSortedDictionary<string, EngineCollection> begun, SectionCache sections) : IBackendTransaction, IIndexedRecords
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
        var stored = Require(collection);
        if (query.Limit == 0) yield break;
        var left = query.Limit ?? long.MaxValue;
        var own = OwnWrites.Of(Own(collection));
        using var answer = stored is null ? null : EngineFaults.Guard(collection, () => new CollectionQuery(stored, query, snapshot, own, sections, cancellationToken));
        using var records = (answer?.Records() ?? Alone(own, query, cancellationToken)).GetEnumerator();
        while (left > 0 && EngineFaults.Guard(collection, records.MoveNext))
        {
            left--;
            yield return records.Current;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stored = Require(collection);
        return ValueTask.FromResult<long?>(EngineFaults.Guard(collection, () =>
        {
            var own = OwnWrites.Of(Own(collection));
            if (stored is null) return own?.Matches(filter).Count ?? 0;
            using var answer = new CollectionQuery(stored, new PushedQuery { Filter = filter, Fields = [] }, snapshot, own, sections, cancellationToken);
            return answer.Count();
        }));
    }

    public ValueTask<SearchAnswer> SearchAsync(string collection, SearchRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // One that only this transaction has is without indexes yet.
        var stored = Require(collection) ?? throw SearchRequest.Invalid($"'{collection}' is created by this transaction and has no index before it is committed.");
        return ValueTask.FromResult(EngineFaults.Guard(collection, () => new CollectionSearch(stored, snapshot, OwnWrites.Of(Own(collection)), sections, backend.Folder).Run(request, cancellationToken)));
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

    /// <summary>What is found in a collection that only this transaction has.</summary>
    private static IEnumerable<Record> Alone(OwnWrites? own, PushedQuery query, CancellationToken cancellationToken)
    {
        var matches = own?.Matches(query.Filter) ?? [];
        return query.Sort.Count > 0 ? QuerySort.Sort(matches, query, cancellationToken) : query.AfterId is { } after ? matches.Where(record => Text.Compare(record.Id, after) > 0) : matches;
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

using Basalt.Backends;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;
using Basalt.Telemetry;

namespace Basalt;

public sealed partial class Collection
{
    private const int ChunkSize = 1000;
    private const int MaxAttempts = 16;

    /// <summary>Adds records; each outcome stands at its record's position.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Unsupported"/>: rollback was asked of a backend without atomic batches.</exception>
    public ValueTask<BatchResult> CreateManyAsync(IReadOnlyList<Record> records, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteManyAsync("create_many", options?.OnConflict is ConflictPolicy.Upsert or ConflictPolicy.Merge ? WriteKind.Upsert : WriteKind.Create, records, options, cancellationToken);

    /// <summary>Replaces records whole; a missing one fails.</summary>
    /// <inheritdoc cref="CreateManyAsync"/>
    public ValueTask<BatchResult> UpdateManyAsync(IReadOnlyList<Record> records, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteManyAsync("update_many", WriteKind.Update, records, options, cancellationToken);

    /// <summary>Adds records or replaces them whole.</summary>
    /// <inheritdoc cref="CreateManyAsync"/>
    public ValueTask<BatchResult> UpsertManyAsync(IReadOnlyList<Record> records, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        WriteManyAsync("upsert_many", WriteKind.Upsert, records, options, cancellationToken);

    /// <summary>Removes records; a missing one fails.</summary>
    /// <inheritdoc cref="CreateManyAsync"/>
    public ValueTask<BatchResult> DeleteManyAsync(IReadOnlyList<string> ids, BatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return WriteManyAsync("delete_many", WriteKind.Delete, [.. ids.Select(static id => new Record { Id = id })], options, cancellationToken);
    }

    /// <summary>Removes the records that satisfy a filter, in chunks: each chunk is durable when it is counted.</summary>
    /// <returns>How many were removed.</returns>
    public ValueTask<long> DeleteWhereAsync(Filter filter, CancellationToken cancellationToken = default) =>
        ChangeWhereAsync("delete_where", filter, static _ => null, cancellationToken);

    /// <summary>Patches the records that satisfy a filter, in chunks: each chunk is durable when it is counted.</summary>
    /// <returns>How many were changed.</returns>
    /// <exception cref="BasaltException">A patched record is not valid; the chunks before it stay changed.</exception>
    public ValueTask<long> UpdateWhereAsync(Filter filter, Patch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return ChangeWhereAsync("update_where", filter, patch.Apply, cancellationToken);
    }

    private ValueTask<BatchResult> WriteManyAsync(string operation, WriteKind kind, IReadOnlyList<Record> records, BatchOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        options ??= BatchOptions.Default;
        if (options.OnConflict != ConflictPolicy.Fail && operation != "create_many") throw new ArgumentException("A conflict policy is for creates; this batch has none.", nameof(options));
        if (options.OnFailure == OnFailure.Rollback && !_database.Capabilities.AtomicBatches)
            throw _database.Unsupported("has no atomic batches, so OnFailure.Rollback cannot be kept", operation);
        return Operation.RunAsync(System, operation, Name, (this, kind, records, options),
            static (s, ct) => s.options.OnConflict == ConflictPolicy.Merge ? s.Item1.MergeManyCoreAsync(s.records, s.options, ct) : s.Item1.WriteManyCoreAsync(s.kind, s.records, s.options, ct), cancellationToken);
    }

    private async ValueTask<BatchResult> WriteManyCoreAsync(WriteKind kind, IReadOnlyList<Record> records, BatchOptions options, CancellationToken cancellationToken, List<long>? expected = null)
    {
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        var items = new ItemOutcome[records.Count];
        if (await HasNothingToChangeAsync(kind, cancellationToken).ConfigureAwait(false))
        {
            var isLast = false;
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = isLast ? new ItemOutcome(ItemStatus.NotTried, records[i].Id) : ToItem(records[i].Id, new WriteOutcome(WriteStatus.NotFound), skipsExisting: false);
                isLast = options.OnFailure != OnFailure.Continue;
            }

            return new BatchResult(items);
        }

        var writes = new Write[records.Count];
        // Positions of the writes within the batch; null while every record was admitted.
        List<int>? positions = null;
        var repeats = kind == WriteKind.Delete ? [] : BatchUniqueness.Check(schema, records).DistinctBy(static v => v.Index).ToDictionary(static v => v.Index, static v => v.Violation);
        var admitted = 0;
        var stopped = false;
        for (var i = 0; i < items.Length && !stopped; i++)
        {
            ArgumentNullException.ThrowIfNull(records[i], nameof(records));
            var (record, problem) = kind == WriteKind.Delete ? (records[i], null) : Admission.Admit(records[i], kind, schema, _database);
            problem ??= repeats.TryGetValue(i, out var repeat) ? repeat.ToString() : null;
            if (problem is null)
            {
                positions?.Add(i);
                writes[admitted++] = new Write(kind, record, expected?[i]);
                continue;
            }

            positions ??= [.. Enumerable.Range(0, i)];
            items[i] = new ItemOutcome(ItemStatus.Failed, record.Id, 0, ErrorCode.InvalidRecord, problem);
            if (options.OnFailure == OnFailure.Continue) continue;
            for (var rest = i + 1; rest < items.Length; rest++) items[rest] = new ItemOutcome(ItemStatus.NotTried, records[rest].Id);
            stopped = true;
        }

        if (stopped && options.OnFailure == OnFailure.Rollback)
        {
            for (var i = 0; i < admitted; i++) items[positions![i]] = new ItemOutcome(ItemStatus.NotTried, writes[i].Record.Id);
            return new BatchResult(items);
        }

        if (admitted < writes.Length) Array.Resize(ref writes, admitted);
        if (admitted > 0) await ApplyAsync(writes, positions, items, kind, options, cancellationToken).ConfigureAwait(false);
        return new BatchResult(items);
    }

    private async ValueTask ApplyAsync(Write[] writes, List<int>? positions, ItemOutcome[] items, WriteKind kind, BatchOptions options, CancellationToken cancellationToken)
    {
        var batch = new WriteBatch(writes, options.OnFailure, _database.Options.TimeProvider.GetUtcNow(), options.KeepsTimestamps) { SkipsExisting = kind == WriteKind.Create && options.OnConflict == ConflictPolicy.Skip };
        var outcomes = await _records.WriteAsync(Name, batch, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < writes.Length; i++) items[positions is null ? i : positions[i]] = ToItem(writes[i].Record.Id, outcomes[i], batch.SkipsExisting);
    }

    private ItemOutcome ToItem(string id, WriteOutcome outcome, bool skipsExisting) => outcome.Status switch
    {
        WriteStatus.Done => new ItemOutcome(ItemStatus.Done, id, outcome.Stored?.Version ?? 0),
        WriteStatus.NotTried => new ItemOutcome(ItemStatus.NotTried, id),
        WriteStatus.AlreadyExists when skipsExisting => new ItemOutcome(ItemStatus.Skipped, id),
        _ => Fault(outcome.Status, id) is var fault ? new ItemOutcome(ItemStatus.Failed, id, 0, fault.Code, fault.Message) : default,
    };

    private ValueTask<long> ChangeWhereAsync(string operation, Filter filter, Func<Record, Record?> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Operation.RunAsync(System, operation, Name, (this, filter, change), static (s, ct) => s.Item1.ChangeWhereCoreAsync(s.filter, s.change, ct), cancellationToken);
    }

    private async ValueTask<long> ChangeWhereCoreAsync(Filter filter, Func<Record, Record?> change, CancellationToken cancellationToken)
    {
        long changed = 0;
        var chunk = new List<Record>(ChunkSize);
        // A snapshot, in any order: a changed record that matches still is not met twice.
        await foreach (var record in ScanMatchesAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            chunk.Add(record);
            if (chunk.Count < ChunkSize) continue;
            changed += await ChangeChunkAsync(chunk, filter, change, cancellationToken).ConfigureAwait(false);
            chunk.Clear();
        }

        return changed + await ChangeChunkAsync(chunk, filter, change, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> ChangeChunkAsync(List<Record> chunk, Filter filter, Func<Record, Record?> change, CancellationToken cancellationToken)
    {
        if (chunk.Count == 0) return 0;
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        long changed = 0;
        var pending = chunk.ToList();
        // A record that was written meanwhile is read again and changed only if it still matches.
        for (var round = 1; pending.Count > 0; round++)
        {
            if (round > MaxAttempts) throw Fault(WriteStatus.Conflict, pending[0].Id);
            var writes = pending.ConvertAll(record => ToWrite(record, change, schema));
            var batch = new WriteBatch(writes, OnFailure.Continue, _database.Options.TimeProvider.GetUtcNow());
            var outcomes = await _records.WriteAsync(Name, batch, cancellationToken).ConfigureAwait(false);
            changed += outcomes.Count(static o => o.Status == WriteStatus.Done);
            var raced = pending.Where((_, i) => outcomes[i].Status == WriteStatus.Conflict).Select(static r => r.Id).ToList();
            if (raced.Count == 0) break;
            var current = await _records.ReadManyAsync(Name, raced, cancellationToken).ConfigureAwait(false);
            pending = [.. current.OfType<Record>().Where(filter.Matches)];
        }

        return changed;
    }

    private Write ToWrite(Record record, Func<Record, Record?> change, Schema schema)
    {
        var next = change(record);
        if (next is null) return new Write(WriteKind.Delete, record, record.Version);
        var (admitted, problem) = Admission.Admit(next, WriteKind.Update, schema, _database);
        return problem is null ? new Write(WriteKind.Update, admitted, record.Version) : throw Fault(ErrorCode.InvalidRecord, problem, record.Id);
    }
}

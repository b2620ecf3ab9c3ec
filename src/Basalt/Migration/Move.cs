using Basalt.Backends;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>What becomes of a record that was read.</summary>
internal enum Fate
{
    Written,
    Filtered,
    Replaced,
}

/// <summary>A record on its way.</summary>
/// <param name="Record">The record as it will be written; not used unless it is.</param>
/// <param name="Fate">Whether it is written.</param>
/// <param name="Source">Where it came from.</param>
internal readonly record struct Moving(Record Record, Fate Fate, SourceRecord Source);

/// <summary>What a move does with batches.</summary>
internal sealed record MoveRules(ConflictPolicy OnConflict, int BatchSize, bool Verify, bool KeepsTimestamps, Action<BatchAcknowledgement>? OnBatch);

/// <summary>
/// Writes records to a collection batch by batch: batch, log, checkpoint, acknowledgement, in this order, so that whatever stops it, a resumed
/// move knows at least what was acknowledged, and does at most one batch again.
/// </summary>
internal sealed class Move : IDisposable
{
    /// <summary>A batch also ends when its records take so many bytes, near enough: large records must not fill the memory.</summary>
    public const long MaxBatchBytes = 8 << 20;

    private readonly Collection _target;
    private readonly MoveRules _rules;
    private readonly CheckpointFile? _checkpoint;
    private readonly WrittenLog? _log;
    private readonly ContentHash _hash = new();
    private readonly Func<SourceRecord, string> _place;
    private readonly List<Record> _records = [];
    private readonly List<SourceRecord> _sources = [];
    private readonly BatchOptions _options;
    private bool _redoes;
    private long _batchBytes;

    public Move(Collection target, MoveRules rules, MoveState state, bool isResumed, CheckpointFile? checkpoint, Func<SourceRecord, string> place)
    {
        _target = target;
        _rules = rules;
        State = state;
        IsResumed = _redoes = isResumed;
        _checkpoint = checkpoint;
        _place = place;
        if (rules.Verify && !state.WasEmpty && rules.OnConflict != ConflictPolicy.Merge) _log = new WrittenLog(checkpoint?.LogPath, state.LogBytes);
        var atomic = target.Database.Capabilities.AtomicBatches;
        _options = new BatchOptions { OnConflict = rules.OnConflict, OnFailure = atomic ? OnFailure.Rollback : OnFailure.Stop, KeepsTimestamps = rules.KeepsTimestamps };
        checkpoint?.Save(state);
    }

    public MoveState State { get; private set; }

    public bool IsResumed { get; }

    public async ValueTask WriteAsync(IAsyncEnumerable<Moving> items, long? totalRecords, long? totalBytes, IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = new ProgressClock(progress, _target.Database.Options.TimeProvider, MovePhase.Writing, State.Read);
        // What was read since the last batch.
        long read = 0, filtered = 0, replaced = 0, bytes = 0;
        var lastId = State.LastId;
        await foreach (var item in items.ConfigureAwait(false))
        {
            read++;
            bytes = item.Source.Bytes;
            lastId = item.Source.Record.Id;
            if (item.Fate == Fate.Filtered) filtered++;
            else if (item.Fate == Fate.Replaced) replaced++;
            else
            {
                _records.Add(item.Record);
                _sources.Add(item.Source);
                _batchBytes += RecordSize.Estimate(item.Record);
            }

            if (_records.Count == _rules.BatchSize || _batchBytes >= MaxBatchBytes) await EndBatchAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            clock.Report(State.Read + read, bytes, totalRecords, totalBytes);
        }

        if (read > 0) await EndBatchAsync().ConfigureAwait(false);
        clock.Report(State.Read, totalBytes ?? bytes, State.Read, totalBytes, isLast: true);

        async ValueTask EndBatchAsync()
        {
            State = State with { Read = State.Read + read, Filtered = State.Filtered + filtered, Skipped = State.Skipped + replaced, LastId = lastId };
            read = filtered = replaced = 0;
            // Begun, a batch is brought to its end: a cancelled write would leave open what was written.
            var written = await WriteBatchAsync(CancellationToken.None).ConfigureAwait(false);
            var last = _records.Count > 0 ? _records[^1].Id : null;
            _records.Clear();
            _sources.Clear();
            _batchBytes = 0;
            _checkpoint?.Save(State);
            if (last is not null) _rules.OnBatch?.Invoke(new BatchAcknowledgement(last, written, State.Read));
        }
    }

    /// <summary>Compares what the destination holds with what was written.</summary>
    public async ValueTask VerifyAsync(IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = new ProgressClock(progress, _target.Database.Options.TimeProvider, MovePhase.Verifying);
        if (_log is null) await Verification.ScanAsync(_target, State, _hash, clock, cancellationToken).ConfigureAwait(false);
        else await Verification.ReadBackAsync(_target, State, _log, _rules.BatchSize, _hash, clock, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<MoveReport> EndAsync(IProgress<MoveProgress>? progress, long started, CancellationToken cancellationToken)
    {
        // What is merged was compared batch by batch: later ones may change it.
        if (_rules.Verify && _rules.OnConflict != ConflictPolicy.Merge) await VerifyAsync(progress, cancellationToken).ConfigureAwait(false);
        _log?.Dispose();
        _checkpoint?.Delete();
        var elapsed = _target.Database.Options.TimeProvider.GetElapsedTime(started);
        return new MoveReport(State.Read, State.Written, State.Skipped, State.Filtered, State.Hash, elapsed, _rules.Verify, IsResumed);
    }

    public void Dispose()
    {
        _log?.Dispose();
        _hash.Dispose();
    }

    public static async ValueTask<bool> IsEmptyAsync(Collection collection, CancellationToken cancellationToken) =>
        (await collection.QueryAsync(Query.All.Take(1), cancellationToken).ConfigureAwait(false)).Records.Count == 0;

    private async ValueTask<int> WriteBatchAsync(CancellationToken cancellationToken)
    {
        var hashes = _records.ConvertAll(_hash.Of);
        var isThere = _redoes ? await FindWrittenAsync(hashes, cancellationToken).ConfigureAwait(false) : null;
        var pending = isThere is null ? _records : [.. _records.Where((_, i) => !isThere[i])];
        var result = pending.Count == 0 ? null : await _target.CreateManyAsync(pending, _options, cancellationToken).ConfigureAwait(false);
        var expiresAll = (await _target.SchemaAsync(cancellationToken).ConfigureAwait(false)).TimeToLive is not null;
        var written = 0;
        int? untried = null;
        for (int i = 0, at = 0; i < _records.Count; i++)
        {
            var outcome = isThere is not null && isThere[i] ? new ItemOutcome(ItemStatus.Done, _records[i].Id) : result![at++];
            switch (outcome.Status)
            {
                case ItemStatus.Done:
                    State = State with { Hash = unchecked(State.Hash + hashes[i]) };
                    if (expiresAll || _records[i].Expires is not null) State = State with { Expiring = State.Expiring + 1, ExpiringHash = unchecked(State.ExpiringHash + hashes[i]) };
                    else _log?.Add(_records[i].Id, hashes[i]);
                    written++;
                    break;
                case ItemStatus.Skipped: State = State with { Skipped = State.Skipped + 1 }; break;
                case ItemStatus.Failed: throw Failed(outcome, _sources[i], written);
                // Only a failure keeps others back, and it throws; an item that is left over without one would be lost in silence.
                default: untried ??= i; break;
            }
        }

        if (untried is { } left) throw new BasaltException(ErrorCode.Unexpected, $"{_place(_sources[left])}: The backend left the record '{_records[left].Id}' out without a reason.") { Operation = "move", Target = _target.Name };
        if (_rules is { Verify: true, OnConflict: ConflictPolicy.Merge }) await Verification.MergedAsync(_target, _records, _hash, cancellationToken).ConfigureAwait(false);
        State = State with { Written = State.Written + written, LogBytes = _log?.Sync(isDurable: _checkpoint is not null) ?? 0 };
        return written;
    }

    /// <summary>
    /// Which records of a batch the interrupted run had written before it could say so: those that are there with the same content, or fields where they are merged. Asked until
    /// a batch is met of which nothing is there.
    /// </summary>
    private async ValueTask<bool[]?> FindWrittenAsync(List<UInt128> hashes, CancellationToken cancellationToken)
    {
        if (_records.Count == 0) return null;
        if (_rules.OnConflict == ConflictPolicy.Merge)
        {
            var held = await Verification.HeldAsync(_target, _records, _hash, cancellationToken).ConfigureAwait(false);
            _redoes = held.Any(static each => each == true);
            return Array.ConvertAll(held, static each => each == true);
        }

        var found = await _target.GetManyAsync(_records.ConvertAll(static r => r.Id), cancellationToken).ConfigureAwait(false);
        _redoes = found.Any(static r => r is not null);
        return [.. found.Select((record, i) => record is not null && _hash.Of(record) == hashes[i])];
    }

    private BasaltException Failed(ItemOutcome outcome, SourceRecord source, int before)
    {
        var rolledBack = _options.OnFailure == OnFailure.Rollback;
        var kept = State.Written + (rolledBack ? 0 : before);
        var message = $"{_place(source)}: {outcome.Message} {kept} {(kept == 1 ? "record" : "records")} before it {(kept == 1 ? "was" : "were")} written.";
        return new BasaltException(outcome.Error ?? ErrorCode.Unexpected, message) { Operation = "move", Target = $"{_target.Name}/{outcome.Id}" };
    }
}

using Basalt.Lsm.Compaction;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>What maintenance is believed to master before any was measured, in bytes a second.</summary>
    private const double AssumedRate = 32 << 20;

    /// <summary>Writers are slowed when so many memtables' worth of tables is beyond the bound of space, and stopped at three times that.</summary>
    private const int DebtMemtables = 16;

    private readonly Admission _admission;
    private readonly Worker _flusher;
    private readonly Worker _merger;
    private volatile MergeStrain _mergeStrain = new(0, 0, "");

    private bool _wasRead;
    private ulong _sequenceSeen;

    private sealed record MergeStrain(long Changes, double Degree, string Reason);

    /// <summary>How far maintenance is behind, were so many bytes on their way into the memtables.</summary>
    private Strain Weigh(long underway)
    {
        // Nobody waits for what will not be done any more: it goes on, and is told.
        if (_options.RunsMaintenanceInline || _isClosed || IsFull || Volatile.Read(ref _poison) is not null) return default;
        var frozen = Volatile.Read(ref _frozenBytes);
        var most = 2 * _options.MemtableBytes;
        var room = most - Volatile.Read(ref _activeBytes) - frozen - underway;
        // Before anything is frozen there is room until the memtables are full; then half of what is left is free of delays.
        var degree = frozen == 0 && room > 0 ? 0 : 1 - room / (_options.MemtableBytes / 2.0);
        var merging = WeighMerges();
        if (degree <= 0 && merging.Degree <= 0) return default;
        if (degree >= merging.Degree)
            return new Strain(degree, $"memory holds {most - room} of at most {most} bytes of writes, and {frozen} of them are being written to tables", Rate(ref _flushRate), _flusher.Failure);
        return new Strain(merging.Degree, merging.Reason, Rate(ref _mergeRate), _merger.Failure);
    }

    /// <summary>How far the merges are behind, for the current version.</summary>
    private MergeStrain WeighMerges()
    {
        var changes = Interlocked.Read(ref _changes);
        var known = _mergeStrain;
        if (known.Changes == changes) return known;
        var version = Volatile.Read(ref _version);
        known = new MergeStrain(changes, 0, "");
        // Where nothing can be merged, because tables are damaged, to wait for it would be to wait for ever.
        if (IsMergeDue())
        {
            foreach (var content in version.Trees)
            {
                var runs = content.Runs.Length;
                var byRuns = (runs - _policy.SlowRuns) / (double)(_policy.StopRuns - _policy.SlowRuns);
                if (byRuns > known.Degree) known = new MergeStrain(changes, byRuns, $"a tree has {runs} runs, each of which a read looks into; {_policy.StopRuns} are the most");
                var generations = Generation.Of(content.Tables);
                if (generations.Count < 2 || content.Tables.Any(table => _damaged.ContainsKey(table.Number))) continue;
                var debt = _policy.Excess(generations);
                var slow = Math.Max(DebtMemtables * (double)_options.MemtableBytes, _policy.SpaceRatio * generations[^1].Size);
                var byDebt = (debt - slow) / (2 * slow);
                if (byDebt > known.Degree) known = new MergeStrain(changes, byDebt, $"tables of {debt:F0} bytes wait to be merged; {3 * slow:F0} are the most");
            }
        }

        return _mergeStrain = known;
    }

    private void Measure(ref double rate, long bytes, long started)
    {
        var seconds = _options.TimeProvider.GetElapsedTime(started).TotalSeconds;
        if (seconds <= 0 || bytes == 0) return;
        var now = bytes / seconds;
        Volatile.Write(ref rate, rate == 0 ? now : (rate * 3 + now) / 4);
    }

    private static double Rate(ref double measured) => Volatile.Read(ref measured) is var rate and > 0 ? rate : AssumedRate;

    /// <summary>Whether anybody wrote or read since this was last asked.</summary>
    private bool IsBusy()
    {
        var sequence = Sequence;
        var isBusy = Volatile.Read(ref _wasRead) || sequence != _sequenceSeen;
        _sequenceSeen = sequence;
        Volatile.Write(ref _wasRead, false);
        return isBusy;
    }

    /// <summary>Notes that somebody reads.</summary>
    internal void NoteRead()
    {
        // Written seldom, so that readers share the line of the cache.
        if (!Volatile.Read(ref _wasRead)) Volatile.Write(ref _wasRead, true);
    }

    /// <summary>Takes a turn at one kind of maintenance. It ends with the token or with the store.</summary>
    private void TakeTurn(SemaphoreSlim turn, Action<CancellationToken> work, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            turn.Wait(either.Token);
            try
            {
                work(either.Token);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _closing.IsCancellationRequested)
        {
            throw LsmException.Closed();
        }
    }
}

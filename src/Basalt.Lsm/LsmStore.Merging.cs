using System.Collections.Immutable;
using Basalt.Lsm.Compaction;
using Basalt.Lsm.IO;
using Basalt.Lsm.Versions;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>Merges within merges: each is of newer tables than the one that it interrupts, or of another tree.</summary>
    private const int MostNested = 4;

    /// <summary>Timers reach no further than some weeks.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    /// <summary>Whoever merges has it.</summary>
    private readonly SemaphoreSlim _mergeTurn = new(1, 1);

    /// <summary>The merges under way, the last one interrupting those before. Touched by whoever has the merge turn.</summary>
    private readonly List<Merge> _merges = [];
    private readonly MergePolicy _policy;
    private readonly Pacer _pacer;

    /// <summary>Tables that a merge could not read: number and path.</summary>
    private ImmutableSortedDictionary<ulong, string> _damaged = ImmutableSortedDictionary<ulong, string>.Empty;
    private ITimer? _expiryTimer;
    private long _lookedAt;
    private long _mergedBytes;
    private double _mergeRate;

    /// <summary>Merges the tables of every tree into one run each, with nothing in it that was overwritten or deleted. Afterwards everything is under the current key. What is done stays done when it is cancelled.</summary>
    /// <exception cref="IOException">The disk failed; nothing is lost.</exception>
    /// <exception cref="LsmException">A table is damaged; the trees before it are merged.</exception>
    public void Compact(CancellationToken cancellationToken = default)
    {
        Flush(cancellationToken);
        RenewManifest();
        foreach (var tree in LockedTrees()) MergeAll(tree.Id, cancellationToken);
    }

    internal void Compact(LsmTree tree, CancellationToken cancellationToken)
    {
        tree.ThrowIfDropped();
        Flush(cancellationToken);
        MergeAll(tree.Id, cancellationToken);
        tree.ThrowIfDropped();
    }

    /// <summary>Does every merge that is due, on this thread, at full speed.</summary>
    internal void Settle(CancellationToken cancellationToken = default) => MergeAtFullSpeed(MergeDue, cancellationToken);

    private List<LsmTree> LockedTrees()
    {
        lock (_maintenance) return [.. _trees.Values];
    }

    private void MergeAll(uint keyspace, CancellationToken cancellationToken) => MergeAtFullSpeed(
        token =>
        {
            // What is flushed meanwhile is not waited for, and what this call wrote is not written again.
            var (newest, next) = (_version.Tables(keyspace) is [var table, ..] ? table.Record.MaxSequence : 0, TakeNumber());
            while (true)
            {
                var generations = Generation.Of([.. _version.Tables(keyspace).Where(table => table.Record.MaxSequence <= newest)]);
                // First what was begun: otherwise calls that are stopped in time after time would begin anew whenever something was written between them.
                if (generations.Find(static generation => generation.Remaining.Length > 0) is { } unfinished) Run(Merge.Rest(keyspace, unfinished, hasOldest: unfinished == generations[^1]), token);
                else if (generations.Count > 1) Run(Merge.Of(keyspace, generations, hasOldest: true), token);
                else if (generations is [var last] && last.Tables.FirstOrDefault(table => table.Number < next && HoldsForNothing(table)) is { } stale) Run(Merge.Rewrite(keyspace, stale, hasOldest: true), token);
                else return;
            }
        },
        cancellationToken);

    /// <summary>Whether the oldest run can do without something in a table: deleted, perhaps expired by now, or under an older key.</summary>
    private bool HoldsForNothing(LiveTable table) => table.File.Meta.Tombstones > 0 || table.File.Meta.Expiring > 0 || !IsUnderCurrentKey(table.File.KeyId);

    private void MergeAtFullSpeed(Action<CancellationToken> merge, CancellationToken cancellationToken)
    {
        _pacer.Hurry(isBegin: true);
        try
        {
            TakeTurn(_mergeTurn, merge, cancellationToken);
            _merger.Forgive();
        }
        finally
        {
            _pacer.Hurry(isBegin: false);
            // What was stopped on the way goes on in the background: writers may already be held back by the runs that it left.
            if (!_options.RunsMaintenanceInline && IsMergeDue()) _merger.Ask();
        }
    }

    private bool IsMergeDue() => PickMerge(_version, []) is not null;

    /// <summary>The work of the merge thread. The caller has the merge turn.</summary>
    private void MergeInBackground(CancellationToken cancellationToken)
    {
        MergeDue(cancellationToken);
        WakeAtExpiry();
    }

    /// <summary>Sees to it that merges are looked for when half of the next table will have expired.</summary>
    private void WakeAtExpiry()
    {
        var halves = Volatile.Read(ref _version).AllTables.Select(static table => table.File.Meta.ExpiryHalf).Where(static half => half > 0).DefaultIfEmpty().Min();
        if (halves == 0) return;
        var now = Moment.Of(Clock.GetUtcNow());
        // What is overdue could not be merged; it is looked at again with the others.
        var wait = halves > now ? TimeSpan.FromMilliseconds(Math.Min(halves - now, LongestSleep.TotalMilliseconds)) : LongestSleep;
        lock (_maintenance)
        {
            if (_isClosed) return;
            _expiryTimer ??= Clock.CreateTimer(_ => _merger.Ask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _expiryTimer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Does merges until nothing is due. The caller has the merge turn.</summary>
    private void MergeDue(CancellationToken cancellationToken)
    {
        while (PickMerge(_version, _merges) is { } merge)
        {
            try
            {
                Run(merge, cancellationToken);
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt && merge.Inputs.Any(table => Volatile.Read(ref _damaged).ContainsKey(table.Number)))
            {
                // Given up; the table is named in the stats, and other work goes on.
            }
        }
    }

    /// <summary>What is due first, beside the merges under way: of their trees only what is newer than they.</summary>
    private Merge? PickMerge(Version version, List<Merge> underWay)
    {
        var damaged = Volatile.Read(ref _damaged);
        var now = Moment.Of(Clock.GetUtcNow());
        foreach (var content in version.Trees)
        {
            if (content.Tables.Length == 0) continue;
            var generations = Generation.Of(content.Tables);
            var reachesOldest = true;
            foreach (var merge in underWay.Where(merge => merge.Keyspace == content.Tree.Id))
            {
                generations.RemoveAll(generation => generation.MinSequence <= merge.MaxSequence);
                reachesOldest = false;
            }

            if (_policy.Pick(content.Tree.Id, generations, reachesOldest, generation => generation.Tables.Any(table => damaged.ContainsKey(table.Number)), now) is { } due) return due;
        }

        return null;
    }

    /// <summary>Carries out a merge, slice by slice; it ends when its tree is dropped. The caller has the merge turn.</summary>
    private void Run(Merge picked, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        ThrowIfPoisoned();
        if (HoldInputs(picked, out var tree) is not { } merge) return;
        var held = merge.Inputs.ToDictionary(static input => input.Number);
        _merges.Add(merge);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tree!.Dropping);
        try
        {
            var cursor = merge.Cursor();
            _pacer.Begin();
            var found = cursor.Start(KeyRange.All);
            do
            {
                CheckMerge(ends.Token);
                // The cursor is behind all keys of these: they go now, and their space with them.
                foreach (var consumed in WriteSlice(tree, merge, [.. merge.Inputs.Where(input => held.ContainsKey(input.Number))], cursor, ref found, ends.Token))
                    if (held.Remove(consumed, out var input)) input.Release();
            }
            while (found);
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt && merge.Inputs.FirstOrDefault(table => string.Equals(table.File.Path, e.File, StringComparison.Ordinal)) is { } damaged)
        {
            ImmutableInterlocked.Update(ref _damaged, known => known.SetItem(damaged.Number, damaged.File.Path));
            // What can be merged is another now, and with it what may be waited for.
            Interlocked.Increment(ref _changes);
            throw;
        }
        catch (Exception e) when (tree.IsDropped && !cancellationToken.IsCancellationRequested && e is OperationCanceledException or LsmException { Code: LsmErrorCode.Dropped })
        {
            // Nothing is left to be merged.
        }
        finally
        {
            _merges.Remove(merge);
            foreach (var input in held.Values) input.Release();
            _admission.Ring();
        }
    }

    /// <summary>
    /// The merge with its inputs as they are now, held: a sidecar may have been attached since it was picked. Null when its tree was dropped; else only
    /// who has the turn removes tables.
    /// </summary>
    private Merge? HoldInputs(Merge merge, out LsmTree? tree)
    {
        var version = HoldVersion(out _);
        try
        {
            var content = version.Find(merge.Keyspace);
            tree = content?.Tree;
            if (content is null) return null;
            LiveTable[] inputs = [.. merge.Inputs.Select(input => content.Tables.First(table => table.Number == input.Number))];
            foreach (var input in inputs) input.Hold();
            return merge with { Inputs = inputs };
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>
    /// Writes the next table of a merge and installs it by one edit, which also takes its keys from the inputs: those that have none left are
    /// removed, the others are trimmed to begin with the first key behind the slice. So every key has its newest version in one place at every moment.
    /// Readers of older versions keep what they hold. Gives the numbers of the removed ones.
    /// </summary>
    private List<ulong> WriteSlice(LsmTree tree, Merge merge, IReadOnlyList<LiveTable> inputs, MergeCursor cursor, ref bool found, CancellationToken cancellationToken)
    {
        var started = _options.TimeProvider.GetTimestamp();
        var table = WriteTable(tree, cursor, merge.HasOldest, _options.MaxTableBytes, ref found, Context(tree, inputs, inputs.Sum(static input => input.File.Meta.Entries), cancellationToken), () => CheckMerge(cancellationToken));
        var edit = new VersionEdit();
        var added = new List<LiveTable>();
        var removed = new List<LiveTable>();
        try
        {
            if (table is not null) added.Add(new LiveTable(table, new TableRecord(merge.Keyspace, table.Number, merge.MinSequence, merge.MaxSequence)));
            edit.Added.AddRange(added.Select(static slice => slice.Record));
            var next = found ? cursor.Key.ToArray() : null;
            lock (_maintenance)
            {
                tree.ThrowIfDropped();
                var numbers = merge.Inputs.Select(static input => input.Number).ToHashSet();
                foreach (var input in _version.Tables(merge.Keyspace).Where(input => numbers.Contains(input.Number)))
                {
                    // All its keys are still to come; it may have been trimmed by a merge that this one goes beyond.
                    if (next is not null && input.LowestKey.SequenceCompareTo(next) >= 0) continue;
                    removed.Add(input);
                    if (next is null || input.HighestKey.SequenceCompareTo(next) < 0)
                    {
                        edit.Removed.Add(input.Number);
                        continue;
                    }

                    edit.Trimmed.Add((input.Number, next));
                    added.Add(input.Trim(next));
                }

                AppendEdit(edit);
                foreach (var old in removed.Where(old => edit.Removed.Contains(old.Number))) Retire(old.Files);
                lock (_writeGate) Install(_version.WithTables(added, [.. removed.Select(static old => old.Number)]));
            }
        }
        catch
        {
            if (table is not null) Drop(table, isUnknown: _poison is not null);
            throw;
        }

        // The turn goes on: it may last for hours, and who listens is to know of each slice.
        Tell(tree.Name);
        Interlocked.Add(ref _mergedBytes, table?.Size ?? 0);
        Measure(ref _mergeRate, table?.Size ?? 0, started);
        _admission.Change();
        return edit.Removed;
    }

    /// <summary>The files go when nobody holds them any more. The caller has the maintenance lock.</summary>
    private void Retire(IEnumerable<SharedFile> files)
    {
        _retired.RemoveAll(static old => old.IsReleased);
        foreach (var file in files)
        {
            file.MarkObsolete();
            _retired.Add(file);
        }
    }

    /// <summary>Between two pieces of a merge: stops, rests, or does first what became due meanwhile.</summary>
    private void CheckMerge(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_options.RunsMaintenanceInline && WeighMerges().Degree <= 0) _pacer.Check(cancellationToken);
        var changes = Interlocked.Read(ref _changes);
        if (changes == _lookedAt || _merges.Count >= MostNested) return;
        _lookedAt = changes;
        MergeDue(cancellationToken);
        _pacer.Begin();
    }
}

using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>A store that a history runs on. The options may be others at each opening.</summary>
internal sealed class SteppedStore : IDisposable
{
    private readonly List<(LsmSnapshot Snapshot, LsmTree[] Trees)> _snapshots = [];
    private readonly TimeProvider _clock;
    private readonly Func<int, LsmOptions> _optionsOf;
    private int _restores;
    private LsmStore _store;
    private LsmTree[] _trees;

    public SteppedStore(TimeProvider clock, Func<int, LsmOptions> optionsOf)
    {
        (_clock, _optionsOf) = (clock, optionsOf);
        (_store, _trees) = Open(0);
    }

    public string Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Commit:
                var batch = new WriteBatch();
                foreach (var (tree, key, value, seconds) in step.Writes)
                {
                    if (value is null) batch.Delete(_trees[tree], key);
                    else if (seconds is { } lifetime) batch.Put(_trees[tree], key, value, _clock.GetUtcNow().AddSeconds(lifetime));
                    else batch.Put(_trees[tree], key, value);
                }

                _store.Commit(batch);
                return "";
            case StepKind.Get:
                return Answer.Of(TreeOf(step).Get(step.Key!, Seen(step)));
            case StepKind.MultiGet:
                return string.Join(' ', TreeOf(step).MultiGet([.. step.Keys.Select(static key => (ReadOnlyMemory<byte>)key)], Seen(step)).Select(Answer.Of));
            case StepKind.Scan:
                return Scan(step);
            case StepKind.TakeSnapshot:
                _snapshots.Add((_store.Snapshot(), _trees));
                return "";
            case StepKind.DropSnapshot:
                if (_snapshots.Count == 0) return "";
                _snapshots[step.Pick % _snapshots.Count].Snapshot.Dispose();
                _snapshots.RemoveAt(step.Pick % _snapshots.Count);
                return "";
            case StepKind.Flush:
                _store.Flush();
                return "";
            case StepKind.Compact:
                _trees[step.Tree].Compact();
                return "";
            case StepKind.CompactAll:
                _store.Compact();
                return "";
            case StepKind.Verify:
                return string.Join(' ', _store.Verify().Select(static fault => fault.Message));
            case StepKind.Reopen:
                var sequence = _store.Sequence;
                Dispose();
                (_store, _trees) = Open(step.Pick);
                Assert.Equal(sequence, _store.Sequence);
                return "";
            case StepKind.Load:
                Load(step);
                return "";
            case StepKind.Restore:
                Restore(step.Pick);
                return "";
            case StepKind.DropTree:
                _store.DropTree(_trees[step.Tree]);
                // Snapshots are asked through the trees of their time.
                _trees = [.. _trees];
                _trees[step.Tree] = _store.Tree(_trees[step.Tree].Name);
                return "";
            case StepKind.Wait:
                return "";
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    public void Dispose()
    {
        foreach (var (snapshot, _) in _snapshots) snapshot.Dispose();
        _snapshots.Clear();
        _store.Dispose();
    }

    private void Load(Step step)
    {
        using var load = _store.BeginLoad(_trees[step.Tree]);
        foreach (var (_, key, value, seconds) in step.Writes)
        {
            if (seconds is { } lifetime) load.Add(key, value, _clock.GetUtcNow().AddSeconds(lifetime));
            else load.Add(key, value);
        }

        if (step.Commits) load.Commit();
    }

    /// <summary>Goes on with what is restored of a backup, as another store.</summary>
    private void Restore(int pick)
    {
        var folder = _optionsOf(pick).Folder;
        var backup = $"{folder}-backup-{_restores}";
        _store.Backup(backup);
        Dispose();
        _restores++;
        LsmStore.Restore(backup, OptionsOf(pick));
        (_store, _trees) = Open(pick);
    }

    private LsmOptions OptionsOf(int pick)
    {
        var options = _optionsOf(pick);
        return options with { TimeProvider = _clock, Folder = _restores == 0 ? options.Folder : $"{options.Folder}-{_restores}" };
    }

    private string Scan(Step step)
    {
        using var cursor = TreeOf(step).Scan(RangeOf(step), step.IsDescending, Seen(step));
        var found = new List<string>();
        while (cursor.MoveNext()) found.Add($"{Answer.Of(cursor.Key.ToArray())}={Answer.Of(cursor.Value.ToArray())}");
        return string.Join(' ', found);
    }

    // An array that is null would convert to an empty range.
    private static KeyRange RangeOf(Step step) => step.To is { } to ? KeyRange.Between(step.Key, to) : KeyRange.AtLeast(step.Key);

    private LsmSnapshot? Seen(Step step) => Answer.Asked(step, _snapshots.Count) is { } at ? _snapshots[at].Snapshot : null;

    private LsmTree TreeOf(Step step) => (Answer.Asked(step, _snapshots.Count) is { } at ? _snapshots[at].Trees : _trees)[step.Tree];

    private (LsmStore Store, LsmTree[] Trees) Open(int pick)
    {
        var store = LsmStore.Open(OptionsOf(pick));
        return (store, [.. Enumerable.Range(0, Step.Trees).Select(tree => store.Tree($"tree {tree}"))]);
    }
}

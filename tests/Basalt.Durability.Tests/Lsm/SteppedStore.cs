using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>A store that a history runs on. The options may be others at each opening.</summary>
internal sealed class SteppedStore : IDisposable
{
    private readonly List<LsmSnapshot> _snapshots = [];
    private readonly TimeProvider _clock;
    private readonly Func<int, LsmOptions> _optionsOf;
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
                return Answer.Of(_trees[step.Tree].Get(step.Key!, Seen(step)));
            case StepKind.MultiGet:
                return string.Join(' ', _trees[step.Tree].MultiGet([.. step.Keys.Select(static key => (ReadOnlyMemory<byte>)key)], Seen(step)).Select(Answer.Of));
            case StepKind.Scan:
                return Scan(step);
            case StepKind.TakeSnapshot:
                _snapshots.Add(_store.Snapshot());
                return "";
            case StepKind.DropSnapshot:
                if (_snapshots.Count == 0) return "";
                _snapshots[step.Pick % _snapshots.Count].Dispose();
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
            case StepKind.Wait:
                return "";
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    public void Dispose()
    {
        foreach (var snapshot in _snapshots) snapshot.Dispose();
        _snapshots.Clear();
        _store.Dispose();
    }

    private string Scan(Step step)
    {
        using var cursor = _trees[step.Tree].Scan(RangeOf(step), step.IsDescending, Seen(step));
        var found = new List<string>();
        while (cursor.MoveNext()) found.Add($"{Answer.Of(cursor.Key.ToArray())}={Answer.Of(cursor.Value.ToArray())}");
        return string.Join(' ', found);
    }

    // An array that is null would convert to an empty range.
    private static KeyRange RangeOf(Step step) => step.To is { } to ? KeyRange.Between(step.Key, to) : KeyRange.Between(step.Key, null);

    private LsmSnapshot? Seen(Step step) => Answer.Asked(step, _snapshots.Count) is { } at ? _snapshots[at] : null;

    private (LsmStore Store, LsmTree[] Trees) Open(int pick)
    {
        var store = LsmStore.Open(_optionsOf(pick) with { TimeProvider = _clock });
        return (store, [.. Enumerable.Range(0, Step.Trees).Select(tree => store.Tree($"tree {tree}"))]);
    }
}

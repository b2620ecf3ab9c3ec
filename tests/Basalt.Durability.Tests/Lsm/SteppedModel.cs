namespace Basalt.Durability.Tests.Lsm;

/// <summary>What a history must answer: sorted dictionaries, copied for each snapshot.</summary>
internal sealed class SteppedModel(TimeProvider clock)
{
    private readonly List<Seen> _snapshots = [];
    private readonly SortedDictionary<byte[], Held>[] _trees = [.. Enumerable.Range(0, Step.Trees).Select(static _ => new SortedDictionary<byte[], Held>(ByteOrder.Instance))];

    private sealed record Held(byte[] Value, DateTimeOffset Expires);

    /// <summary>The trees at a time, at which some values have expired.</summary>
    private sealed record Seen(SortedDictionary<byte[], Held>[] Trees, DateTimeOffset Now)
    {
        public string Value(int tree, byte[] key) => Answer.Of(Trees[tree].TryGetValue(key, out var held) && held.Expires > Now ? held.Value : null);

        public IEnumerable<KeyValuePair<byte[], Held>> Entries(int tree) => Trees[tree].Where(entry => entry.Value.Expires > Now);
    }

    public string Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Commit:
                foreach (var (tree, key, value, seconds) in step.Writes)
                {
                    if (value is null) _trees[tree].Remove(key);
                    else _trees[tree][key] = HeldOf(value, seconds);
                }

                return "";
            case StepKind.Load:
                // Without a commit nothing of a load stays.
                if (!step.Commits) return "";
                foreach (var (_, key, value, seconds) in step.Writes) _trees[step.Tree][key] = HeldOf(value!, seconds);
                return "";
            case StepKind.Get:
                return Asked(step).Value(step.Tree, step.Key!);
            case StepKind.MultiGet:
                return string.Join(' ', step.Keys.Select(key => Asked(step).Value(step.Tree, key)));
            case StepKind.Scan:
                var found = Asked(step).Entries(step.Tree).Where(entry => ByteOrder.Instance.Compare(entry.Key, step.Key) >= 0 && (step.To is null || ByteOrder.Instance.Compare(entry.Key, step.To) < 0));
                return string.Join(' ', (step.IsDescending ? found.Reverse() : found).Select(static entry => $"{Answer.Of(entry.Key)}={Answer.Of(entry.Value.Value)}"));
            case StepKind.TakeSnapshot:
                _snapshots.Add(new Seen([.. _trees.Select(static tree => new SortedDictionary<byte[], Held>(tree, ByteOrder.Instance))], clock.GetUtcNow()));
                return "";
            case StepKind.DropSnapshot:
                if (_snapshots.Count > 0) _snapshots.RemoveAt(step.Pick % _snapshots.Count);
                return "";
            case StepKind.DropTree:
                _trees[step.Tree].Clear();
                return "";
            case StepKind.Reopen or StepKind.Restore:
                _snapshots.Clear();
                return "";
            default:
                return "";
        }
    }

    private Held HeldOf(byte[] value, int? seconds) => new(value, seconds is { } lifetime ? clock.GetUtcNow().AddSeconds(lifetime) : DateTimeOffset.MaxValue);

    // Every other question is asked of a snapshot, when there is one.
    private Seen Asked(Step step) => Answer.Asked(step, _snapshots.Count) is { } at ? _snapshots[at] : new Seen(_trees, clock.GetUtcNow());
}

/// <summary>The clock of a history, which moves when the history says so.</summary>
internal sealed class StepClock : TimeProvider
{
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(int seconds) => _now += TimeSpan.FromSeconds(seconds);
}

/// <summary>Keys as unsigned bytes.</summary>
internal sealed class ByteOrder : IComparer<byte[]>
{
    public static readonly ByteOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}

/// <summary>Answers as text, so that a difference can be read.</summary>
internal static class Answer
{
    public static string Of(byte[]? bytes) => bytes is null ? "-" : bytes.Length <= 40 ? $"'{Convert.ToHexString(bytes)}'" : $"'{Convert.ToHexString(bytes.AsSpan(0, 8))}..{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8))}/{bytes.Length}'";

    /// <summary>The snapshot that a step asks, out of so many; null for the present.</summary>
    public static int? Asked(Step step, int snapshots) => snapshots > 0 && step.Pick % 2 == 1 ? step.Pick / 2 % snapshots : null;
}

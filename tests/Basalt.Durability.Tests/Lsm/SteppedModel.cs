namespace Basalt.Durability.Tests.Lsm;

/// <summary>What a history must answer: sorted dictionaries, copied for each snapshot.</summary>
internal sealed class SteppedModel
{
    private readonly List<SortedDictionary<byte[], byte[]>[]> _snapshots = [];
    private SortedDictionary<byte[], byte[]>[] _trees = [.. Enumerable.Range(0, Step.Trees).Select(static _ => new SortedDictionary<byte[], byte[]>(ByteOrder.Instance))];

    public string Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Commit:
                foreach (var (tree, key, value) in step.Writes)
                {
                    if (value is null) _trees[tree].Remove(key);
                    else _trees[tree][key] = value;
                }

                return "";
            case StepKind.Get:
                return Answer.Of(Seen(step)[step.Tree].GetValueOrDefault(step.Key!));
            case StepKind.MultiGet:
                return string.Join(' ', step.Keys.Select(key => Answer.Of(Seen(step)[step.Tree].GetValueOrDefault(key))));
            case StepKind.Scan:
                var found = Seen(step)[step.Tree].Where(entry => ByteOrder.Instance.Compare(entry.Key, step.Key) >= 0 && (step.To is null || ByteOrder.Instance.Compare(entry.Key, step.To) < 0));
                return string.Join(' ', (step.IsDescending ? found.Reverse() : found).Select(static entry => $"{Answer.Of(entry.Key)}={Answer.Of(entry.Value)}"));
            case StepKind.TakeSnapshot:
                _snapshots.Add([.. _trees.Select(static tree => new SortedDictionary<byte[], byte[]>(tree, ByteOrder.Instance))]);
                return "";
            case StepKind.DropSnapshot:
                if (_snapshots.Count > 0) _snapshots.RemoveAt(step.Pick % _snapshots.Count);
                return "";
            case StepKind.Reopen:
                _snapshots.Clear();
                return "";
            default:
                return "";
        }
    }

    // Every other question is asked of a snapshot, when there is one.
    private SortedDictionary<byte[], byte[]>[] Seen(Step step) => Answer.Asked(step, _snapshots.Count) is { } at ? _snapshots[at] : _trees;
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

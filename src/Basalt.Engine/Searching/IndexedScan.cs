using Basalt.Records;

namespace Basalt.Engine.Searching;

/// <summary>
/// The records that match a filter, found by scalar indexes, in the order of ids: the candidates of every table are walked together, and each record is looked at once more before it is
/// given. One thread.
/// </summary>
internal static class IndexedScan
{
    /// <param name="view">What is looked at.</param>
    /// <param name="matching">Which entries may match.</param>
    /// <param name="after">Only ids behind this one; null for all.</param>
    public static IEnumerable<Record> Records(SearchView view, Matching matching, string? after)
    {
        var order = Comparer<string>.Create(static (left, right) => Text.Compare(left, right));
        var sources = new PriorityQueue<IEnumerator<Record>, string>(order);
        try
        {
            foreach (var source in Enumerable.Range(0, view.Tables.Count).Select(part => Part(view, matching, part)).Append(view.Tail))
                Offer(sources, source.GetEnumerator());
            while (sources.TryDequeue(out var next, out _))
            {
                var record = next.Current;
                Offer(sources, next);
                if (after is null || Text.Compare(record.Id, after) > 0) yield return record;
            }
        }
        finally
        {
            foreach (var (left, _) in sources.UnorderedItems) left.Dispose();
        }
    }

    private static void Offer(PriorityQueue<IEnumerator<Record>, string> sources, IEnumerator<Record> source)
    {
        if (source.MoveNext()) sources.Enqueue(source, source.Current.Id);
        else source.Dispose();
    }

    private static IEnumerable<Record> Part(SearchView view, Matching matching, int part)
    {
        if (matching.Of(part) is not { } candidates)
        {
            foreach (var record in view.Entries(part)) yield return record;
            yield break;
        }

        for (var ordinal = candidates.Next(0); ordinal >= 0; ordinal = candidates.Next(ordinal + 1))
            if (view.ReadOnce(part, ordinal) is { } record) yield return record;
    }
}

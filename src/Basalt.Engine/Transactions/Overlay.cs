using Basalt.Backends;
using Basalt.Engine.Writing;
using Basalt.Records;

namespace Basalt.Engine.Transactions;

/// <summary>Stored records under a transaction's own writes, in the order of ids.</summary>
internal static class Overlay
{
    /// <param name="next">The next stored match; null at the end.</param>
    /// <param name="own">What the transaction wrote, null for nothing; only what matches is given on.</param>
    /// <param name="query">What is looked for.</param>
    public static IEnumerable<Record> Merge(Func<Record?> next, IReadOnlyDictionary<string, Written>? own, PushedQuery query)
    {
        var matches = query.Filter.Compile();
        // As of now: what is written during the enumeration does not change it.
        var hidden = own is null ? [] : own.Keys.ToHashSet(StringComparer.Ordinal);
        var left = own is null ? [] : own.Values.Select(static written => written.Left).OfType<Record>().Where(record => IsWanted(record, query) && matches(record)).ToList();
        left.Sort(static (a, b) => Text.Compare(a.Id, b.Id));
        var at = 0;
        for (var stored = next(); stored is not null; stored = next())
        {
            while (at < left.Count && Text.Compare(left[at].Id, stored.Id) < 0) yield return left[at++];
            if (!hidden.Contains(stored.Id)) yield return stored;
        }

        while (at < left.Count) yield return left[at++];
    }

    private static bool IsWanted(Record record, PushedQuery query) => query.AfterId is null || Text.Compare(record.Id, query.AfterId) > 0;
}

using Basalt.Backends;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Engine.Searching;

/// <summary>Sorts what a query finds, in bounded memory.</summary>
internal static class QuerySort
{
    /// <summary>The place that a page goes on from, in the order of sort keys; null without one.</summary>
    public static Cursor? PlaceOf(PushedQuery query) => query is { AfterKeys: { } keys, AfterId: { } id } ? new Cursor(keys, id) : null;

    /// <summary>The matches behind the place of a query, in its order; as they come where it has no sort keys.</summary>
    public static IEnumerable<Record> Sort(IEnumerable<Record> matches, PushedQuery query, CancellationToken cancellationToken)
    {
        if (query.Sort.Count == 0) return matches;
        var (order, after) = (new RecordOrder(query.Sort), PlaceOf(query));
        return Take(after is null ? matches : matches.Where(record => order.Compare(record, after) > 0), order, query.Limit ?? long.MaxValue, cancellationToken);
    }

    /// <summary>The first records of an order: few are kept in a heap, many are sorted and spilled to disk beyond a budget.</summary>
    public static IEnumerable<Record> Take(IEnumerable<Record> records, RecordOrder order, long count, CancellationToken cancellationToken)
    {
        if (count <= QueryExecution.LargestHeap)
        {
            var first = new FirstRecords((int)count, order);
            foreach (var record in records) first.Add(record);
            foreach (var record in first.Drain()) yield return record;
            yield break;
        }

        using var sorter = new RecordSorter(order);
        foreach (var record in records) sorter.Add(record);
        foreach (var record in sorter.Sorted(cancellationToken)) yield return record;
    }
}

using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Filters;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Queries;

/// <summary>Runs a plan: the backend's scan, then what remains of filter, sort, cursor, page and projection.</summary>
internal static class QueryExecution
{
    // Up to here the first n of a sort are kept in a heap; beyond, a spilling sort bounds the memory.
    internal const long LargestHeap = 100_000;

    public static async IAsyncEnumerable<Record> RunAsync(IRecords records, QueryPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = plan.Query;
        if (query.Limit == 0)
        {
            // Only to fail as any query of a collection that does not exist.
            await records.CountAsync(plan.Collection, Filter.False, cancellationToken).ConfigureAwait(false);
            yield break;
        }

        long toSkip = query.Offset, left = query.Limit ?? long.MaxValue;
        await foreach (var record in Ordered(records, plan, cancellationToken).ConfigureAwait(false))
        {
            if (toSkip > 0)
            {
                toSkip--;
                continue;
            }

            yield return Projection.Apply(record, query.Fields);
            if (--left == 0) yield break;
        }
    }

    /// <summary>The answer in order, before the page is cut out of it.</summary>
    public static IAsyncEnumerable<Record> Ordered(IRecords records, QueryPlan plan, CancellationToken cancellationToken)
    {
        var matches = Matches(records, plan, cancellationToken);
        return plan.SortedBy == Place.Door ? Sort(matches, plan, cancellationToken) : matches;
    }

    private static async IAsyncEnumerable<Record> Matches(IRecords records, QueryPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var residual = plan.Residual == Filter.True ? null : plan.Residual.Compile();
        // Pushed with the order, the cursor is done with; where the door sorts, it is a condition like any other.
        var cursor = plan.Query.Cursor is null || plan.Pushed.AfterId is not null ? null : Cursor.Read(plan.Query);
        var order = new RecordOrder(plan.Query.Sort);
        await foreach (var record in records.ScanAsync(plan.Collection, plan.Pushed, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (residual is not null && !residual(record)) continue;
            if (cursor is not null && order.Compare(record, cursor) <= 0) continue;
            yield return record;
        }
    }

    private static async IAsyncEnumerable<Record> Sort(IAsyncEnumerable<Record> matches, QueryPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var order = new RecordOrder(plan.Query.Sort);
        var wanted = plan.Query.Limit is { } limit && limit < LargestHeap && plan.Query.Offset < LargestHeap - limit ? limit + plan.Query.Offset + 1 : long.MaxValue;
        if (wanted <= LargestHeap)
        {
            var first = new FirstRecords((int)wanted, order);
            await foreach (var record in matches.ConfigureAwait(false)) first.Add(record);
            foreach (var record in first.Drain())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
            }

            yield break;
        }

        using var sorter = new RecordSorter(order);
        await foreach (var record in matches.ConfigureAwait(false)) sorter.Add(record);
        foreach (var record in sorter.Sorted(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
    }
}

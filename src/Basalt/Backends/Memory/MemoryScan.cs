using System.Runtime.CompilerServices;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Backends.Memory;

/// <summary>Scans over one tree, which is a snapshot.</summary>
internal static class MemoryScan
{
    public static async IAsyncEnumerable<Record> RunAsync(RecordTree tree, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matches = query.Filter.Compile();
        var left = query.Limit ?? long.MaxValue;
        if (left == 0) yield break;
        foreach (var run in tree.Runs(query.AfterId))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < run.Length; i++)
            {
                var record = run.Span[i];
                if (!matches(record)) continue;
                yield return record;
                if (--left == 0) yield break;
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public static long Count(RecordTree tree, Filter filter, CancellationToken cancellationToken)
    {
        if (filter == Filter.True) return tree.Count;
        var matches = filter.Compile();
        long count = 0;
        foreach (var run in tree.Runs())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var record in run.Span)
                if (matches(record)) count++;
        }

        return count;
    }
}

using System.Runtime.CompilerServices;

namespace Basalt.PointClouds.Runs;

/// <summary>The directories of several runs as one, a page of each at a time.</summary>
internal static class DirectoryMerge
{
    /// <summary>The labels of all runs, ascending, each once: points are added up. <see cref="LabelEntry.FirstChunk"/> and <see cref="LabelEntry.Chunks"/> say nothing.</summary>
    public static async IAsyncEnumerable<LabelEntry> LabelsAsync(CloudStore store, IReadOnlyList<RunSummary> runs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sources = runs.Select(run => Labels(store, run, cancellationToken));
        LabelEntry? current = null;
        await foreach (var entry in MergeAsync(sources, static entry => entry.Label, Comparer<ulong>.Default, cancellationToken).ConfigureAwait(false))
        {
            if (current is { } same && same.Label == entry.Label)
            {
                var extent = same.Extent;
                extent.Add(entry.Extent, store.Schema.Axes.Count);
                current = same with { Points = same.Points + entry.Points, Extent = extent };
                continue;
            }

            if (current is { } done) yield return done;
            current = entry;
        }

        if (current is { } last) yield return last;
    }

    /// <summary>The blocks of all runs, by ordinal order of their ids.</summary>
    public static IAsyncEnumerable<BlockEntry> BlocksAsync(CloudStore store, IReadOnlyList<RunSummary> runs, CancellationToken cancellationToken) =>
        MergeAsync(runs.Select(run => Blocks(store, run, cancellationToken)), static entry => entry.Id, StringComparer.Ordinal, cancellationToken);

    private static async IAsyncEnumerable<LabelEntry> Labels(CloudStore store, RunSummary summary, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = await store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
        for (var page = 0; page < run.LastLabels.Length; page++)
            foreach (var entry in await store.LabelsAsync(run, page, null, cancellationToken).ConfigureAwait(false)) yield return entry;
    }

    private static async IAsyncEnumerable<BlockEntry> Blocks(CloudStore store, RunSummary summary, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = await store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
        for (var page = 0; page < run.LastBlocks.Length; page++)
            foreach (var entry in await store.BlocksAsync(run, page, cancellationToken).ConfigureAwait(false)) yield return entry;
    }

    private static async IAsyncEnumerable<T> MergeAsync<T, TKey>(IEnumerable<IAsyncEnumerable<T>> sources, Func<T, TKey> key, IComparer<TKey> order, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var queue = new PriorityQueue<IAsyncEnumerator<T>, TKey>(order);
        try
        {
            foreach (var source in sources) await OfferAsync(source.GetAsyncEnumerator(cancellationToken)).ConfigureAwait(false);
            while (queue.TryDequeue(out var next, out _))
            {
                yield return next.Current;
                await OfferAsync(next).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var (left, _) in queue.UnorderedItems) await left.DisposeAsync().ConfigureAwait(false);
        }

        async ValueTask OfferAsync(IAsyncEnumerator<T> source)
        {
            if (await source.MoveNextAsync().ConfigureAwait(false)) queue.Enqueue(source, key(source.Current));
            else await source.DisposeAsync().ConfigureAwait(false);
        }
    }
}

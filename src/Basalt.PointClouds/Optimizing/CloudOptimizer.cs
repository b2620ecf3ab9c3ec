using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Optimizing;

/// <summary>
/// Makes one run of several. Each label's points come from its chunks in each run, which are in Morton order, and are merged point by point: memory is that of a chunk for each run, and about a hundred bytes for each
/// label. Labels of their own chunks go first by number; the others by place, so that those that share a chunk are near each other, and so are the chunks that they come from.
/// </summary>
internal sealed class CloudOptimizer(CloudStore store, PointCloudOptions options)
{
    private int Axes => store.Schema.Axes.Count;

    public async ValueTask<OptimizeReport> RunAsync(Func<IReadOnlyList<RunSummary>, IReadOnlyList<RunSummary>> choose, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var sweeper = new RunSweeper(store, options);
        var removed = await sweeper.RunAsync(cancellationToken).ConfigureAwait(false);
        var head = await store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        var chosen = choose(head.Runs);
        if (chosen.Count < 2) return new OptimizeReport(0, 0, 0, 0, removed);
        var writer = await RunWriter.BeginAsync(store, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        try
        {
            var summary = await MergeAsync(writer, chosen, progress, cancellationToken).ConfigureAwait(false);
            await ReplaceAsync(chosen, summary, cancellationToken).ConfigureAwait(false);
            if (options.Grace == TimeSpan.Zero) removed += await sweeper.RunAsync(cancellationToken).ConfigureAwait(false);
            return new OptimizeReport(chosen.Count, summary.Points, chosen.Sum(static run => (long)run.Chunks), summary.Chunks, removed);
        }
        catch (Exception)
        {
            await sweeper.AbandonAsync(writer.Id).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<RunSummary> MergeAsync(RunWriter writer, IReadOnlyList<RunSummary> chosen, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var runs = new List<Run>();
        foreach (var summary in chosen) runs.Add(await store.RunAsync(summary, cancellationToken).ConfigureAwait(false));
        var (blocks, names) = (new List<BlockEntry>(), new BlockNames());
        await foreach (var block in DirectoryMerge.BlocksAsync(store, chosen, cancellationToken).ConfigureAwait(false)) blocks.Add(block);
        var labels = new List<LabelEntry>();
        await foreach (var label in DirectoryMerge.LabelsAsync(store, chosen, cancellationToken).ConfigureAwait(false)) labels.Add(label);
        var (total, done) = (Math.Max(1, chosen.Sum(static run => run.Points)), 0L);
        var output = new ChunkOutput(store.Schema, writer, names);
        foreach (var label in labels.Where(static label => label.Points >= RunDraft.LeastOwn).Concat(ByPlace(labels)))
        {
            await output.BeginAsync(label.Label, label.Points, cancellationToken).ConfigureAwait(false);
            using var merge = await LabelMerge.OpenAsync(store, runs, label.Label, names, cancellationToken).ConfigureAwait(false);
            while (await merge.NextAsync(cancellationToken).ConfigureAwait(false) is { } point) await output.AddAsync(point.Rows, point.At, cancellationToken).ConfigureAwait(false);
            done += label.Points;
            progress?.Report((double)done / total);
        }

        await output.EndAsync(cancellationToken).ConfigureAwait(false);
        return await writer.FinishAsync(blocks, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The labels that share chunks, in the Morton order of the middles of their boxes.</summary>
    private LabelEntry[] ByPlace(List<LabelEntry> labels)
    {
        var small = labels.Where(static label => label.Points < RunDraft.LeastOwn).ToArray();
        var middles = Array.ConvertAll(small, label =>
        {
            var middle = new ulong[Axes];
            for (var axis = 0; axis < Axes; axis++) middle[axis] = store.Schema.Lattice.CellAt(label.Extent.Lowest(axis) + (label.Extent.Highest(axis) - label.Extent.Lowest(axis)) / 2);
            return middle;
        });
        Array.Sort(middles, small, Comparer<ulong[]>.Create(static (a, b) => Morton.Compare(a, b)));
        return small;
    }

    /// <summary>Names the new run in the place of the old ones, if all of them are there still.</summary>
    private async ValueTask ReplaceAsync(IReadOnlyList<RunSummary> chosen, RunSummary summary, CancellationToken cancellationToken)
    {
        var old = chosen.Select(static run => run.Id).ToHashSet();
        await store.ChangeHeadAsync(head =>
        {
            var rest = head.Runs.Where(run => !old.Contains(run.Id)).ToList();
            if (head.Runs.Count - rest.Count != old.Count) throw store.Fault(ErrorCode.Conflict, "Another optimisation went before this one; nothing was changed.");
            var now = options.TimeProvider.GetUtcNow();
            return head with
            {
                Runs = [summary, .. rest],
                Pending = [.. head.Pending.Where(run => run.Id != summary.Id)],
                Retired = [.. head.Retired, .. old.Select(id => new LooseRun(id, now))],
            };
        }, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Numbers for the blocks of several runs.</summary>
internal sealed class BlockNames
{
    private readonly Dictionary<string, ulong> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public IReadOnlyList<string> Names => _names;

    public ulong NumberOf(string block)
    {
        if (_numbers.TryGetValue(block, out var number)) return number;
        _numbers.Add(block, (ulong)_names.Count);
        _names.Add(block);
        return (ulong)_names.Count - 1;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;
using Basalt.PointClouds.Runs;
using Basalt.Records;

namespace Basalt.PointClouds;

/// <summary>A label and what is known of it without reading its points.</summary>
/// <param name="Label">The label.</param>
/// <param name="Points">How many points it has.</param>
/// <param name="Bounds">The box of its points.</param>
public sealed record LabelSummary(ulong Label, long Points, Box Bounds);

/// <summary>Points and how far each is away.</summary>
/// <param name="Points">The points, the nearest first.</param>
/// <param name="Distances">The Euclidean distance of each.</param>
public sealed record NearestPoints(PointSet Points, IReadOnlyList<double> Distances);

public sealed partial class PointCloud
{
    /// <summary>The points of a query, some thousands at a time, in memory bounded by the chunks that are read at once. Label by label or place by place the order is that of the chunks, within them by label and in Morton order.</summary>
    /// <exception cref="ArgumentException">The query does not fit the cloud.</exception>
    public async IAsyncEnumerable<PointSet> StreamAsync(PointQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        const int Enough = Chunks.ChunkFormat.MostPoints / 2;
        var began = ReadTiming.Now;
        var collector = new PointCollector(_store, query);
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false))
        {
            collector.Add(chosen);
            if (collector.Count >= Enough) yield return collector.Take();
        }

        if (collector.Count > 0) yield return collector.Take();
        if (query.Timing is { } timing) timing.Total += Stopwatch.GetElapsedTime(began);
    }

    /// <summary>The points of a query, all at once.</summary>
    /// <inheritdoc cref="StreamAsync"/>
    public async ValueTask<PointSet> ReadAsync(PointQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var began = ReadTiming.Now;
        var collector = new PointCollector(_store, query);
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) collector.Add(chosen);
        var points = collector.Take();
        if (query.Timing is { } timing) timing.Total += Stopwatch.GetElapsedTime(began);
        return points;
    }

    /// <summary>How many points a query has. Labels are counted by the directory and chunks that lie in a box whole by their own count; only what a box, ball, block or split cuts is read.</summary>
    /// <inheritdoc cref="StreamAsync"/>
    public async ValueTask<long> CountAsync(PointQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        if (plan.FindsNothing) return 0;
        var began = ReadTiming.Now;
        var count = query.Labels is null
            ? plan.Filtering.IsNothing ? plan.Head.Points : await CountPlacesAsync(plan, cancellationToken).ConfigureAwait(false)
            : await CountLabelsAsync(plan, query, cancellationToken).ConfigureAwait(false);
        if (query.Timing is { } timing) timing.Total += Stopwatch.GetElapsedTime(began);
        return count;
    }

    /// <summary>How many points a label has.</summary>
    public ValueTask<long> CountAsync(ulong label, CancellationToken cancellationToken = default) => CountAsync(PointQuery.OfLabel(label), cancellationToken);

    /// <summary>The box of the points of a label, or of all points without one; null when there are none.</summary>
    public async ValueTask<Box?> BoundsAsync(ulong? label = null, CancellationToken cancellationToken = default)
    {
        var plan = await PlanAsync(label is { } of ? PointQuery.OfLabel(of) : PointQuery.All, cancellationToken).ConfigureAwait(false);
        var extent = Extent.Empty;
        if (label is { } wanted)
        {
            if (await SummarizeAsync(plan, wanted, cancellationToken).ConfigureAwait(false) is not { } summary) return null;
            return summary.Bounds;
        }

        await foreach (var task in plan.TasksAsync(cancellationToken).ConfigureAwait(false)) extent.Add(task.Entry.Extent, Schema.Axes.Count);
        return Box.Of(extent, Schema);
    }

    /// <summary>The blocks that a label has points in, sorted.</summary>
    public async ValueTask<IReadOnlyList<string>> BlocksOfAsync(ulong label, CancellationToken cancellationToken = default)
    {
        var plan = await PlanAsync(PointQuery.OfLabel(label), cancellationToken).ConfigureAwait(false);
        var blocks = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) AddBlocks(chosen, blocks);
        return [.. blocks];

        static void AddBlocks(Selection chosen, SortedSet<string> blocks)
        {
            var numbers = chosen.Blocks();
            var last = ulong.MaxValue;
            foreach (var at in chosen.Kept)
            {
                if (numbers[at] == last) continue;
                last = numbers[at];
                blocks.Add(chosen.Chunk.Blocks[last]);
            }
        }
    }

    /// <summary>The ids of all blocks, sorted, each with how many points it has.</summary>
    public async IAsyncEnumerable<KeyValuePair<string, long>> BlocksAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var block in DirectoryMerge.BlocksAsync(_store, head.Runs, cancellationToken).ConfigureAwait(false)) yield return new(block.Id, block.Points);
    }

    /// <summary>The labels that have points in a query's box, ball or block, ascending, each with how many. A box is answered without reading the chunks that lie outside of it.</summary>
    public async ValueTask<IReadOnlyDictionary<ulong, long>> LabelsInAsync(PointQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        var labels = new SortedDictionary<ulong, long>();
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) labels[chosen.Label] = labels.GetValueOrDefault(chosen.Label) + chosen.Count;
        return labels;
    }

    /// <summary>All labels, ascending, streamed from the directory: points are read only of labels that were split.</summary>
    /// <param name="asOf">After so many edits; after all of them unless given.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<LabelSummary> LabelsAsync(int? asOf = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var plan = await PlanAsync(new PointQuery { AsOf = asOf }, cancellationToken).ConfigureAwait(false);
        using var edited = plan.Map.Edited.Keys.GetEnumerator();
        var hasEdited = edited.MoveNext();
        await foreach (var label in DirectoryMerge.LabelsAsync(_store, plan.Head.Runs, cancellationToken).ConfigureAwait(false))
        {
            for (; hasEdited && edited.Current <= label.Label; hasEdited = edited.MoveNext())
                if (await SummarizeAsync(plan, edited.Current, cancellationToken).ConfigureAwait(false) is { } between) yield return between;
            if (!plan.Map.Knows(label.Label)) yield return new LabelSummary(label.Label, label.Points, Box.Of(label.Extent, Schema)!);
        }

        for (; hasEdited; hasEdited = edited.MoveNext())
            if (await SummarizeAsync(plan, edited.Current, cancellationToken).ConfigureAwait(false) is { } rest) yield return rest;
    }

    /// <summary>The points that are nearest to a place, of those that a query has. Chunks are read in the order of their distance, until no other can have a nearer point.</summary>
    /// <param name="center">A number for each axis.</param>
    /// <param name="count">How many points, at most; 1 to 16,777,216.</param>
    /// <param name="query">Which points; all unless given.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async ValueTask<NearestPoints> NearestAsync(IReadOnlyList<Value> center, int count, PointQuery? query = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1 << 24);
        query ??= PointQuery.All with { WithLabels = true };
        var began = ReadTiming.Now;
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        var answer = await NearestSearch.RunAsync(plan, query, new Place(Schema, center), count, cancellationToken).ConfigureAwait(false);
        if (query.Timing is { } timing) timing.Total += Stopwatch.GetElapsedTime(began);
        return answer;
    }

    /// <summary>A sample without replacement of the points of a query: each set of as many points is equally likely. The same points and seed give the same sample on every backend, whatever runs the points lie in.</summary>
    /// <param name="count">How many points, at most; 1 to 16,777,216.</param>
    /// <param name="seed">Which sample.</param>
    /// <param name="query">Of which points; all unless given. All of them are read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<PointSet> SampleAsync(int count, long seed, PointQuery? query = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1 << 24);
        query ??= PointQuery.All with { WithLabels = true };
        return await Thinning.SampleAsync(await PlanAsync(query, cancellationToken).ConfigureAwait(false), query, count, (ulong)seed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A coarser picture of the points of a query: one point of each cell of a grid that begins at zero, the lowest by its first axis, then the others. All points are read, in memory of those that are returned.
    /// </summary>
    /// <param name="level">The level of detail: the edge of a cell is two to the level, in units of the coordinates; 0 to 62 for integers, -62 to 62 for others.</param>
    /// <param name="query">Of which points; all unless given.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<PointSet> CoarseAsync(int level, PointQuery? query = null, CancellationToken cancellationToken = default)
    {
        if (level < (Schema.CoordinateType.IsInteger() ? 0 : -62) || level > 62) throw new ArgumentOutOfRangeException(nameof(level), level, "A level of detail is 0 to 62, and from -62 on where coordinates have fractions.");
        query ??= PointQuery.All with { WithLabels = true };
        return await Thinning.CoarseAsync(await PlanAsync(query, cancellationToken).ConfigureAwait(false), query, level, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ReadPlan> PlanAsync(PointQuery query, CancellationToken cancellationToken)
    {
        var (head, map) = await BeginAsync(query.AsOf, cancellationToken).ConfigureAwait(false);
        return ReadPlan.Of(_store, head, query, map);
    }

    private async ValueTask<long> CountPlacesAsync(ReadPlan plan, CancellationToken cancellationToken)
    {
        var count = 0L;
        var selection = new Selection(Schema);
        await foreach (var task in plan.TasksAsync(cancellationToken).ConfigureAwait(false))
        {
            if (plan.Filtering is { Box: { } box, Place: null, Block: null } && box.Contains(task.Entry.Extent, Schema.Axes.Count))
            {
                count += task.Entry.Points;
                continue;
            }

            await foreach (var chosen in PointReader.SelectAsync(plan, [task], selection, cancellationToken).ConfigureAwait(false)) count += chosen.Count;
        }

        return count;
    }

    private async ValueTask<long> CountLabelsAsync(ReadPlan plan, PointQuery query, CancellationToken cancellationToken)
    {
        var count = 0L;
        if (!plan.Filtering.IsNothing)
        {
            await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) count += chosen.Count;
            return count;
        }

        foreach (var label in query.Labels!.Distinct()) count += (await SummarizeAsync(plan, label, cancellationToken).ConfigureAwait(false))?.Points ?? 0;
        return count;
    }

    /// <summary>What is known of a label: from the directory, and from the points of parts that were split.</summary>
    private async ValueTask<LabelSummary?> SummarizeAsync(ReadPlan plan, ulong label, CancellationToken cancellationToken)
    {
        var (points, extent, isWhole) = (0L, Extent.Empty, true);
        foreach (var part in plan.Map.PartsOf(label))
        {
            isWhole &= part.Conditions.Count == 0;
            foreach (var summary in plan.Head.Runs)
            {
                var run = await _store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
                if (await _store.FindLabelAsync(run, part.Stored, plan.Timing, cancellationToken).ConfigureAwait(false) is not { } entry) continue;
                points += entry.Points;
                extent.Add(entry.Extent, Schema.Axes.Count);
            }
        }

        if (!isWhole)
        {
            (points, extent) = (0, Extent.Empty);
            await foreach (var chosen in PointReader.SelectAsync(ReadPlan.Of(_store, plan.Head, PointQuery.OfLabel(label), plan.Map), cancellationToken).ConfigureAwait(false))
            {
                points += chosen.Count;
                Grow(ref extent, chosen);
            }
        }

        return points == 0 ? null : new LabelSummary(label, points, Box.Of(extent, Schema)!);
    }

    private void Grow(ref Extent extent, Selection chosen)
    {
        var cells = new ulong[chosen.Count];
        for (var axis = 0; axis < chosen.Cells.Length; axis++)
        {
            var kept = chosen.Kept;
            for (var i = 0; i < kept.Length; i++) cells[i] = chosen.Cells[axis][kept[i]];
            extent.Add(axis, cells, Schema.Lattice.Offset);
        }
    }
}

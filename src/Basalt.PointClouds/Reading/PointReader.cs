using System.Diagnostics;
using System.Runtime.CompilerServices;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Editing;

namespace Basalt.PointClouds.Reading;

/// <summary>Walks the chunks of a plan, some at a time, and gives segment by segment what the query chooses.</summary>
internal static class PointReader
{
    /// <summary>Chunks that are asked of the backend at once.</summary>
    private const int ChunksAtOnce = 16;

    /// <summary>What the query chooses. The same object is given each time: it is good until the next one is asked for.</summary>
    public static async IAsyncEnumerable<Selection> SelectAsync(ReadPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var group = new List<ChunkTask>(ChunksAtOnce);
        var selection = new Selection(plan.Store.Schema);
        await foreach (var task in plan.TasksAsync(cancellationToken).ConfigureAwait(false))
        {
            if (group.Count == ChunksAtOnce || (group.Count > 0 && group[0].Run != task.Run))
            {
                await foreach (var chosen in SelectAsync(plan, group, selection, cancellationToken).ConfigureAwait(false)) yield return chosen;
                group.Clear();
            }

            group.Add(task);
        }

        if (group.Count == 0) yield break;
        await foreach (var chosen in SelectAsync(plan, group, selection, cancellationToken).ConfigureAwait(false)) yield return chosen;
    }

    /// <summary>What the query chooses of some chunks of one run.</summary>
    public static async IAsyncEnumerable<Selection> SelectAsync(ReadPlan plan, IReadOnlyList<ChunkTask> tasks, Selection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunks = await plan.Store.ReadChunksAsync(tasks[0].Run, tasks.Select(static task => task.Number).ToArray(), plan.Timing, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < chunks.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            selection.Begin(chunks[i]);
            foreach (var (segment, label, part) in Segments(chunks[i], tasks[i], plan))
            {
                Choose(plan, tasks[i], selection, segment, label, part);
                if (selection.Count > 0) yield return selection;
            }
        }
    }

    private static void Choose(ReadPlan plan, ChunkTask task, Selection selection, int segment, ulong label, Part part)
    {
        var began = plan.Timing is null ? 0 : ReadTiming.Now;
        try
        {
            selection.Choose(segment, label, plan.Filtering, part.Conditions, task.Entry.Extent);
        }
        catch (InvalidDataException e)
        {
            throw plan.Store.Damaged(Runs.Run.PartId(task.Run.Summary.Id, Runs.Run.Chunk, task.Number), e);
        }

        if (plan.Timing is null) return;
        plan.Timing.Decode += Stopwatch.GetElapsedTime(began);
        plan.Timing.Points += selection.Count;
    }

    private static IEnumerable<(int Segment, ulong Label, Part Part)> Segments(Chunk chunk, ChunkTask task, ReadPlan plan)
    {
        if (task.Wanted is null)
        {
            for (var i = 0; i < chunk.Segments.Length; i++)
                foreach (var (label, part) in plan.Map.LabelsOf(chunk.Segments[i].Label)) yield return (i, label, part);
            yield break;
        }

        foreach (var (label, part) in task.Wanted)
            if (chunk.Find(part.Stored) is >= 0 and var segment) yield return (segment, label, part);
    }
}

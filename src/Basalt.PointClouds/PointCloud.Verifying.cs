using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds;

/// <summary>What a verification found.</summary>
/// <param name="Points">Points that were read.</param>
/// <param name="Chunks">Chunks that were read.</param>
/// <param name="Damage">What is damaged, missing, or not what the directories say, a line each.</param>
public sealed record PointVerification(long Points, long Chunks, IReadOnlyList<string> Damage);

public sealed partial class PointCloud
{
    /// <summary>Reads every page and every point and compares them with each other: checksums, counts, labels and boxes. Goes on after a damage, and names it.</summary>
    public async ValueTask<PointVerification> VerifyAsync(IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        // A cache of its own, so that what is verified is what is stored.
        var store = new CloudStore(_store.Collection, Schema, 0);
        var (damage, points, chunks, total) = (new List<string>(), 0L, 0L, Math.Max(1, head.Runs.Sum(static run => (long)run.Chunks)));
        await TryAsync(damage, async () => await EditsAsync(head, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var summary in head.Runs)
        {
            await TryAsync(damage, async () =>
            {
                var run = await store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
                var found = new Dictionary<ulong, long>();
                for (var page = 0; page < run.ChunkPages; page++)
                {
                    var entries = await store.ChunksAsync(run, page, null, cancellationToken).ConfigureAwait(false);
                    for (var i = 0; i < entries.Length; i++)
                    {
                        var number = page * DirectoryPage.MostEntries + i;
                        await TryAsync(damage, async () =>
                        {
                            var chunk = (await store.ReadChunksAsync(run, new[] { number }, null, cancellationToken).ConfigureAwait(false))[0];
                            Verify(chunk, entries[i], Run.PartId(summary.Id, Run.Chunk, number), found);
                            points += chunk.Count;
                        }).ConfigureAwait(false);
                        progress?.Report((double)++chunks / total);
                    }
                }

                await CompareAsync(store, run, found, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }

        return new PointVerification(points, chunks, damage);
    }

    private void Verify(Chunk chunk, in ChunkEntry entry, string id, Dictionary<ulong, long> found)
    {
        try
        {
            var selection = new Selection(Schema);
            selection.Begin(chunk);
            var extent = Extent.Empty;
            for (var segment = 0; segment < chunk.Segments.Length; segment++)
            {
                var label = chunk.Segments[segment].Label;
                selection.Choose(segment, label, default, [], entry.Extent);
                selection.Blocks();
                for (var attribute = 0; attribute < Schema.Attributes.Count; attribute++) selection.Attribute(attribute);
                for (var axis = 0; axis < Schema.Axes.Count; axis++) extent.Add(axis, selection.Cells[axis].AsSpan(0, selection.Count), Schema.Lattice.Offset);
                found[label] = found.GetValueOrDefault(label) + selection.Count;
            }

            if (chunk.Count != entry.Points || chunk.Segments.Length != entry.Labels || !extent.Contains(entry.Extent, Schema.Axes.Count) || !entry.Extent.Contains(extent, Schema.Axes.Count))
                throw new InvalidDataException("it is not what the directory of chunks says");
        }
        catch (InvalidDataException e)
        {
            throw _store.Damaged(id, e);
        }
    }

    private static async ValueTask CompareAsync(CloudStore store, Run run, Dictionary<ulong, long> found, CancellationToken cancellationToken)
    {
        var labels = 0;
        for (var page = 0; page < run.LastLabels.Length; page++)
        {
            foreach (var entry in await store.LabelsAsync(run, page, null, cancellationToken).ConfigureAwait(false))
            {
                labels++;
                if (found.GetValueOrDefault(entry.Label) != entry.Points) throw store.Damaged(Run.PartId(run.Summary.Id, Run.LabelPage, page), new InvalidDataException($"it says that the label {entry.Label} has {entry.Points} points, and there are {found.GetValueOrDefault(entry.Label)}"));
            }
        }

        if (labels != found.Count || found.Values.Sum() != run.Summary.Points) throw store.Damaged(Run.RecordId(run.Summary.Id), new InvalidDataException($"it has {found.Count} labels and {found.Values.Sum()} points, and says {labels} and {run.Summary.Points}"));
        var blocks = 0L;
        for (var page = 0; page < run.LastBlocks.Length; page++)
            foreach (var entry in await store.BlocksAsync(run, page, cancellationToken).ConfigureAwait(false)) blocks += entry.Points;
        if (blocks != run.Summary.Points) throw store.Damaged(Run.RecordId(run.Summary.Id), new InvalidDataException($"its blocks have {blocks} points, and it has {run.Summary.Points}"));
    }

    private static async ValueTask TryAsync(List<string> damage, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (BasaltException e) when (e.Code is ErrorCode.Corrupt or ErrorCode.Conflict)
        {
            damage.Add(e.Message);
        }
    }
}

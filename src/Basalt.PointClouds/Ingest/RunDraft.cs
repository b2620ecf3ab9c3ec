using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Ingest;

/// <summary>
/// Cuts the labels of a buffer into chunks. A label of <see cref="LeastOwn"/> points or more has chunks of its own, of equal size, in Morton order; smaller ones share chunks with labels that are near in
/// space, each whole in one. So boxes are answered from few chunks, and small labels cost no record of their own.
/// </summary>
internal static class RunDraft
{
    /// <summary>Labels of so many points have chunks of their own.</summary>
    public const int LeastOwn = ChunkFormat.MostPoints / 4;

    /// <summary>Chunks that are made at once before they are stored.</summary>
    private const int Window = 64;

    public static async ValueTask StoreAsync(RunWriter writer, PointSchema schema, BlockBuffer buffer, LabelSorting sorting, int threads, CancellationToken cancellationToken)
    {
        var plans = SharedChunks(buffer.Rows, sorting).Concat(OwnChunks(sorting)).ToList();
        var blocks = buffer.Blocks.ConvertAll(static block => block.Id);
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        for (var from = 0; from < plans.Count; from += Window)
        {
            var window = plans.GetRange(from, Math.Min(Window, plans.Count - from));
            var encoded = new List<EncodedChunk>[window.Count];
            Parallel.For(0, window.Count, options, () => new ChunkEncoding(schema), (i, _, encoding) =>
            {
                encoded[i] = Encode(encoding, buffer.Rows, sorting.Order, window[i], blocks);
                return encoding;
            }, static _ => { });
            foreach (var chunk in encoded.SelectMany(static chunks => chunks)) await writer.AddAsync(chunk, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How many points a chunk of a label has, when all have as many.</summary>
    public static int SizeOf(long points)
    {
        var chunks = (points + ChunkFormat.MostPoints - 1) / ChunkFormat.MostPoints;
        return (int)((points + chunks - 1) / chunks);
    }

    private static IEnumerable<LabelRange[]> OwnChunks(LabelSorting sorting)
    {
        foreach (var label in sorting.Labels.Where(static label => label.Count >= LeastOwn))
        {
            var size = SizeOf(label.Count);
            for (var at = 0; at < label.Count; at += size) yield return [new LabelRange(label.Label, label.Start + at, Math.Min(size, label.Count - at))];
        }
    }

    private static IEnumerable<LabelRange[]> SharedChunks(PointRows rows, LabelSorting sorting)
    {
        var small = sorting.Labels.Where(static label => label.Count is > 0 and < LeastOwn).ToArray();
        // The point in the middle stands for the label.
        Array.Sort(small, (a, b) => PointRows.Compare(rows, Middle(a), rows, Middle(b)));
        var (shared, points) = (new List<LabelRange>(), 0);
        foreach (var label in small)
        {
            if (points + label.Count > ChunkFormat.MostPoints)
            {
                yield return ByLabel(shared);
                (shared, points) = ([], 0);
            }

            shared.Add(label);
            points += label.Count;
        }

        if (shared.Count > 0) yield return ByLabel(shared);

        int Middle(LabelRange label) => sorting.Order[label.Start + label.Count / 2];
    }

    private static LabelRange[] ByLabel(List<LabelRange> labels) => [.. labels.OrderBy(static label => label.Label)];

    private static List<EncodedChunk> Encode(ChunkEncoding encoding, PointRows rows, int[] order, LabelRange[] labels, IReadOnlyList<string> blocks)
    {
        var points = new PointRows(rows.Axes, rows.Attributes.Length, labels.Sum(static label => label.Count));
        var segments = new Segment[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            segments[i] = new Segment(labels[i].Label, points.Count, labels[i].Count);
            points.Gather(rows, order.AsSpan(labels[i].Start, labels[i].Count));
        }

        return encoding.Encode(points, segments, blocks);
    }
}

using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Runs;

/// <summary>A chunk ready to be stored, and what the directories have to say of it. The first chunk of its labels is told when it has a number.</summary>
internal sealed record EncodedChunk(byte[] Bytes, ChunkEntry Entry, LabelEntry[] Labels);

/// <summary>Makes chunks of points. Not thread-safe.</summary>
internal sealed class ChunkEncoding(PointSchema schema)
{
    private readonly ChunkWriter _writer = new(schema);

    /// <summary>One chunk of the points, or several when one would be larger than a chunk may be.</summary>
    public List<EncodedChunk> Encode(PointRows rows, Segment[] segments, IReadOnlyList<string> blocks)
    {
        var chunks = new List<EncodedChunk>(1);
        Encode(rows, segments, blocks, chunks);
        return chunks;
    }

    private void Encode(PointRows rows, Segment[] segments, IReadOnlyList<string> blocks, List<EncodedChunk> chunks)
    {
        if (_writer.Write(rows, segments, blocks) is { } bytes)
        {
            chunks.Add(Describe(rows, segments, bytes));
            return;
        }

        if (rows.Count == 1) throw new InvalidOperationException("A single point is larger than a chunk.");
        // A label stays in one piece while there are others to part from.
        var half = segments.Length > 1 ? segments[segments.Length / 2].Start : rows.Count / 2;
        var first = segments.Where(segment => segment.Start < half).Select(segment => segment with { Count = Math.Min(segment.Count, half - segment.Start) }).ToArray();
        var second = segments.Where(segment => segment.Start + segment.Count > half).Select(segment => new Segment(segment.Label, Math.Max(0, segment.Start - half), segment.Start + segment.Count - Math.Max(half, segment.Start))).ToArray();
        Encode(Slice(rows, 0, half), first, blocks, chunks);
        Encode(Slice(rows, half, rows.Count - half), second, blocks, chunks);
    }

    private static PointRows Slice(PointRows rows, int start, int count)
    {
        var slice = new PointRows(rows.Axes, rows.Attributes.Length, count);
        slice.Gather(rows, Enumerable.Range(start, count).ToArray());
        return slice;
    }

    private EncodedChunk Describe(PointRows rows, Segment[] segments, byte[] bytes)
    {
        var (total, offset) = (Extent.Empty, schema.Lattice.Offset);
        var labels = new LabelEntry[segments.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            var (label, start, count) = segments[i];
            var extent = Extent.Empty;
            for (var axis = 0; axis < rows.Axes; axis++) extent.Add(axis, rows.Cells[axis].AsSpan(start, count), offset);
            labels[i] = new LabelEntry(label, count, 0, 1, extent);
            total.Add(extent, rows.Axes);
        }

        return new EncodedChunk(bytes, new ChunkEntry(rows.Count, bytes.Length, segments.Length, segments[0].Label, segments[^1].Label, total), labels);
    }
}

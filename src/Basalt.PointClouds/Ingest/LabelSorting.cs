using System.Numerics;
using Basalt.PointClouds.Chunks;

namespace Basalt.PointClouds.Ingest;

/// <summary>The points of one label in a buffer: places in the order that was made of them.</summary>
internal readonly record struct LabelRange(ulong Label, int Start, int Count);

/// <summary>
/// The order of a buffer: by label, then in Morton order, equal points of a block once. Points are sorted by codes of their cells where these fit into a word, which is nearly always; else by the high bits of
/// their cells, and those that share them by comparison.
/// </summary>
internal sealed class LabelSorting
{
    private readonly PointRows _rows;
    private readonly ulong[] _codes;

    private LabelSorting(PointRows rows)
    {
        _rows = rows;
        _codes = new ulong[rows.Count];
        Order = new int[rows.Count];
    }

    /// <summary>The points by their places in the buffer.</summary>
    public int[] Order { get; }

    /// <summary>Ascending by label.</summary>
    public LabelRange[] Labels { get; private set; } = [];

    /// <summary>Points that were left out, as the same block has them already.</summary>
    public long Duplicates { get; private set; }

    /// <summary>For each block how many of its points were left out.</summary>
    public int[] DuplicatesOfBlock { get; private set; } = [];

    public static LabelSorting Of(BlockBuffer buffer, int threads, CancellationToken cancellationToken)
    {
        var sorting = new LabelSorting(buffer.Rows) { DuplicatesOfBlock = new int[buffer.Blocks.Count] };
        sorting.Labels = sorting.Deal([.. buffer.Pieces]);
        Parallel.For(0, sorting.Labels.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, sorting.Sort);
        sorting.Duplicates = sorting.DuplicatesOfBlock.Sum(static count => (long)count);
        return sorting;
    }

    /// <summary>Puts the points of each label together.</summary>
    private LabelRange[] Deal(Piece[] pieces)
    {
        Array.Sort(pieces, static (a, b) => a.Label != b.Label ? a.Label.CompareTo(b.Label) : a.Start.CompareTo(b.Start));
        var labels = new List<LabelRange>();
        var at = 0;
        foreach (var piece in pieces)
        {
            for (var i = 0; i < piece.Count; i++) Order[at + i] = piece.Start + i;
            if (labels.Count > 0 && labels[^1].Label == piece.Label) labels[^1] = labels[^1] with { Count = labels[^1].Count + piece.Count };
            else labels.Add(new LabelRange(piece.Label, at, piece.Count));
            at += piece.Count;
        }

        return [.. labels];
    }

    private void Sort(int label)
    {
        var (_, start, count) = Labels[label];
        var order = Order.AsSpan(start, count);
        var codes = _codes.AsSpan(start, count);
        var isExact = Encode(order, codes);
        codes.Sort(order);
        // Points of one code: the same place, or near each other.
        var kept = 0;
        for (var first = 0; first < count;)
        {
            var end = first + 1;
            while (end < count && codes[end] == codes[first]) end++;
            if (end - first > 1 || !isExact) order[first..end].Sort((a, b) => PointRows.Compare(_rows, a, _rows, b));
            for (var i = first; i < end; i++)
            {
                if (i > first && PointRows.Compare(_rows, order[i], _rows, order[kept - 1]) == 0) Interlocked.Increment(ref DuplicatesOfBlock[(int)_rows.Blocks[order[i]]]);
                else order[kept++] = order[i];
            }

            first = end;
        }

        Labels[label] = Labels[label] with { Count = kept };
    }

    /// <summary>Codes of points that order them; false when only their high bits fit, so that equal codes are not equal places.</summary>
    private bool Encode(ReadOnlySpan<int> order, Span<ulong> codes)
    {
        var differing = 0UL;
        foreach (var axis in _rows.Cells)
            foreach (var at in order) differing |= axis[at] ^ axis[order[0]];
        var bits = 64 - BitOperations.LeadingZeroCount(differing);
        var low = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        var shift = Math.Max(0, bits - Morton.BitsPerAxis(_rows.Axes));
        Span<ulong> cells = stackalloc ulong[256];
        codes.Clear();
        for (var from = 0; from < order.Length; from += cells.Length)
        {
            var part = order.Slice(from, Math.Min(cells.Length, order.Length - from));
            for (var axis = 0; axis < _rows.Axes; axis++)
            {
                for (var i = 0; i < part.Length; i++) cells[i] = (_rows.Cells[axis][part[i]] & low) >> shift;
                Morton.Encode(cells, axis, _rows.Axes, codes.Slice(from, part.Length));
            }
        }

        return shift == 0;
    }
}

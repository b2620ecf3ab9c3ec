using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Ingest;

/// <summary>Points of one label of one block, one after the other in the buffer.</summary>
internal readonly record struct Piece(ulong Label, int Start, int Count);

/// <summary>Blocks that were taken and are not written yet. Not thread-safe.</summary>
internal sealed class BlockBuffer(PointSchema schema)
{
    private ulong[] _hashes = [];

    public PointRows Rows { get; } = new(schema.Axes.Count, schema.Attributes.Count);

    public List<Piece> Pieces { get; } = [];

    /// <summary>The blocks, by the numbers that <see cref="Rows"/> has of them.</summary>
    public List<BlockEntry> Blocks { get; } = [];

    /// <summary>The runs in which the blocks were looked for at least.</summary>
    public HashSet<string> Known { get; set; } = [];

    /// <summary>Adds a block; nothing of it when it is refused.</summary>
    public BlockEntry Add(string block, IReadOnlyList<PointSet> parts)
    {
        var (start, pieces) = (Rows.Count, Pieces.Count);
        try
        {
            foreach (var part in parts) Add(block, part);
            var entry = new BlockEntry(block, HashFrom(start), Rows.Count - start, ExtentFrom(start));
            Blocks.Add(entry);
            return entry;
        }
        catch
        {
            Rows.Count = start;
            Pieces.RemoveRange(pieces, Pieces.Count - pieces);
            throw;
        }
    }

    /// <summary>Takes the last block back.</summary>
    public void RemoveLast()
    {
        Rows.Count -= (int)Blocks[^1].Points;
        while (Pieces.Count > 0 && Pieces[^1].Start >= Rows.Count) Pieces.RemoveAt(Pieces.Count - 1);
        Blocks.RemoveAt(Blocks.Count - 1);
    }

    public void Clear()
    {
        Rows.Count = 0;
        Pieces.Clear();
        Blocks.Clear();
    }

    private void Add(string block, PointSet points)
    {
        var columns = BlockAdmission.Columns(schema, points, block);
        var start = Rows.Count;
        Rows.Reserve(checked(start + points.Count));
        Rows.Count += points.Count;
        var (axes, lattice) = (schema.Axes.Count, schema.Lattice);
        for (var i = 0; i < columns.Length; i++)
        {
            var bits = (i < axes ? Rows.Cells[i] : Rows.Attributes[i - axes]).AsSpan(start, points.Count);
            BlockAdmission.CopyBits(columns[i], i < axes ? schema.CoordinateType : schema.Attributes[i - axes].Type, i < axes, bits, block);
            if (i < axes) lattice.CellsOf(bits);
        }

        Rows.Blocks.AsSpan(start, points.Count).Fill((ulong)Blocks.Count);
        AddPieces(points.Labels, start);
    }

    private void AddPieces(ReadOnlySpan<ulong> labels, int start)
    {
        for (var first = 0; first < labels.Length;)
        {
            var length = labels[first..].IndexOfAnyExcept(labels[first]);
            if (length < 0) length = labels.Length - first;
            Pieces.Add(new Piece(labels[first], start + first, length));
            first += length;
        }
    }

    private Extent ExtentFrom(int start)
    {
        var extent = Extent.Empty;
        for (var axis = 0; axis < Rows.Axes; axis++) extent.Add(axis, Rows.Cells[axis].AsSpan(start..Rows.Count), schema.Lattice.Offset);
        return extent;
    }

    /// <summary>The sum of hashes of all points, so that the order in which they come makes no difference.</summary>
    private UInt128 HashFrom(int start)
    {
        var count = Rows.Count - start;
        if (_hashes.Length < count) _hashes = new ulong[Math.Max(count, 2 * _hashes.Length)];
        var hashes = _hashes.AsSpan(0, count);
        hashes.Clear();
        foreach (var column in Rows.Cells.Concat(Rows.Attributes))
        {
            var values = column.AsSpan(start, count);
            for (var i = 0; i < hashes.Length; i++) hashes[i] = Mixing.Mix(hashes[i], values[i]);
        }

        var (low, high) = (0UL, (ulong)count);
        for (var at = Pieces.Count - 1; at >= 0 && Pieces[at].Start >= start; at--)
        {
            var piece = Pieces[at];
            foreach (var hash in hashes.Slice(piece.Start - start, piece.Count))
            {
                var mixed = Mixing.Mix(hash, piece.Label);
                low += mixed;
                high += Mixing.Mix(mixed, 1);
            }
        }

        return new UInt128(high, low);
    }
}

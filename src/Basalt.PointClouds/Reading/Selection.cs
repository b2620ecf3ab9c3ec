using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Editing;

namespace Basalt.PointClouds.Reading;

/// <summary>
/// The points of one segment that a query chooses, while they are looked at: it is filled anew for each. Decodes what is asked for and no more. Not thread-safe.
/// </summary>
internal sealed class Selection
{
    private readonly PointSchema _schema;
    private readonly ulong[]?[] _attributes;
    private readonly ulong[] _blocks = new ulong[ChunkFormat.MostPoints];
    private readonly int[] _kept = new int[ChunkFormat.MostPoints];
    private readonly bool[] _isDecoded;
    private bool _hasBlocks;
    private bool _isAll;

    public Selection(PointSchema schema)
    {
        _schema = schema;
        Cells = new ulong[schema.Axes.Count][];
        for (var axis = 0; axis < Cells.Length; axis++) Cells[axis] = new ulong[ChunkFormat.MostPoints];
        _attributes = new ulong[schema.Attributes.Count][];
        _isDecoded = new bool[schema.Attributes.Count];
    }

    public Chunk Chunk { get; private set; } = null!;

    public Segment Segment { get; private set; }

    /// <summary>The label as the query knows it.</summary>
    public ulong Label { get; private set; }

    /// <summary>The cells of the segment's points, from 0.</summary>
    public ulong[][] Cells { get; }

    public int Count { get; private set; }

    /// <summary>The chosen points by their places in the segment, ascending.</summary>
    public ReadOnlySpan<int> Kept
    {
        get
        {
            if (_isAll)
            {
                for (var i = 0; i < Count; i++) _kept[i] = i;
                _isAll = false;
            }

            return _kept.AsSpan(0, Count);
        }
    }

    /// <summary>Whether all points of the segment are chosen.</summary>
    public bool IsAll => Count == Segment.Count;

    public void Begin(Chunk chunk)
    {
        Chunk = chunk;
        _hasBlocks = false;
        Array.Clear(_isDecoded);
    }

    /// <summary>Chooses among the points of a segment of the chunk.</summary>
    public void Choose(int segment, ulong label, in Filtering filtering, IReadOnlyList<PartCondition> conditions, in Extent extent)
    {
        (Segment, Label, Count, _isAll) = (Chunk.Segments[segment], label, Chunk.Segments[segment].Count, true);
        Chunk.ReadCells(segment, Cells, 0);
        if (filtering.Box is { } box && !box.Contains(extent, Cells.Length)) KeepIn(box);
        if (filtering.Place is { } place) KeepNear(place, filtering.SquaredRadius);
        if (filtering.Block is { } block) KeepOf(block);
        foreach (var condition in conditions) Keep(condition);
    }

    /// <summary>The bits of an attribute of the segment's points.</summary>
    public ReadOnlySpan<ulong> Attribute(int attribute)
    {
        var bits = _attributes[attribute] ??= new ulong[ChunkFormat.MostPoints];
        if (!_isDecoded[attribute]) Chunk.ReadAttribute(attribute, bits);
        _isDecoded[attribute] = true;
        return bits.AsSpan(Segment.Start, Segment.Count);
    }

    /// <summary>The blocks of the segment's points, numbers of the chunk's.</summary>
    public ReadOnlySpan<ulong> Blocks()
    {
        if (!_hasBlocks) Chunk.ReadBlocks(_blocks.AsSpan(0, Chunk.Count));
        _hasBlocks = true;
        return _blocks.AsSpan(Segment.Start, Segment.Count);
    }

    private void KeepIn(in Extent box)
    {
        var (count, offset) = (0, _schema.Lattice.Offset);
        foreach (var at in Kept)
            if (IsIn(box, at, offset)) _kept[count++] = at;
        Count = count;
    }

    private void KeepNear(Place place, double squaredRadius)
    {
        var count = 0;
        foreach (var at in Kept)
            if (place.SquareTo(Cells, at) <= squaredRadius) _kept[count++] = at;
        Count = count;
    }

    private void KeepOf(string block)
    {
        var number = Array.IndexOf(Chunk.Blocks, block);
        var count = 0;
        if (number >= 0)
        {
            var blocks = Blocks();
            foreach (var at in Kept)
                if (blocks[at] == (ulong)number) _kept[count++] = at;
        }

        Count = count;
    }

    /// <summary>A part that has to satisfy several things loses what does not satisfy all of them; the rest of it keeps what misses one.</summary>
    private void Keep(PartCondition condition)
    {
        var (count, offset) = (0, _schema.Lattice.Offset);
        var bits = condition.Attribute >= 0 ? Attribute(condition.Attribute) : default;
        var blocks = condition.Blocks is null ? default : Blocks();
        foreach (var at in Kept)
        {
            var isInside = !condition.HasBox || (condition.Box is { } box && IsIn(box, at, offset));
            isInside = isInside && (condition.Attribute < 0 || condition.Values!.Contains(bits[at]));
            isInside = isInside && (condition.Blocks is null || condition.Blocks.Contains(Chunk.Blocks[blocks[at]]));
            if (isInside != condition.IsNegated) _kept[count++] = at;
        }

        Count = count;
    }

    private bool IsIn(in Extent box, int at, ulong offset)
    {
        for (var axis = 0; axis < Cells.Length; axis++)
            if (Cells[axis][at] - (box.Lowest(axis) - offset) > box.Highest(axis) - box.Lowest(axis)) return false;
        return true;
    }
}

/// <summary>What a query asks of each point.</summary>
internal readonly record struct Filtering(Extent? Box, Place? Place, double SquaredRadius, string? Block)
{
    public bool IsNothing => Box is null && Place is null && Block is null;
}

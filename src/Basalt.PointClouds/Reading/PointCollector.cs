using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Reading;

/// <summary>Makes points for the caller of what queries choose. Not thread-safe.</summary>
internal sealed class PointCollector
{
    private readonly CloudStore _store;
    private readonly int[] _attributes;
    private readonly Dictionary<string, int> _blockNumbers = new(StringComparer.Ordinal);
    private readonly List<string> _blockNames = [];
    private readonly PointRows _rows;
    private ulong[] _labels = [];

    public PointCollector(CloudStore store, PointQuery query)
    {
        _store = store;
        _attributes = query.Attributes is { } names ? [.. names.Select(store.Schema.IndexOfAttribute)] : [.. Enumerable.Range(0, store.Schema.Attributes.Count)];
        (WithLabels, WithBlocks) = (query.WithLabels, query.WithBlocks);
        _rows = new PointRows(store.Schema.Axes.Count, _attributes.Length);
    }

    public bool WithLabels { get; }

    public bool WithBlocks { get; }

    public int Count => _rows.Count;

    /// <summary>Adds what is chosen.</summary>
    public void Add(Selection chosen)
    {
        var start = _rows.Count;
        _rows.Reserve(start + chosen.Count);
        for (var axis = 0; axis < chosen.Cells.Length; axis++) Copy(chosen, chosen.Cells[axis].AsSpan(0, chosen.Segment.Count), _rows.Cells[axis].AsSpan(start));
        for (var i = 0; i < _attributes.Length; i++) Copy(chosen, chosen.Attribute(_attributes[i]), _rows.Attributes[i].AsSpan(start));
        if (WithBlocks) AddBlocks(chosen, start);
        if (WithLabels) AddLabel(chosen.Label, start, chosen.Count);
        _rows.Count += chosen.Count;
    }

    /// <summary>Puts one chosen point in a place: that of another, or the next.</summary>
    public void Set(int place, Selection chosen, int at)
    {
        if (place == _rows.Count) _rows.Reserve(++_rows.Count);
        for (var axis = 0; axis < chosen.Cells.Length; axis++) _rows.Cells[axis][place] = chosen.Cells[axis][at];
        for (var i = 0; i < _attributes.Length; i++) _rows.Attributes[i][place] = chosen.Attribute(_attributes[i])[at];
        if (WithBlocks) _rows.Blocks[place] = NumberOf(chosen.Chunk.Blocks[chosen.Blocks()[at]]);
        if (WithLabels) AddLabel(chosen.Label, place, 1);
    }

    /// <summary>The cells of what was added.</summary>
    public ulong[][] Cells => _rows.Cells;

    /// <summary>The points that were added since the last time.</summary>
    public PointSet Take() => Take(Enumerable.Range(0, _rows.Count).ToArray(), isAll: true);

    /// <summary>Some of the points, in an order.</summary>
    public PointSet Take(int[] order) => Take(order, isAll: false);

    private PointSet Take(int[] order, bool isAll)
    {
        var schema = _store.Schema;
        var coordinates = new Column[schema.Axes.Count];
        for (var axis = 0; axis < coordinates.Length; axis++)
        {
            var cells = Ordered(_rows.Cells[axis], order, isAll);
            schema.Lattice.BitsOf(cells);
            coordinates[axis] = Column.FromBits(schema.Axes[axis], schema.CoordinateType, cells);
        }

        var attributes = _attributes.Select((attribute, i) => Column.FromBits(schema.Attributes[attribute].Name, schema.Attributes[attribute].Type, Ordered(_rows.Attributes[i], order, isAll))).ToArray();
        var labels = WithLabels ? Ordered(_labels, order, isAll).ToArray() : null;
        var blocks = WithBlocks ? Array.ConvertAll(Ordered(_rows.Blocks, order, isAll).ToArray(), static number => (int)number) : null;
        var set = new PointSet(coordinates, attributes, labels, blocks, WithBlocks ? [.. _blockNames] : []);
        _rows.Count = 0;
        _blockNumbers.Clear();
        _blockNames.Clear();
        return set;
    }

    private static Span<ulong> Ordered(ulong[] values, int[] order, bool isAll)
    {
        if (isAll) return values.AsSpan(0, order.Length);
        var ordered = new ulong[order.Length];
        for (var i = 0; i < order.Length; i++) ordered[i] = values[order[i]];
        return ordered;
    }

    private static void Copy(Selection chosen, ReadOnlySpan<ulong> from, Span<ulong> to)
    {
        if (chosen.IsAll)
        {
            from.CopyTo(to);
            return;
        }

        var kept = chosen.Kept;
        for (var i = 0; i < kept.Length; i++) to[i] = from[kept[i]];
    }

    private void AddBlocks(Selection chosen, int start)
    {
        var blocks = chosen.Blocks();
        var kept = chosen.Kept;
        for (var i = 0; i < kept.Length; i++)
            _rows.Blocks[start + i] = i > 0 && blocks[kept[i]] == blocks[kept[i - 1]] ? _rows.Blocks[start + i - 1] : NumberOf(chosen.Chunk.Blocks[blocks[kept[i]]]);
    }

    private ulong NumberOf(string block)
    {
        if (_blockNumbers.TryGetValue(block, out var number)) return (ulong)number;
        _blockNumbers.Add(block, _blockNames.Count);
        _blockNames.Add(block);
        return (ulong)_blockNames.Count - 1;
    }

    private void AddLabel(ulong label, int start, int count)
    {
        if (_labels.Length < start + count) Array.Resize(ref _labels, Math.Max(start + count, 2 * _labels.Length));
        _labels.AsSpan(start, count).Fill(label);
    }
}

using System.Globalization;
using Basalt.PointClouds.Chunks;

namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>A level of the spatial index.</summary>
/// <param name="Grid">How many cells each axis has.</param>
/// <param name="Cell">The size of a cell.</param>
/// <param name="Limit">The most annotations of a cell.</param>
internal sealed record SpatialLevel(int[] Grid, double[] Cell, int Limit);

/// <summary>
/// Spreads annotations over levels of ever finer grids, each in one of them: from each cell, as many are taken as keep the density even and the fullest one at the limit, by a random order that follows from their ids; the rest goes
/// on to the next level, whose cells are half as long on those axes that are long. The last level takes what is left, however much.
/// </summary>
internal sealed class SpatialIndex
{
    /// <summary>Levels at most.</summary>
    public const int MostLevels = 15;

    // Of a cell on one axis: below 2^14, as no axis is halved more often.
    private const int CellBits = 15;

    private readonly AnnotationTable _table;
    private readonly int _axes;
    private readonly double[] _scale;
    private readonly List<SpatialLevel> _levels = [];

    private SpatialIndex(AnnotationTable table, int axes, IReadOnlyList<double>? scale)
    {
        (_table, _axes, _scale) = (table, axes, scale?.ToArray() ?? [.. Enumerable.Repeat(1.0, axes)]);
        (Lower, Upper) = (new double[axes], new double[axes]);
    }

    /// <summary>The lowest place.</summary>
    public double[] Lower { get; }

    /// <summary>A place above all others.</summary>
    public double[] Upper { get; }

    public IReadOnlyList<SpatialLevel> Levels => _levels;

    /// <summary>Writes the levels into folders spatial0, spatial1 ..., a file for each cell that has annotations.</summary>
    public static SpatialIndex Write(string folder, AnnotationTable table, PointSchema schema, AnnotationOptions options, CancellationToken cancellationToken)
    {
        var index = new SpatialIndex(table, schema.Axes.Count, options.Scale);
        index.Bound(isInteger: Columns.ColumnTypes.IsInteger(schema.CoordinateType));
        var halvings = new int[index._axes];
        var left = new Placed[table.Count];
        for (var id = 0; id < left.Length; id++) left[id] = new Placed(0, Mixing.Mix(0, (ulong)id), id);
        for (var count = left.Length; index._levels.Count == 0 || count > 0; index.Halve(halvings))
        {
            cancellationToken.ThrowIfCancellationRequested();
            count = index.WriteLevel(Path.Combine(folder, KeyOf(index._levels.Count)), left.AsSpan(0, count), halvings, options.CellPoints);
        }

        return index;
    }

    public static string KeyOf(int level) => string.Create(CultureInfo.InvariantCulture, $"spatial{level}");

    private void Bound(bool isInteger)
    {
        Upper.AsSpan().Fill(1);
        if (_table.Count == 0) return;
        for (var axis = 0; axis < _axes; axis++)
        {
            var (lowest, highest) = (double.MaxValue, double.MinValue);
            for (var id = 0; id < _table.Count; id++)
            {
                double coordinate = _table.Coordinate(id, axis);
                (lowest, highest) = (Math.Min(lowest, coordinate), Math.Max(highest, coordinate));
            }

            // The bound is exclusive: a voxel more, or a little, and always enough to be another number.
            var more = isInteger || lowest == highest ? 1 : (highest - lowest) / 1024;
            (Lower[axis], Upper[axis]) = (lowest, highest + Math.Max(more, Math.Abs(highest) / (1L << 40)));
        }
    }

    /// <summary>Writes a level, and gives how many annotations are left, which it moves to the front.</summary>
    private int WriteLevel(string folder, Span<Placed> left, int[] halvings, int limit)
    {
        Directory.CreateDirectory(folder);
        var grid = Array.ConvertAll(halvings, static halving => 1 << halving);
        var size = new double[_axes];
        for (var axis = 0; axis < _axes; axis++) size[axis] = (Upper[axis] - Lower[axis]) / grid[axis];
        foreach (ref var one in left) one = one with { Cell = CellOf(one.Id, grid, size) };
        left.Sort(static (a, b) => a.Cell != b.Cell ? a.Cell.CompareTo(b.Cell) : a.Order.CompareTo(b.Order));
        var fullest = 0;
        for (var at = 0; at < left.Length; at += LengthAt(left, at)) fullest = Math.Max(fullest, LengthAt(left, at));
        if (_levels.Count == MostLevels - 1) limit = Math.Max(limit, fullest);
        var (kept, ids) = (0, new int[Math.Min(limit, fullest)]);
        for (int at = 0, length; at < left.Length; at += length)
        {
            length = LengthAt(left, at);
            var taken = fullest <= limit ? length : (int)(((long)length * limit + fullest - 1) / fullest);
            for (var i = 0; i < taken; i++) ids[i] = left[at + i].Id;
            _table.WriteList(Path.Combine(folder, NameOf(left[at].Cell)), ids.AsSpan(0, taken));
            left.Slice(at + taken, length - taken).CopyTo(left[kept..]);
            kept += length - taken;
        }

        _levels.Add(new SpatialLevel(grid, size, limit));
        return kept;
    }

    /// <summary>Halves the cells on the longest axis and on those that come nearer to its half by it.</summary>
    private void Halve(int[] halvings)
    {
        var sizes = _levels[^1].Cell.Select((size, axis) => size * _scale[axis]).ToArray();
        for (var axis = 0; axis < _axes; axis++)
            if (sizes[axis] > sizes.Max() / Math.Sqrt(2)) halvings[axis]++;
    }

    private ulong CellOf(int id, int[] grid, double[] size)
    {
        var cell = 0UL;
        for (var axis = 0; axis < _axes; axis++)
            cell = cell << CellBits | (ulong)Math.Clamp((_table.Coordinate(id, axis) - Lower[axis]) / size[axis], 0, grid[axis] - 1);
        return cell;
    }

    private string NameOf(ulong cell) =>
        string.Join('_', Enumerable.Range(1, _axes).Select(axis => (cell >> (_axes - axis) * CellBits & ((1UL << CellBits) - 1)).ToString(CultureInfo.InvariantCulture)));

    /// <summary>How many annotations follow each other in one cell.</summary>
    private static int LengthAt(ReadOnlySpan<Placed> sorted, int at)
    {
        var end = at + 1;
        while (end < sorted.Length && sorted[end].Cell == sorted[at].Cell) end++;
        return end - at;
    }

    /// <summary>An annotation that is in no level yet.</summary>
    private readonly record struct Placed(ulong Cell, ulong Order, int Id);
}

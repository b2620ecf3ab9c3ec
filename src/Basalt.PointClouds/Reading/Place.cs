using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Reading;

/// <summary>
/// Squared Euclidean distances from a place. Where coordinates and place are integers each difference is exact before it becomes a double; squares and their sum, axis by axis, are doubles. Every step keeps
/// the order, so that no point of a box is nearer than the box is said to be.
/// </summary>
internal sealed class Place
{
    private readonly Lattice _lattice;
    private readonly ulong[] _ranks;
    private readonly double[] _numbers;
    private readonly bool[] _isExact;

    public Place(PointSchema schema, IReadOnlyList<Value> center)
    {
        ArgumentNullException.ThrowIfNull(center);
        if (center.Count != schema.Axes.Count) throw new ArgumentException($"The place has {center.Count} coordinates, and the cloud has {schema.Axes.Count} axes.", nameof(center));
        _lattice = schema.Lattice;
        (_ranks, _numbers, _isExact) = (new ulong[center.Count], new double[center.Count], new bool[center.Count]);
        for (var axis = 0; axis < center.Count; axis++)
        {
            if (!center[axis].IsNumber) throw new ArgumentException($"A coordinate is a number, not {center[axis]}.", nameof(center));
            _numbers[axis] = Lattice.ApproximateDouble(center[axis]);
            if (!double.IsFinite(_numbers[axis])) throw new ArgumentException($"A coordinate of a place is finite, not {center[axis]}.", nameof(center));
            if (!schema.CoordinateType.IsInteger() || !center[axis].TryGetInt64(out var integer)) continue;
            // The ranks of both integer types are those of 64 bits.
            (_ranks[axis], _isExact[axis]) = (_lattice.RankOfBits((ulong)integer), true);
        }
    }

    /// <summary>The squared distance of a point, given by the cell of each axis.</summary>
    public double SquareTo(ulong[][] cells, int at)
    {
        var sum = 0.0;
        for (var axis = 0; axis < _ranks.Length; axis++)
        {
            var distance = Distance(axis, _lattice.RankOf(cells[axis][at]));
            sum += distance * distance;
        }

        return sum;
    }

    /// <summary>The squared distance of a box: that of its nearest point if it has one there, and never more than that of any point in it.</summary>
    public double SquareTo(in Extent extent)
    {
        var sum = 0.0;
        for (var axis = 0; axis < _ranks.Length; axis++)
        {
            var (low, high) = (extent.Lowest(axis), extent.Highest(axis));
            var isBelow = _isExact[axis] ? _ranks[axis] < low : _numbers[axis] < _lattice.DoubleAt(low);
            var isAbove = _isExact[axis] ? _ranks[axis] > high : _numbers[axis] > _lattice.DoubleAt(high);
            var distance = isBelow ? Distance(axis, low) : isAbove ? Distance(axis, high) : 0;
            sum += distance * distance;
        }

        return sum;
    }

    private double Distance(int axis, ulong rank)
    {
        if (!_isExact[axis]) return Math.Abs(_lattice.DoubleAt(rank) - _numbers[axis]);
        return rank > _ranks[axis] ? rank - _ranks[axis] : _ranks[axis] - rank;
    }
}

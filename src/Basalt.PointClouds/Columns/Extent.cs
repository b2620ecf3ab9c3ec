using System.Runtime.CompilerServices;

namespace Basalt.PointClouds.Columns;

/// <summary>A box of ranks (see <see cref="Lattice"/>), both ends included, of up to four axes. One without points contains and meets nothing.</summary>
internal struct Extent
{
    private Ends _lowest;
    private Ends _highest;

    [InlineArray(4)]
    private struct Ends
    {
        private ulong _first;
    }

    /// <summary>The extent of no points.</summary>
    public static Extent Empty
    {
        get
        {
            var extent = default(Extent);
            for (var axis = 0; axis < 4; axis++) extent._lowest[axis] = ulong.MaxValue;
            return extent;
        }
    }

    public readonly bool IsEmpty => _lowest[0] > _highest[0];

    public readonly ulong Lowest(int axis) => _lowest[axis];

    public readonly ulong Highest(int axis) => _highest[axis];

    public void Set(int axis, ulong lowest, ulong highest) => (_lowest[axis], _highest[axis]) = (lowest, highest);

    /// <summary>Grows so as to have these cells of an axis in it.</summary>
    public void Add(int axis, ReadOnlySpan<ulong> cells, ulong offset)
    {
        var (lowest, highest) = (_lowest[axis], _highest[axis]);
        foreach (var cell in cells)
        {
            var rank = cell + offset;
            if (rank < lowest) lowest = rank;
            if (rank > highest) highest = rank;
        }

        (_lowest[axis], _highest[axis]) = (lowest, highest);
    }

    /// <summary>Grows so as to have another in it.</summary>
    public void Add(in Extent other, int axes)
    {
        for (var axis = 0; axis < axes; axis++)
            (_lowest[axis], _highest[axis]) = (Math.Min(_lowest[axis], other._lowest[axis]), Math.Max(_highest[axis], other._highest[axis]));
    }

    public readonly bool Meets(in Extent other, int axes)
    {
        for (var axis = 0; axis < axes; axis++)
            if (_lowest[axis] > other._highest[axis] || other._lowest[axis] > _highest[axis]) return false;
        return true;
    }

    public readonly bool Contains(in Extent other, int axes)
    {
        for (var axis = 0; axis < axes; axis++)
            if (_lowest[axis] > other._lowest[axis] || other._highest[axis] > _highest[axis]) return false;
        return true;
    }
}

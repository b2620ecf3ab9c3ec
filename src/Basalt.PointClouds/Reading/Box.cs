using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Reading;

/// <summary>A box, both ends included. Bounds are numbers of any kind, compared exactly with coordinates of any type; one whose lower bound is above the upper has nothing in it. Immutable.</summary>
public sealed record Box
{
    /// <summary>A box between two corners.</summary>
    /// <exception cref="ArgumentException">The corners are not of as many axes, or a bound is no number.</exception>
    public Box(IReadOnlyList<Value> lowest, IReadOnlyList<Value> highest)
    {
        ArgumentNullException.ThrowIfNull(lowest);
        ArgumentNullException.ThrowIfNull(highest);
        if (lowest.Count != highest.Count) throw new ArgumentException($"A box has two corners of one dimension, not of {lowest.Count} and {highest.Count}.", nameof(highest));
        foreach (var bound in lowest.Concat(highest))
            if (!bound.IsNumber || (bound.Kind == ValueKind.Double && double.IsNaN(bound.AsDouble))) throw new ArgumentException($"A bound of a box is a number, not {bound}.", nameof(lowest));
        (Lowest, Highest) = ([.. lowest], [.. highest]);
    }

    /// <summary>The lower bound of each axis.</summary>
    public IReadOnlyList<Value> Lowest { get; }

    /// <summary>The upper bound of each axis.</summary>
    public IReadOnlyList<Value> Highest { get; }

    /// <summary>Whether both have equal bounds.</summary>
    public bool Equals(Box? other) => other is not null && Lowest.SequenceEqual(other.Lowest) && Highest.SequenceEqual(other.Highest);

    /// <inheritdoc/>
    public override int GetHashCode() => Lowest.Concat(Highest).Aggregate(17, static (hash, bound) => HashCode.Combine(hash, bound));

    /// <summary>The box as the command line takes it: <c>0,0,0:127,127,127</c>.</summary>
    public override string ToString() => $"{string.Join(',', Lowest)}:{string.Join(',', Highest)}";

    internal static Box? Of(in Extent extent, PointSchema schema)
    {
        if (extent.IsEmpty) return null;
        var (lowest, highest) = (new Value[schema.Axes.Count], new Value[schema.Axes.Count]);
        for (var axis = 0; axis < lowest.Length; axis++) (lowest[axis], highest[axis]) = (schema.Lattice.ValueAt(extent.Lowest(axis)), schema.Lattice.ValueAt(extent.Highest(axis)));
        return new Box(lowest, highest);
    }

    /// <summary>The ranks within; null when no coordinate is.</summary>
    internal Extent? ToExtent(PointSchema schema)
    {
        if (Lowest.Count != schema.Axes.Count) throw new ArgumentException($"The box has {Lowest.Count} axes, and the cloud has {schema.Axes.Count}.", nameof(schema));
        var extent = default(Extent);
        for (var axis = 0; axis < Lowest.Count; axis++)
        {
            if (schema.Lattice.AtLeast(Lowest[axis]) is not { } low || schema.Lattice.AtMost(Highest[axis]) is not { } high || low > high) return null;
            extent.Set(axis, low, high);
        }

        return extent;
    }
}

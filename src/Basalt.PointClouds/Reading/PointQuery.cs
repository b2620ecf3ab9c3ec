using Basalt.Records;

namespace Basalt.PointClouds.Reading;

/// <summary>A ball: what is at most a radius away from a center.</summary>
/// <param name="Center">A number for each axis.</param>
/// <param name="Radius">The radius, in units of the coordinates; zero or more.</param>
public sealed record Ball(IReadOnlyList<Value> Center, double Radius);

/// <summary>Which points of a cloud, and what of them. What is not said does not limit: the empty query is all points. Immutable.</summary>
public sealed record PointQuery
{
    /// <summary>All points.</summary>
    public static PointQuery All { get; } = new();

    /// <summary>Points of these labels; of all unless given.</summary>
    public IReadOnlyCollection<ulong>? Labels { get; init; }

    /// <summary>Points in this box.</summary>
    public Box? Box { get; init; }

    /// <summary>Points in this ball.</summary>
    public Ball? Ball { get; init; }

    /// <summary>Points of this block.</summary>
    public string? Block { get; init; }

    /// <summary>The attributes to return; all of them unless given, none for an empty list.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    /// <summary>Whether to return the label of each point.</summary>
    public bool WithLabels { get; init; }

    /// <summary>Whether to return the block of each point.</summary>
    public bool WithBlocks { get; init; }

    /// <summary>Labels as they were after so many edits; after all of them unless given.</summary>
    public int? AsOf { get; init; }

    /// <summary>Where to add up the time that the query takes; nowhere unless given.</summary>
    public ReadTiming? Timing { get; init; }

    /// <summary>The points of a label.</summary>
    public static PointQuery OfLabel(ulong label) => new() { Labels = [label] };

    /// <summary>The points in a box.</summary>
    public static PointQuery In(Box box) => new() { Box = box, WithLabels = true };
}

using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds;

/// <summary>An attribute of points.</summary>
/// <param name="Name">Its name, of 1 to 128 characters.</param>
/// <param name="Type">The type of its values.</param>
public sealed record PointAttribute(string Name, ColumnType Type);

/// <summary>What the points of a cloud have: 2 to 4 axes of one type, and attributes of a type each. Immutable, and the same for the life of a cloud.</summary>
public sealed record PointSchema
{
    private const int LongestName = 128;

    /// <summary>The names of the axes, in order; x, y, z unless given.</summary>
    public IReadOnlyList<string> Axes { get; init; } = ["x", "y", "z"];

    /// <summary>The type of all coordinates; <see cref="ColumnType.Int32"/> unless given. One of the first four types. NaN and infinity are refused as coordinates.</summary>
    public ColumnType CoordinateType { get; init; } = ColumnType.Int32;

    /// <summary>The attributes, at most 32; none unless given. Every value comes back bit by bit, NaN included.</summary>
    public IReadOnlyList<PointAttribute> Attributes { get; init; } = [];

    internal Lattice Lattice => new(CoordinateType);

    /// <summary>The place of an attribute; -1 when there is none of that name.</summary>
    internal int IndexOfAttribute(string name)
    {
        for (var i = 0; i < Attributes.Count; i++)
            if (Attributes[i].Name == name) return i;
        return -1;
    }

    /// <summary>Whether both say the same, name by name.</summary>
    public bool Equals(PointSchema? other) =>
        other is not null && CoordinateType == other.CoordinateType && Axes.SequenceEqual(other.Axes) && Attributes.SequenceEqual(other.Attributes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(CoordinateType, Axes.Count, Attributes.Count);

    /// <summary>The schema in words: <c>x, y, z int32; supervoxel uint64</c>.</summary>
    public override string ToString() =>
        $"{string.Join(", ", Axes)} {CoordinateType.Word()}{string.Concat(Attributes.Select(static a => $"; {a.Name} {a.Type.Word()}"))}";

    internal void Validate()
    {
        if (Axes is not { Count: >= 2 and <= 4 }) throw Invalid("has 2 to 4 axes");
        if (!CoordinateType.IsCoordinate()) throw Invalid("has coordinates of int32, int64, float32 or float64");
        if (Attributes is not { Count: <= ChunkFormat.MostAttributes }) throw Invalid($"has at most {ChunkFormat.MostAttributes} attributes");
        if (Attributes.Any(static a => !Enum.IsDefined(a.Type))) throw Invalid("has attributes of known types");
        var names = Axes.Concat(Attributes.Select(static a => a.Name)).ToList();
        if (names.Exists(static name => name is not { Length: >= 1 and <= LongestName })) throw Invalid($"has names of 1 to {LongestName} characters");
        if (names.Distinct().Count() != names.Count) throw Invalid("has each name once");
        if (names.Exists(static name => name is "label" or "block")) throw Invalid("has no axis or attribute named label or block: these are what points are found by");
    }

    private static BasaltException Invalid(string what) => new(ErrorCode.InvalidOptions, $"A point cloud {what}.");
}

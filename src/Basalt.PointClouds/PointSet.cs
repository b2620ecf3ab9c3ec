using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds;

/// <summary>Points column by column: coordinates, attributes, and, where they are asked for or handed in, labels and blocks. Immutable and safe to share between threads.</summary>
public sealed class PointSet
{
    /// <summary>Points of these columns, which all have as many values.</summary>
    /// <param name="coordinates">A column for each axis.</param>
    /// <param name="attributes">A column for each attribute; none unless given.</param>
    /// <param name="labels">The label of each point, or null.</param>
    /// <exception cref="ArgumentException">The columns are not of one length.</exception>
    public PointSet(IReadOnlyList<Column> coordinates, IReadOnlyList<Column>? attributes = null, ulong[]? labels = null)
        : this(coordinates, attributes ?? [], labels, null, [])
    {
    }

    internal PointSet(IReadOnlyList<Column> coordinates, IReadOnlyList<Column> attributes, ulong[]? labels, int[]? blocks, IReadOnlyList<string> blockNames)
    {
        ArgumentNullException.ThrowIfNull(coordinates);
        if (coordinates.Count == 0) throw new ArgumentException("Points have at least one axis.", nameof(coordinates));
        (Coordinates, Attributes, LabelArray, BlockNumbers, BlockNames, Count) = (coordinates, attributes, labels, blocks, blockNames, coordinates[0].Count);
        foreach (var column in coordinates.Concat(attributes))
            if (column.Count != Count) throw new ArgumentException($"The column '{column.Name}' has {column.Count} values, and '{coordinates[0].Name}' {Count}.", nameof(coordinates));
        if (labels is not null && labels.Length != Count) throw new ArgumentException($"There are {labels.Length} labels of {Count} points.", nameof(labels));
    }

    /// <summary>How many points there are.</summary>
    public int Count { get; }

    /// <summary>The coordinates, a column for each axis.</summary>
    public IReadOnlyList<Column> Coordinates { get; }

    /// <summary>The attributes.</summary>
    public IReadOnlyList<Column> Attributes { get; }

    /// <summary>Whether the labels of the points are known.</summary>
    public bool HasLabels => LabelArray is not null;

    /// <summary>The label of each point; empty when they are not known.</summary>
    public ReadOnlySpan<ulong> Labels => LabelArray;

    /// <summary>Whether the blocks of the points are known.</summary>
    public bool HasBlocks => BlockNumbers is not null;

    /// <summary>The blocks that <see cref="BlockNumbers"/> are places in.</summary>
    public IReadOnlyList<string> BlockNames { get; }

    internal ulong[]? LabelArray { get; }

    internal int[]? BlockNumbers { get; }

    /// <summary>The column of an axis or attribute.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public Column this[string name] => Coordinates.Concat(Attributes).FirstOrDefault(column => column.Name == name) ?? throw new KeyNotFoundException($"The points have no column '{name}'.");

    /// <summary>The block of a point.</summary>
    /// <exception cref="InvalidOperationException">The blocks are not known.</exception>
    public string BlockOf(int point) => BlockNumbers is null ? throw new InvalidOperationException("The blocks of these points were not asked for.") : BlockNames[BlockNumbers[point]];

    /// <summary>The same points, all of one label.</summary>
    public PointSet WithLabel(ulong label)
    {
        var labels = new ulong[Count];
        labels.AsSpan().Fill(label);
        return new PointSet(Coordinates, Attributes, labels, BlockNumbers, BlockNames);
    }
}

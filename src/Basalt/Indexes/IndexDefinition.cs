using Basalt.Filters;

namespace Basalt.Indexes;

/// <summary>An index of a collection: a kind and a path, of which there is one at most. Immutable.</summary>
public sealed record IndexDefinition
{
    /// <summary>An index of that kind over the values at a path.</summary>
    public IndexDefinition(IndexKind kind, FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        (Kind, Path) = (kind, path);
    }

    /// <summary>What it answers.</summary>
    public IndexKind Kind { get; }

    /// <summary>Where its values are: a field, which may lie in maps.</summary>
    public FieldPath Path { get; init; }

    /// <summary>The name: kind and path.</summary>
    public string Name => $"{Kind.ToString().ToLowerInvariant()}:{Path}";

    /// <summary>Elements of a vector; required for <see cref="IndexKind.Vector"/>, and nothing else has any.</summary>
    public int? Dimension { get; init; }

    /// <summary>How far vectors are apart.</summary>
    public VectorMetric Metric { get; init; }

    /// <summary>How near vectors are found.</summary>
    public VectorMethod Method { get; init; }

    /// <summary>What a graph is walked by.</summary>
    public VectorCodes Codes { get; init; }

    /// <summary>Links of a node of a graph: 2 to 128, default 16.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates while a graph is built: 8 to 4096, default 200.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the message says what.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind) || !Enum.IsDefined(Metric) || !Enum.IsDefined(Method) || !Enum.IsDefined(Codes)) throw Invalid("has an option of no known value");
        if (Path.Part != RecordPart.Fields) throw Invalid("is of a store's own property; only fields are indexed");
        if (Kind != IndexKind.Vector)
        {
            if (Dimension is not null) throw Invalid("has no dimension; only vectors have one");
            return;
        }

        if (Dimension is null) throw Invalid("needs the dimension of its vectors");
        if (Dimension is < 1 or > 65_536) throw Invalid($"has the dimension {Dimension}; it takes 1 to 65536");
        if (M is < 2 or > 128) throw Invalid($"has an M of {M}; it takes 2 to 128");
        if (EfConstruction is < 8 or > 4096) throw Invalid($"has an efConstruction of {EfConstruction}; it takes 8 to 4096");
    }

    private BasaltException Invalid(string what) => new(ErrorCode.InvalidOptions, $"The index {Name} {what}.");
}

/// <summary>An index and how far it is.</summary>
/// <param name="Definition">What it is.</param>
/// <param name="Built">The share of what is on disk that it covers, 0 to 1. What it does not cover is looked at directly, so that answers are whole at any time.</param>
/// <param name="Bytes">What it takes on disk.</param>
/// <param name="Fault">Why the rest could not be built when it was last tried, or null.</param>
public sealed record IndexState(IndexDefinition Definition, double Built, long Bytes, string? Fault)
{
    /// <summary>How much searches of it found lately; null where that is not measured, or of none yet.</summary>
    public IndexRecall? Recall { get; init; }
}

/// <summary>How much of what is nearest searches by vector found, of those that were run once more, exactly.</summary>
/// <param name="Recall">The mean share of the exact neighbours that were found.</param>
/// <param name="Low">The lower end of its 95 % confidence interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Searches">How many searches it is of: the last ones.</param>
/// <param name="Dropped">How many were not measured, as too many waited.</param>
/// <param name="Failed">How many could not be, as their index was gone, or something damaged.</param>
public sealed record IndexRecall(double Recall, double Low, double High, int Searches, long Dropped, long Failed);

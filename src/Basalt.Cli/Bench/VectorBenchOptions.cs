using Basalt.Vectors;

namespace Basalt.Cli.Bench;

/// <summary>What is kept of a vector to search by.</summary>
internal enum Quantization
{
    /// <summary>The vector.</summary>
    None,

    /// <summary>A byte an element.</summary>
    Sq8,

    /// <summary>Product codes.</summary>
    Pq,

    /// <summary>A bit an element.</summary>
    Bit,
}

/// <summary>How indexes are made and measured. What is null was not said, and the index kind decides.</summary>
internal sealed record VectorBenchOptions
{
    public required IndexKind Kind { get; init; }

    public Metric Metric { get; init; }

    public Quantization? Quantization { get; init; }

    public int? M { get; init; }

    public int? EfConstruction { get; init; }

    public int? Lists { get; init; }

    public int? Subspaces { get; init; }

    public int? CodeBits { get; init; }

    public int? Rescore { get; init; }

    /// <summary>The efforts to search with, one run each; zero is the index's own.</summary>
    public IReadOnlyList<int> Efforts { get; init; } = [0];

    public int K { get; init; } = 10;

    public int Threads { get; init; } = 1;

    /// <summary>Queries a call; one is searched by itself.</summary>
    public int Batch { get; init; } = 1;

    public int Rounds { get; init; } = 3;

    /// <summary>The percentage of vectors that may be found.</summary>
    public int? FilterSelectivity { get; init; }

    public bool Reopen { get; init; }
}

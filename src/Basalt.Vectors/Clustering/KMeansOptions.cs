namespace Basalt.Vectors.Clustering;

/// <summary>How <see cref="KMeans"/> trains.</summary>
internal sealed record KMeansOptions
{
    /// <summary>Steps of training after the seeding. At least 0; 10 by default.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Rows that a step looks at: 0, the default, for all of them (Lloyd), otherwise mini-batches of so many.</summary>
    public int BatchRows { get; init; }

    /// <summary>Rows per centre that the seeding looks at; 16 by default.</summary>
    public int SeedRowsPerCentre { get; init; } = 16;

    /// <summary>The training stops when a step lowers the objective by less than this share. 0, the default: never.</summary>
    public double Tolerance { get; init; }

    /// <summary>The seed of every random choice: same rows, options and seed give the same centres for any number of threads.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most threads that work; 1 by default.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Whether training can be done so.</summary>
    public bool IsSound => Iterations >= 0 && BatchRows >= 0 && SeedRowsPerCentre >= 1 && Tolerance >= 0 && Threads >= 1;
}

using Basalt.Vectors.Hnsw;

namespace Basalt.Engine.Nearest;

/// <summary>What is built over the rows of a segment.</summary>
internal enum GraphKind
{
    /// <summary>A graph where comparing with all rows would take long; see <see cref="GraphChoice"/>.</summary>
    Auto,

    /// <summary>Nothing: all rows are compared, and every answer is exact.</summary>
    Flat,

    /// <summary>A graph, over however few rows.</summary>
    Hnsw,
}

/// <summary>How the graphs of a field's segments are built and searched. What is 0, or null, is chosen by the number and shape of the vectors.</summary>
internal sealed record GraphOptions
{
    public GraphKind Kind { get; init; } = GraphKind.Auto;

    /// <summary>Links of a node on the upper levels, 2 to 128; level 0 has twice as many. Default: 16, or 24 from 512 dimensions on.</summary>
    public int M { get; init; }

    /// <summary>Candidates while a node's neighbours are looked for, 1 to 1,048,576. Default: 200.</summary>
    public int EfConstruction { get; init; }

    /// <summary>Candidates that a search keeps unless it says so itself, 1 to 1,048,576. Default: 64; more from a million vectors on.</summary>
    public int Ef { get; init; }

    /// <summary>What the graph is walked by. Default: int8 for float vectors of at least 32 dimensions, else the vectors, of which the graph then has a copy.</summary>
    public HnswCodes? Codes { get; init; }

    /// <summary>Threads that build, 1 to 1,024. The graph does not depend on it. Default: 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Chooses the levels of nodes: the same rows with the same seed give the same bytes.</summary>
    public ulong Seed { get; init; } = HnswOptions.Default.Seed;

    /// <summary>The kind with a name, as users write it: auto, flat or hnsw.</summary>
    /// <exception cref="ArgumentException">There is no such kind, or a collection cannot have it yet.</exception>
    public static GraphKind KindOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "auto" => GraphKind.Auto,
            "flat" => GraphKind.Flat,
            "hnsw" => GraphKind.Hnsw,
            "ivfpq" => throw new ArgumentException("A collection cannot have an index of the kind 'ivfpq' yet; it takes auto, flat or hnsw.", nameof(name)),
            _ => throw new ArgumentException($"There is no kind of index '{name}'; it takes auto, flat or hnsw.", nameof(name)),
        };
    }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static void Check(GraphOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.Kind)) throw new ArgumentException($"There is no kind of index {options.Kind}.", nameof(options));
        var usual = HnswOptions.Default;
        HnswOptions.Check(usual with
        {
            M = options.M == 0 ? usual.M : options.M,
            EfConstruction = options.EfConstruction == 0 ? usual.EfConstruction : options.EfConstruction,
            Ef = options.Ef == 0 ? usual.Ef : options.Ef,
            Codes = options.Codes ?? usual.Codes,
            Threads = options.Threads,
            Seed = options.Seed,
        });
    }
}

namespace Basalt.Vectors.Hnsw;

/// <summary>How a graph is built and searched.</summary>
public sealed record HnswOptions
{
    internal const int MostM = 128;
    internal const int MostEf = 1 << 20;

    /// <summary>The usual choice for all but very hard data.</summary>
    public static HnswOptions Default { get; } = new();

    /// <summary>Links of a node on the upper levels, 2 to 128; level 0 has twice as many, 4 bytes each. More links find more of hard data, for memory and time. Default 16.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates that are kept while a node's neighbours are looked for, 1 to 1,048,576. Default 200.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Candidates that a search keeps unless it says so itself, 1 to 1,048,576; never fewer than it asks for. Default 64.</summary>
    public int Ef { get; init; } = 64;

    /// <summary>What the graph is walked by. Default: the vectors themselves.</summary>
    public HnswCodes Codes { get; init; } = HnswCodes.None;

    /// <summary>
    /// What neighbours are compared by while an index is built at once. Default, null: by int8 codes where they keep the order of near neighbours, which a trial on the vectors themselves
    /// tells, and by the vectors otherwise. It makes no difference where nodes have codes, and none to what is added later. Not stored with an index.
    /// </summary>
    public HnswCodes? BuildCodes { get; init; }

    /// <summary>
    /// Whether a bit an element is kept of every vector, by which those that pass a narrow filter are compared first: an eighth of the memory of an int8 code, and 8 bytes. For float32 vectors of at
    /// least 64 dimensions under L2, cosine and dot; others have none. An index that begins empty has none either. Default true.
    /// </summary>
    public bool Sketches { get; init; } = true;

    /// <summary>Threads that build, 1 to 1,024. The graph does not depend on it. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Chooses the levels of nodes. The same data in the same order with the same seed gives the same bytes.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>The share of removed nodes, 0 to 1, at which the graph is repaired and their memory is given back. Default 0.2; 1 never does it.</summary>
    public double RepairAt { get; init; } = 0.2;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal static void Check(HnswOptions options)
    {
        Range(options.M, 2, MostM, nameof(M));
        Range(options.EfConstruction, 1, MostEf, nameof(EfConstruction));
        Range(options.Ef, 1, MostEf, nameof(Ef));
        Range(options.Threads, 1, 1024, nameof(Threads));
        if (!Enum.IsDefined(options.Codes)) throw new ArgumentException($"There are no codes {options.Codes}.", nameof(options));
        if (options.BuildCodes is { } build && !Enum.IsDefined(build)) throw new ArgumentException($"There are no codes {build} to build by.", nameof(options));
        if (!(options.RepairAt is >= 0 and <= 1)) throw new ArgumentException($"{nameof(RepairAt)} is {options.RepairAt}; it takes 0 to 1.", nameof(options));

        void Range(int value, int least, int most, string name)
        {
            if (value < least || value > most) throw new ArgumentException($"{name} is {value}; it takes {least} to {most}.", nameof(options));
        }
    }
}

/// <summary>What a graph is walked by.</summary>
public enum HnswCodes
{
    /// <summary>The vectors as they are stored.</summary>
    None,

    /// <summary>A byte an element: a quarter of the memory traffic of float32. The best candidates are measured again by the full vectors. For float32 vectors, under every metric that they have.</summary>
    Int8,
}

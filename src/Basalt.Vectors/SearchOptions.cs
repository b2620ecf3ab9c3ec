namespace Basalt.Vectors;

/// <summary>How to search. The default asks for what the index was made for.</summary>
public readonly record struct SearchOptions
{
    /// <summary>
    /// How far to look: the candidates that a graph keeps (ef), or the lists that an inverted file probes (nprobe). Zero takes the index's own.
    /// An exact search looks at everything in any case.
    /// </summary>
    public int Effort { get; init; }

    /// <summary>How many of the best candidates by code are measured again by their full vectors, where the index has both. Zero takes the index's own.</summary>
    public int Rescore { get; init; }

    /// <summary>Which vectors may be found; all unless given. An <see cref="OrdinalSet"/> is the fast one, since its size is known.</summary>
    public IOrdinalFilter? Filter { get; init; }

    /// <summary>Whether every vector that passes the filter is measured, at full precision.</summary>
    public bool Exact { get; init; }

    /// <summary>Ends a long search with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Refuses what cannot be meant.</summary>
    /// <exception cref="ArgumentException">A number is negative.</exception>
    internal static void Check(in SearchOptions options)
    {
        if (options.Effort < 0) throw new ArgumentException($"The effort is {options.Effort}; it takes 0 or more.", nameof(options));
        if (options.Rescore < 0) throw new ArgumentException($"{options.Rescore} candidates cannot be measured again; it takes 0 or more.", nameof(options));
    }
}

namespace Basalt.Engine.Nearest;

/// <summary>How to search segments and a tail.</summary>
internal sealed record NearestOptions
{
    public static NearestOptions Default { get; } = new();

    /// <summary>Whether all that may be found is measured, at full precision, whatever graphs there are.</summary>
    public bool Exact { get; init; }

    /// <summary>Candidates that a walk of a graph keeps (ef), at most 1,048,576; 0 takes each graph's own.</summary>
    public int Effort { get; init; }

    /// <summary>How many of the best candidates by code are measured again; 0 for all that a walk keeps.</summary>
    public int Rescore { get; init; }

    /// <summary>How often a graph is walked again, each time with twice the effort, when too much of what it found was dead, before all that is left is measured. Default 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>
    /// Whether the entry of a part (its number in the list of segments, then the ordinal) is what its key has now; null when all are. It is asked for what would otherwise be found, of
    /// the tail for rows alone; on the thread of the search, in the middle of it, at most once for each entry.
    /// </summary>
    public Func<int, int, bool>? Verify { get; init; }

    /// <summary>Which of two hits at the same distance comes first; null: that of the lower part (the tail before all), then of the lower ordinal. Within a segment it must agree with the order of ordinals. Of the hits only part and ordinal are set.</summary>
    public Comparison<Hit>? KeyOrder { get; init; }

    /// <summary>Ends a long search with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public static void Check(NearestOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Effort is < 0 or > Vectors.Hnsw.HnswOptions.MostEf) throw new ArgumentException($"The effort is {options.Effort}; it takes 0 to {Vectors.Hnsw.HnswOptions.MostEf}.", nameof(options));
        if (options.Rescore < 0) throw new ArgumentException($"{options.Rescore} candidates cannot be measured again; it takes 0 or more.", nameof(options));
        if (options.Rounds is < 0 or > MostRounds) throw new ArgumentException($"A graph cannot be walked again {options.Rounds} times; it takes 0 to {MostRounds}.", nameof(options));
    }

    private const int MostRounds = 16;
}

using Basalt.Records;

namespace Basalt.Search;

/// <summary>A result of a search.</summary>
/// <param name="Record">The record.</param>
/// <param name="Score">What results are ranked by, the greatest first: of a search by vector alone the negated distance, by text alone the relevance, of both the fused score.</param>
public sealed record SearchHit(Record Record, double Score)
{
    /// <summary>How far its vector is away; null when it was not found by vector.</summary>
    public double? Distance { get; init; }

    /// <summary>How relevant its text is (BM25), by the statistics of all records of the collection, whatever the filter; null when it was not found by text.</summary>
    public double? Relevance { get; init; }
}

/// <summary>How a search ran, step by step, in words and numbers.</summary>
/// <param name="Steps">What was done, in order: which parts were searched how, and what that cost.</param>
/// <param name="IsExact">Whether the answer is the exact one.</param>
public sealed record SearchPlan(IReadOnlyList<string> Steps, bool IsExact)
{
    /// <summary>One step a line.</summary>
    public override string ToString() => string.Join('\n', Steps);
}

/// <summary>The results of a search, the best first, and how they were found.</summary>
public sealed record SearchAnswer(IReadOnlyList<SearchHit> Hits, SearchPlan Plan);

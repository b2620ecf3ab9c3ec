namespace Basalt.Vectors;

/// <summary>What a search did.</summary>
/// <param name="Visited">Vectors, graph nodes or list entries looked at, those that the filter refused included.</param>
/// <param name="Distances">Distances computed, by code or by full vector.</param>
/// <param name="Rescored">Distances by full vector that followed distances by code.</param>
public readonly record struct SearchStatistics(long Visited, long Distances, long Rescored)
{
    /// <summary>What it consisted of.</summary>
    public SearchSteps Steps { get; init; }

    /// <summary>Both together.</summary>
    public static SearchStatistics operator +(SearchStatistics left, SearchStatistics right) =>
        new(left.Visited + right.Visited, left.Distances + right.Distances, left.Rescored + right.Rescored) { Steps = left.Steps | right.Steps };

    /// <summary>Both together.</summary>
    public static SearchStatistics Add(SearchStatistics left, SearchStatistics right) => left + right;
}

using Basalt.Vectors;

namespace Basalt.Engine.Nearest;

/// <summary>What was found, the nearest first, and how.</summary>
/// <param name="Hits">By distance, then by key.</param>
/// <param name="Segments">What was done in each segment, in the order that they were given.</param>
/// <param name="TailVectors">Vectors of the tail that were measured: all of them.</param>
internal sealed record NearestAnswer(IReadOnlyList<Hit> Hits, IReadOnlyList<SegmentReport> Segments, long TailVectors)
{
    /// <summary>Whether nothing nearer can have been missed.</summary>
    public bool IsExact => Segments.All(static segment => segment.IsExact);
}

/// <summary>What a search did in one segment.</summary>
/// <param name="Rows">Vectors of the segment.</param>
/// <param name="Matching">How many of them were allowed and not known to be dead.</param>
/// <param name="Statistics">Rows looked at, distances and steps.</param>
/// <param name="Rounds">How often it was searched: more than once when too few were alive.</param>
/// <param name="Verified">Candidates that were asked for whether they are alive.</param>
/// <param name="Dropped">Those that were not.</param>
/// <param name="IsExact">Whether all that matched was measured at full precision.</param>
internal readonly record struct SegmentReport(int Rows, int Matching, SearchStatistics Statistics, int Rounds, int Verified, int Dropped, bool IsExact)
{
    /// <summary>The way that it went, in words: "flat scan", "scan of the matching", "graph", "filtered graph", and one after the other when there were several.</summary>
    public string Way
    {
        get
        {
            var steps = Statistics.Steps;
            var words = new List<string>();
            if (steps.HasFlag(SearchSteps.Walk)) words.Add("graph");
            if (steps.HasFlag(SearchSteps.FilteredWalk)) words.Add("filtered graph");
            if (steps.HasFlag(SearchSteps.Scan)) words.Add("flat scan");
            if (steps.HasFlag(SearchSteps.FilteredScan)) words.Add("scan of the matching");
            if (steps.HasFlag(SearchSteps.FilteredSketch)) words.Add("scan of the sketches of the matching");
            return words.Count == 0 ? "nothing to search" : string.Join(", then ", words);
        }
    }
}

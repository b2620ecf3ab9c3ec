namespace Basalt.Vectors;

/// <summary>What a search consisted of. One that found too few goes on with another step, so there may be several.</summary>
[Flags]
public enum SearchSteps
{
    /// <summary>Nothing was to be searched.</summary>
    None = 0,

    /// <summary>All vectors were measured, or all codes.</summary>
    Scan = 1,

    /// <summary>All vectors that pass the filter were measured, or their codes.</summary>
    FilteredScan = 2,

    /// <summary>A graph was walked over all nodes; what did not pass the filter was dropped.</summary>
    Walk = 4,

    /// <summary>A graph was walked from what passes the filter to what passes.</summary>
    FilteredWalk = 8,

    /// <summary>Lists of an inverted file were probed.</summary>
    Probe = 16,

    /// <summary>All vectors that pass the filter were compared by a bit an element, and the best of them measured.</summary>
    FilteredSketch = 32,
}

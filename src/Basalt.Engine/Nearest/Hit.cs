using Basalt.Vectors;

namespace Basalt.Engine.Nearest;

/// <summary>A vector that was found, and where.</summary>
/// <param name="Part">Which of the searched segments it is in; <see cref="Tail"/> for the tail.</param>
/// <param name="Ordinal">The entry in that segment's table; in the tail its number.</param>
/// <param name="Distance">By the metric; smaller is nearer.</param>
internal readonly record struct Hit(int Part, int Ordinal, float Distance)
{
    /// <summary>The part of what lies in no table yet.</summary>
    public const int Tail = -1;
}

/// <summary>A segment to search, with what may be found in it.</summary>
/// <param name="Segment">The vectors.</param>
/// <param name="Allowed">Entries that pass the filter; null for all.</param>
/// <param name="Dead">Entries that are known to be deleted or superseded; null for none.</param>
internal readonly record struct SegmentPart(VectorSegment Segment, OrdinalSet? Allowed = null, OrdinalSet? Dead = null);

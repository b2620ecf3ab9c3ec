namespace Basalt.Vectors;

/// <summary>A found vector. Neighbours are ordered by distance, then by ordinal, so that every answer has one order.</summary>
/// <param name="Ordinal">The number of the vector in its index: 0 for the first one added.</param>
/// <param name="Distance">By the index's <see cref="Metric"/>; smaller is nearer.</param>
public readonly record struct Neighbour(int Ordinal, float Distance) : IComparable<Neighbour>
{
    /// <inheritdoc/>
    public int CompareTo(Neighbour other) => Distance < other.Distance ? -1 : Distance > other.Distance ? 1 : Ordinal.CompareTo(other.Ordinal);

    /// <summary>Whether the left one comes first.</summary>
    public static bool operator <(Neighbour left, Neighbour right) => left.Distance < right.Distance || (left.Distance == right.Distance && left.Ordinal < right.Ordinal);

    /// <summary>Whether the left one comes last.</summary>
    public static bool operator >(Neighbour left, Neighbour right) => right < left;

    /// <summary>Whether the left one comes first, or is the same.</summary>
    public static bool operator <=(Neighbour left, Neighbour right) => !(right < left);

    /// <summary>Whether the left one comes last, or is the same.</summary>
    public static bool operator >=(Neighbour left, Neighbour right) => !(left < right);
}

using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>
/// What is known of the entries that match: the least set has only matches, the most set has all of them. They are one object when the answer is exact. Sets are owned: each operation changes
/// or takes over those of both operands.
/// </summary>
internal readonly record struct MatchBounds(OrdinalSet Least, OrdinalSet Most)
{
    public bool IsExact => ReferenceEquals(Least, Most);

    public static MatchBounds Exact(OrdinalSet set) => new(set, set);

    public MatchBounds And(MatchBounds other)
    {
        var isExact = IsExact && other.IsExact;
        var least = isExact ? Most : Own(this);
        Most.IntersectWith(other.Most);
        if (!isExact) least.IntersectWith(other.Least);
        return new MatchBounds(least, Most);
    }

    public MatchBounds Or(MatchBounds other)
    {
        var isExact = IsExact && other.IsExact;
        var least = isExact ? Most : Own(this);
        Most.UnionWith(other.Most);
        if (!isExact) least.UnionWith(other.Least);
        return new MatchBounds(least, Most);
    }

    /// <summary>What of the universe does not match: that of a superset is a subset, so the bounds change places.</summary>
    public MatchBounds Not(OrdinalSet universe)
    {
        var least = new OrdinalSet(universe);
        least.ExceptWith(Most);
        if (IsExact) return Exact(least);
        var most = new OrdinalSet(universe);
        most.ExceptWith(Least);
        return new MatchBounds(least, most);
    }

    private static OrdinalSet Own(MatchBounds bounds) => bounds.IsExact ? new OrdinalSet(bounds.Least) : bounds.Least;
}

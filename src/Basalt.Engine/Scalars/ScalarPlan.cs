using Basalt.Filters;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>What a filter finds in a table.</summary>
/// <param name="Sure">Entries that match.</param>
/// <param name="Possible">All entries that match, and perhaps more; the same object as <paramref name="Sure"/> when nothing is left to test.</param>
/// <param name="Residual">What an entry of <paramref name="Possible"/> that is not in <paramref name="Sure"/> has to satisfy to match; it holds for those in it. <see cref="Filter.True"/> when nothing is left.</param>
internal sealed record ScalarMatches(OrdinalSet Sure, OrdinalSet Possible, Filter Residual)
{
    public bool IsExact => ReferenceEquals(Sure, Possible);
}

/// <summary>
/// A filter over the scalar indexes of one table. Leaves without an index, and entries whose values an index does not know in full, make the answer two sets, one within the other, with the truth between;
/// so a superset is never negated into a wrong answer. One thread.
/// </summary>
internal sealed class ScalarPlan
{
    // What is guessed of leaves that no count is known of: planners have guessed about so since System R (Selinger et al., 1979).
    private const double ShareOfUnindexed = 1 / 3d;
    private const double ShareOfTested = 1 / 10d;

    private readonly Filter _filter;
    private readonly Func<FieldPath, ScalarSection?> _sections;
    private readonly OrdinalSet _universe;

    /// <summary>A plan.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="sections">The section of a path, or null when it has none.</param>
    /// <param name="universe">The entries of the table that are no tombstones: nothing else is found. Its capacity is the number of entries.</param>
    public ScalarPlan(Filter filter, Func<FieldPath, ScalarSection?> sections, OrdinalSet universe)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(sections);
        ArgumentNullException.ThrowIfNull(universe);
        (_filter, _sections, _universe) = (filter, sections, universe);
    }

    /// <summary>The entries that match.</summary>
    public ScalarMatches Find()
    {
        var residual = new List<Filter>();
        var bounds = _filter is AndFilter and ? Join(and, residual) : Evaluate(_filter);
        if (_filter is not AndFilter && !bounds.IsExact) residual.Add(_filter);
        bounds.Most.IntersectWith(_universe);
        if (!bounds.IsExact) bounds.Least.IntersectWith(_universe);
        // Bounds that meet say that nothing is left, whatever the terms.
        return bounds.Least.Count == bounds.Most.Count ? new ScalarMatches(bounds.Most, bounds.Most, Filter.True) : new ScalarMatches(bounds.Least, bounds.Most, Filter.And(residual));
    }

    /// <summary>How many entries match, from the indexes of blocks alone. The bounds are always true.</summary>
    public MatchEstimate Estimate() => Estimate(_filter);

    private MatchBounds Join(AndFilter and, List<Filter>? residual)
    {
        // The most selective first, and nothing is looked up once nothing can be found.
        MatchBounds? joined = null;
        foreach (var term in and.Terms.OrderBy(term => Estimate(term).Expected))
        {
            if (joined is { Most.Count: 0 }) break;
            var bounds = Evaluate(term);
            if (!bounds.IsExact) residual?.Add(term);
            joined = joined?.And(bounds) ?? bounds;
        }

        return joined!.Value;
    }

    private MatchBounds Evaluate(Filter filter)
    {
        switch (filter)
        {
            case ConstantFilter constant: return MatchBounds.Exact(constant.Value ? new OrdinalSet(_universe) : new OrdinalSet(_universe.Capacity));
            case LeafFilter leaf: return Evaluate(leaf);
            case NotFilter not: return Evaluate(not.Inner).Not(_universe);
            case AndFilter and: return Join(and, null);
            case OrFilter or: return or.Terms.Select(Evaluate).Aggregate(static (left, right) => left.Or(right));
            default: throw new InvalidOperationException($"No plan for {filter.GetType().Name}.");
        }
    }

    private MatchBounds Evaluate(LeafFilter leaf)
    {
        if (SectionOf(leaf) is not { } section) return new MatchBounds(new OrdinalSet(_universe.Capacity), new OrdinalSet(_universe));
        var found = new OrdinalSet(_universe.Capacity);
        var unsure = section.Find(leaf, found);
        if (unsure is null) return MatchBounds.Exact(found);
        var most = new OrdinalSet(found);
        most.UnionWith(unsure);
        return new MatchBounds(found, most);
    }

    private MatchEstimate Estimate(Filter filter) => filter switch
    {
        ConstantFilter { Value: true } => new MatchEstimate(_universe.Count, _universe.Count, _universe.Count),
        ConstantFilter => default,
        LeafFilter leaf => Estimate(leaf),
        NotFilter not => Estimate(not.Inner).Not(_universe.Count),
        AndFilter and => MatchEstimate.And(and.Terms.Select(Estimate), _universe.Count),
        OrFilter or => MatchEstimate.Or(or.Terms.Select(Estimate), _universe.Count),
        _ => throw new InvalidOperationException($"No plan for {filter.GetType().Name}."),
    };

    private MatchEstimate Estimate(LeafFilter leaf)
    {
        if (SectionOf(leaf) is not { } section) return MatchEstimate.Of(0, _universe.Count * ShareOfUnindexed, _universe.Count);
        var (least, most) = section.Estimate(leaf);
        // The section counts tombstones as nulls; all of what is outside of the universe may be among what it counts.
        long outside = section.Entries - _universe.Count;
        var isNull = leaf is NullFilter { Negated: false };
        var expected = least + (most - least) * (leaf is LikeFilter { Negated: true } ? 1 - ShareOfTested : ShareOfTested);
        return MatchEstimate.Of(Math.Max(0, least - outside), isNull ? expected - outside : expected, Math.Min(most, _universe.Count));
    }

    private ScalarSection? SectionOf(LeafFilter leaf)
    {
        if (_sections(leaf.Path) is not { } section || ScalarSection.Supports(leaf) != Backends.FilterSupport.Exact) return null;
        return section.Entries == _universe.Capacity ? section : throw new InvalidOperationException($"The section of {leaf.Path} is of {section.Entries} entries, the universe of {_universe.Capacity}.");
    }
}

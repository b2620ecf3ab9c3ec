using Basalt.Backends;
using Basalt.Filters;

namespace Basalt.Queries;

/// <summary>
/// Splits a query into what the backend answers and what remains. The rule that keeps answers right: a limit is pushed only when the whole
/// filter and the order are exact at the backend.
/// </summary>
internal static class QueryPlanner
{
    public static QueryPlan Plan(Query query, Capabilities capabilities, string collection, Func<LeafFilter, FilterSupport> supports)
    {
        var split = Split(query.Filter, supports);
        var cursor = query.Cursor is null ? null : Cursor.Read(query);
        var sortsByKeys = query.Sort.Count > 0;
        var backendSorts = sortsByKeys && capabilities.Sorts;
        var doorSorts = sortsByKeys && !backendSorts;
        var exact = split.Residual == Filter.True && !doorSorts;
        var pushed = new PushedQuery
        {
            Filter = split.Pushed,
            Sort = backendSorts ? query.Sort : [],
            AnyOrder = doorSorts,
            Limit = exact && query.Limit is { } limit ? Sum(limit, query.Offset) : null,
            AfterId = doorSorts ? null : cursor?.Id,
            AfterKeys = backendSorts ? cursor?.Keys : null,
            Fields = NeededFields(query, split.Residual, doorSorts),
        };
        return new QueryPlan(capabilities.Scheme, collection, query, pushed, split.Residual, doorSorts ? Place.Door : Place.Backend);
    }

    /// <summary>The pushed part matches everything that the filter matches; together with the residual part it matches nothing else.</summary>
    internal static (Filter Pushed, Filter Residual) Split(Filter filter, Func<LeafFilter, FilterSupport> supports)
    {
        if (filter is not AndFilter and)
        {
            var (pushed, isExact) = Push(filter, supports);
            return (pushed, isExact ? Filter.True : filter);
        }

        var parts = and.Terms.Select(term => Split(term, supports)).ToList();
        return (Filter.And(parts.Select(static p => p.Pushed).Where(static p => p != Filter.True)),
            Filter.And(parts.Select(static p => p.Residual).Where(static p => p != Filter.True)));
    }

    /// <summary>The largest condition that the backend can answer and that the filter implies, and whether it is the filter itself.</summary>
    private static (Filter Pushed, bool IsExact) Push(Filter filter, Func<LeafFilter, FilterSupport> supports)
    {
        switch (filter)
        {
            case ConstantFilter:
                return (filter, true);
            case LeafFilter leaf:
                var support = supports(leaf);
                return (support == FilterSupport.None ? Filter.True : leaf, support == FilterSupport.Exact);
            case NotFilter not:
                // The complement of a superset is a subset: only an exact inner part can be negated at the backend.
                return Push(not.Inner, supports).IsExact ? (filter, true) : (Filter.True, false);
            case AndFilter and:
                var terms = and.Terms.Select(term => Push(term, supports)).ToList();
                return (Filter.And(terms.Select(static t => t.Pushed).Where(static p => p != Filter.True)), terms.TrueForAll(static t => t.IsExact));
            case OrFilter or:
                var branches = or.Terms.Select(term => Push(term, supports)).ToList();
                return branches.Exists(static b => b.Pushed == Filter.True)
                    ? (Filter.True, false)
                    : (Filter.Or(branches.Select(static b => b.Pushed)), branches.TrueForAll(static b => b.IsExact));
            default:
                throw new InvalidOperationException($"No plan for {filter.GetType().Name}.");
        }
    }

    private static List<FieldPath>? NeededFields(Query query, Filter residual, bool needsSortKeys)
    {
        if (query.Fields is null) return null;
        var needed = new HashSet<FieldPath>(query.Fields);
        foreach (var leaf in Leaves(residual)) needed.Add(leaf.Path);
        if (needsSortKeys || query.Limit is not null) needed.UnionWith(query.Sort.Select(static k => k.Path));
        return [.. needed];
    }

    internal static IEnumerable<LeafFilter> Leaves(Filter filter) => filter switch
    {
        LeafFilter leaf => [leaf],
        NotFilter not => Leaves(not.Inner),
        AndFilter and => and.Terms.SelectMany(Leaves),
        OrFilter or => or.Terms.SelectMany(Leaves),
        _ => [],
    };

    // One more than the page, so that the door knows whether another page follows.
    private static long Sum(long limit, long offset) => limit > long.MaxValue - offset - 1 ? long.MaxValue : limit + offset + 1;
}

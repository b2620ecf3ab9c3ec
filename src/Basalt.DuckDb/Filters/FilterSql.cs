using Basalt.Backends;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Tables;
using Basalt.Filters;

namespace Basalt.DuckDb.Filters;

/// <summary>A pushed filter as a condition in SQL. It matches everything that the filter does; and nothing else when it is exact.</summary>
/// <param name="Sql">The condition.</param>
/// <param name="Parameters">Its parameters, in order.</param>
/// <param name="IsExact">Whether it matches nothing else.</param>
internal sealed record FilterSql(string Sql, IReadOnlyList<Parameter> Parameters, bool IsExact)
{
    /// <summary>Translates a filter. What the layout cannot answer any more, as a write came between, is left out where that only lets more pass.</summary>
    public static FilterSql Translate(TableLayout layout, Filter filter)
    {
        var parameters = new List<Parameter>();
        var (sql, isExact) = Translate(layout, filter, parameters);
        return new FilterSql(sql, parameters, isExact);
    }

    private static (string Sql, bool IsExact) Translate(TableLayout layout, Filter filter, List<Parameter> parameters)
    {
        switch (filter)
        {
            case ConstantFilter constant: return (constant.Value ? "TRUE" : "FALSE", true);
            case LeafFilter leaf:
                var (support, condition) = LeafSql.Translate(layout, leaf, parameters);
                return support == FilterSupport.None ? ("TRUE", false) : (condition, support == FilterSupport.Exact);
            case NotFilter not:
                var before = parameters.Count;
                var (inner, isExact) = Translate(layout, not.Inner, parameters);
                // What is not true is false or null; both are what a complement matches.
                if (isExact) return ($"({inner}) IS NOT TRUE", true);
                parameters.RemoveRange(before, parameters.Count - before);
                return ("TRUE", false);
            case AndFilter and: return Join(layout, and.Terms, " AND ", parameters);
            case OrFilter or: return Join(layout, or.Terms, " OR ", parameters);
            default: throw new InvalidOperationException($"No SQL for {filter.GetType().Name}.");
        }
    }

    private static (string Sql, bool IsExact) Join(TableLayout layout, IReadOnlyList<Filter> terms, string word, List<Parameter> parameters)
    {
        var parts = terms.Select(term => Translate(layout, term, parameters)).ToList();
        return ($"({string.Join(word, parts.Select(static part => part.Sql))})", parts.TrueForAll(static part => part.IsExact));
    }
}

namespace Basalt.Engine.Scalars;

/// <summary>How many entries match: at least, at most, and about, where terms are taken to be independent of each other.</summary>
internal readonly record struct MatchEstimate(long Least, double Expected, long Most)
{
    /// <summary>All terms of so many entries.</summary>
    public static MatchEstimate And(IEnumerable<MatchEstimate> terms, long universe)
    {
        var (least, share, most) = (universe, 1d, universe);
        foreach (var term in terms)
        {
            // Terms leave out at most what each leaves out.
            least -= universe - term.Least;
            most = Math.Min(most, term.Most);
            share *= Share(term.Expected, universe);
        }

        return Of(Math.Max(0, least), share * universe, most);
    }

    /// <summary>Any term of so many entries.</summary>
    public static MatchEstimate Or(IEnumerable<MatchEstimate> terms, long universe)
    {
        var (least, rest, most) = (0L, 1d, 0L);
        foreach (var term in terms)
        {
            least = Math.Max(least, term.Least);
            most += term.Most;
            rest *= 1 - Share(term.Expected, universe);
        }

        return Of(least, (1 - rest) * universe, Math.Min(most, universe));
    }

    public MatchEstimate Not(long universe) => new(universe - Most, universe - Expected, universe - Least);

    public static MatchEstimate Of(long least, double expected, long most) => new(least, Math.Clamp(expected, least, most), most);

    private static double Share(double expected, long universe) => universe == 0 ? 0 : expected / universe;
}

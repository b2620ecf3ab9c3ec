using System.Globalization;
using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;

namespace Basalt.Engine.Searching;

/// <summary>How the records of a query are found.</summary>
internal enum QueryWay
{
    /// <summary>By reading all of them in the order of ids.</summary>
    Scan,

    /// <summary>By the indexes of what the filter names.</summary>
    ByFilter,

    /// <summary>By walking over an index in the order of the sort.</summary>
    ByOrder,
}

/// <summary>The way that costs least, as far as counts of indexes and a sample of records tell.</summary>
/// <param name="Way">The way.</param>
/// <param name="Index">What is walked over, of <see cref="QueryWay.ByOrder"/>.</param>
/// <param name="Looks">About how many records are read.</param>
internal sealed record QueryRoute(QueryWay Way, IndexEntry? Index, double Looks)
{
    // What things cost, in the time of passing a record in a scan of all (weights fitted by hand to the queries of bench/README.md). What is not in the cache costs more, in a scan and elsewhere.
    private const double LookCost = 5;
    private const double StepCost = 0.02;
    private const double SortCost = 4;
    private const double SpillCost = 20;

    /// <summary>What it costs to look whether the entry of a key counts.</summary>
    public const double KeyCost = 3;

    /// <summary>About so many records are sorted before they are spilled to disk.</summary>
    private const double MostUnspilled = 200_000;

    /// <summary>A look into tables that do not fit into the memory costs so many times as much.</summary>
    private const double UncachedCost = 5;

    /// <summary>So many records are looked at in vain, as a share of all, before a walk over an index ends and all are read: together that costs at most twice the scan.</summary>
    public const double MostMissed = 1 / LookCost;

    /// <summary>Beyond this share of all entries a scan of everything is cheaper: it reads blocks in order and looks nothing up.</summary>
    private const double MostShare = 0.15;

    public static QueryRoute Choose(EngineCollection collection, SearchView view, HeldSections held, Matching matching, PushedQuery query)
    {
        var isCached = view.Tables.Sum(static table => table.Size) <= collection.Tree.Store.Memory.Limit / 2;
        var all = view.Count;
        var expected = Expected(view, matching);
        var scan = new QueryRoute(QueryWay.Scan, null, all);
        if (query.Sort.Count == 0) return expected <= all * MostShare ? new QueryRoute(QueryWay.ByFilter, null, Math.Min(expected.Value, query.Limit ?? double.MaxValue)) : scan;

        var matches = query.Filter == Filter.True ? all : expected ?? Sampled(view, matching);
        var sort = query.Limit <= QueryExecution.LargestHeap ? 0 : matches <= MostUnspilled ? SortCost : SpillCost;
        var look = LookCost * (isCached ? 1 : UncachedCost);
        var (best, cost) = (scan, all + matches * sort);
        if (expected is { } few && few * (look + sort) < cost) (best, cost) = (new QueryRoute(QueryWay.ByFilter, null, few), few * (look + sort));
        if (IndexOf(collection, query.Sort[0].Path) is not { } index || Group(view, held, index, query) is not { } group) return best;

        var wanted = Math.Min(query.Limit ?? double.MaxValue, matches) + group;
        var walked = Math.Min(all, wanted * all / Math.Max(1, matches));
        var looks = expected is null ? walked : Math.Min(wanted, expected.Value);
        return looks * look + walked * StepCost < cost ? new QueryRoute(QueryWay.ByOrder, index, looks) : best;
    }

    /// <summary>The way in words.</summary>
    public string Describe(PushedQuery query)
    {
        var sort = query.Sort.Count == 0 ? "" : query.Limit <= QueryExecution.LargestHeap ? $", of which the first {query.Limit} are kept" : ", sorted";
        var looks = Looks.ToString("N0", CultureInfo.InvariantCulture);
        return Way switch
        {
            QueryWay.ByFilter => $"scalar indexes find about {looks} records{sort}",
            QueryWay.ByOrder => $"{Index!.Definition.Name} in order{(query.Sort[0].Descending ? ", backwards" : "")}, about {looks} records read",
            _ => $"all of about {looks} records are read{sort}",
        };
    }

    /// <summary>How many entries match as indexes tell, and as many of what is in memory in proportion; null when they do not tell.</summary>
    private static double? Expected(SearchView view, Matching matching)
    {
        if (!matching.IsIndexed) return null;
        var (expected, entries) = (0.0, 0L);
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (matching.Estimate(part) is not { } estimate) return null;
            (expected, entries) = (expected + estimate, entries + view.Tables[part].Entries);
        }

        return entries == 0 ? view.MemoryCount : expected + view.MemoryCount * (expected / entries);
    }

    private static double Sampled(SearchView view, Matching matching) => view.MemoryCount + Enumerable.Range(0, view.Tables.Count).Sum(part => view.Tables[part].Entries * matching.Share(part));

    private static IndexEntry? IndexOf(EngineCollection collection, FieldPath path) => collection.Indexes.FirstOrDefault(index => index.IsOf(IndexKind.Scalar, path));

    /// <summary>How many records share the first key, where others break its ties; null when a table has nothing of the index.</summary>
    private static double? Group(SearchView view, HeldSections held, IndexEntry index, PushedQuery query)
    {
        var group = 0.0;
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (held.Of(part, index)?.Scalars is not { } section) return null;
            if (query.Sort.Count > 1) group += (double)section.Entries / (section.Distinct + 1);
        }

        return group;
    }
}

using System.Buffers;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>
/// Which entries of the tables of a view may match its filter: by scalar indexes where there are any for it. Entries that are deleted or superseded are not told apart, and tombstones may be among
/// them; whoever finds one by this looks at its record.
/// </summary>
internal sealed class Matching(EngineCollection collection, SearchView view, HeldSections held)
{
    /// <summary>Where fewer of a sample match, looking at the field of every record is cheaper than looking at the records that are found.</summary>
    private const double FewMatch = 0.05;
    private const int SampleSize = 128;

    private readonly Dictionary<int, ScalarPlan?> _plans = [];
    private readonly Dictionary<int, ScalarMatches?> _matches = [];
    private readonly Dictionary<int, double> _shares = [];
    private readonly Dictionary<int, OrdinalSet?> _forSearch = [];
    private readonly IndexEntry[] _indexes = view.Filter == Filter.True ? [] : [.. IndexesFor(collection, view.Filter)];

    /// <summary>Whether an index can say anything of the filter.</summary>
    public bool IsIndexed => _indexes.Length > 0;

    /// <summary>About how many entries of a part match: null when no index tells.</summary>
    public double? Estimate(int part) => Plan(part) is { } plan ? plan.Estimate().Expected : null;

    /// <summary>The entries of a part that may match; null for all of them.</summary>
    public OrdinalSet? Of(int part) => Find(part) is { } found && found.Possible.Count < found.Possible.Capacity ? found.Possible : null;

    /// <summary>The entries of a part that match, when indexes know all of the filter; else null.</summary>
    public OrdinalSet? Exactly(int part) => Find(part) is { IsExact: true } found ? found.Sure : null;

    /// <summary>The share of the entries of a part that match, by looking at some of them.</summary>
    public double Share(int part)
    {
        if (!_shares.TryGetValue(part, out var share)) _shares.Add(part, share = Sample(part));
        return share;
    }

    /// <summary>The same for a search that asks few records: without an index that helps, every record is looked at when few match.</summary>
    public OrdinalSet? ForSearch(int part)
    {
        if (view.Filter == Filter.True) return null;
        // A search by vector and text asks twice.
        if (!_forSearch.TryGetValue(part, out var found)) _forSearch.Add(part, found = FindForSearch(part));
        return found;
    }

    private OrdinalSet? FindForSearch(int part) => Of(part) ?? (view.Filter != Filter.True && Share(part) < FewMatch ? Scan(part) : null);

    private ScalarMatches? Find(int part)
    {
        if (!_matches.TryGetValue(part, out var found)) _matches.Add(part, found = view.Filter == Filter.True ? null : Plan(part)?.Find());
        return found;
    }

    /// <summary>Made once for a part: estimates and answers come of the same.</summary>
    private ScalarPlan? Plan(int part)
    {
        if (!_plans.TryGetValue(part, out var plan)) _plans.Add(part, plan = MakePlan(part));
        return plan;
    }

    private ScalarPlan? MakePlan(int part)
    {
        if (_indexes.Length == 0) return null;
        var sections = _indexes.Select(index => (index.Definition.Path, Section: held.Of(part, index)?.Scalars)).Where(static pair => pair.Section is not null).ToDictionary(static pair => pair.Path, static pair => pair.Section);
        if (sections.Count == 0) return null;
        var universe = new OrdinalSet(checked((int)view.Tables[part].Entries));
        universe.Complement();
        return new ScalarPlan(view.Filter, sections.GetValueOrDefault, universe);
    }

    /// <summary>The share of some records of a part, spread over it, that match.</summary>
    private double Sample(int part)
    {
        var table = view.Tables[part];
        var (matches, asked) = (0, 0);
        var (key, value) = (new ArrayBufferWriter<byte>(64), new ArrayBufferWriter<byte>(1024));
        var step = Math.Max(1, table.Entries / SampleSize);
        for (var ordinal = table.FirstOrdinal; ordinal < table.Entries; ordinal += step)
        {
            key.ResetWrittenCount();
            value.ResetWrittenCount();
            if (!table.TryRead(ordinal, key, value)) continue;
            asked++;
            if (view.Matches(key.WrittenSpan, value.WrittenSpan)) matches++;
        }

        return asked == 0 ? 1 : (double)matches / asked;
    }

    private OrdinalSet Scan(int part)
    {
        var table = view.Tables[part];
        var found = new OrdinalSet(checked((int)table.Entries));
        var cursor = table.Scan();
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 1024 == 0) view.CancellationToken.ThrowIfCancellationRequested();
            if (!cursor.IsTombstone && view.Matches(cursor.Key, cursor.Value)) found.Add((int)cursor.Ordinal);
        }

        return found;
    }

    private static IEnumerable<IndexEntry> IndexesFor(EngineCollection collection, Filter filter)
    {
        var paths = QueryPlanner.Leaves(filter).Select(static leaf => leaf.Path).ToHashSet();
        return collection.Indexes.Where(index => index.Kind == IndexKind.Scalar && paths.Contains(index.Definition.Path));
    }
}

using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>
/// The records that match a filter, found by scalar indexes, in the order of ids: the candidates of every table are walked together, and each record is looked at once more before it is
/// given. One thread. Dispose of it.
/// </summary>
internal sealed class IndexedScan : IDisposable
{
    /// <summary>Beyond this share of all entries a scan of everything is cheaper: it reads blocks in order and looks nothing up.</summary>
    private const double MostShare = 0.15;

    private readonly SearchView _view;
    private readonly HeldSections _held;
    private readonly List<OrdinalSet> _candidates;
    private readonly string? _after;

    private IndexedScan(SearchView view, HeldSections held, List<OrdinalSet> candidates, string? after) => (_view, _held, _candidates, _after) = (view, held, candidates, after);

    /// <summary>A scan by indexes; null when there are none for the filter, or when too much would match for it to be worth it.</summary>
    public static IndexedScan? Open(EngineCollection collection, LsmStore store, SectionCache sections, PushedQuery query, CancellationToken cancellationToken)
    {
        if (query.Filter == Filter.True || collection.Indexes.Count == 0) return null;
        var view = new SearchView(collection, store, query.Filter, cancellationToken);
        HeldSections? held = null;
        try
        {
            held = new HeldSections(sections, view.Tables);
            var matching = new Matching(collection, view, held);
            if (matching.IsIndexed && Candidates(view, matching) is { } candidates) return new IndexedScan(view, held, candidates, query.AfterId);
        }
        catch
        {
            held?.Dispose();
            view.Dispose();
            throw;
        }

        held.Dispose();
        view.Dispose();
        return null;
    }

    /// <summary>The matches.</summary>
    public IEnumerable<Record> Records()
    {
        var order = Comparer<string>.Create(static (left, right) => Text.Compare(left, right));
        var sources = new PriorityQueue<IEnumerator<Record>, string>(order);
        try
        {
            foreach (var source in Enumerable.Range(0, _candidates.Count).Select(Part).Append(_view.Tail))
                Offer(sources, source.GetEnumerator());
            while (sources.TryDequeue(out var next, out _))
            {
                var record = next.Current;
                Offer(sources, next);
                if (_after is null || Text.Compare(record.Id, _after) > 0) yield return record;
            }
        }
        finally
        {
            foreach (var (left, _) in sources.UnorderedItems) left.Dispose();
        }
    }

    public void Dispose()
    {
        _held.Dispose();
        _view.Dispose();
    }

    private static void Offer(PriorityQueue<IEnumerator<Record>, string> sources, IEnumerator<Record> source)
    {
        if (source.MoveNext()) sources.Enqueue(source, source.Current.Id);
        else source.Dispose();
    }

    private IEnumerable<Record> Part(int part)
    {
        var candidates = _candidates[part];
        for (var ordinal = candidates.Next(0); ordinal >= 0; ordinal = candidates.Next(ordinal + 1))
            if (_view.ReadOnce(part, ordinal) is { } record) yield return record;
    }

    /// <summary>What may match in each table; null when it is too much, or a table has no index yet.</summary>
    private static List<OrdinalSet>? Candidates(SearchView view, Matching matching)
    {
        var (all, expected) = (0L, 0.0);
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (matching.Estimate(part) is not { } estimate) return null;
            (all, expected) = (all + view.Tables[part].Entries, expected + estimate);
        }

        if (all == 0 || expected > all * MostShare) return null;
        var candidates = new List<OrdinalSet>();
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (matching.Of(part) is not { } found) return null;
            candidates.Add(found);
        }

        return candidates.Sum(static found => (long)found.Count) > all * MostShare * 2 ? null : candidates;
    }
}

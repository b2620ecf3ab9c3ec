using Basalt.Backends;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Transactions;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Engine.Searching;

/// <summary>
/// What a query finds in a collection as of a snapshot, under what a transaction wrote: by the way that costs least, with the same answer by any. One thread at a time. Dispose of it
/// before the snapshot.
/// </summary>
internal sealed class CollectionQuery : IDisposable
{
    private readonly EngineCollection _collection;
    private readonly PushedQuery _query;
    private readonly LsmSnapshot _snapshot;
    private readonly OwnWrites? _own;
    private readonly CancellationToken _cancellationToken;
    private readonly SearchView _view;
    private readonly HeldSections _held;
    private readonly Matching _matching;

    /// <param name="collection">The collection.</param>
    /// <param name="query">What is asked.</param>
    /// <param name="snapshot">As of when; the caller's.</param>
    /// <param name="own">What a transaction wrote to the collection; null for nothing.</param>
    /// <param name="sections">Where sections of indexes are kept open.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public CollectionQuery(EngineCollection collection, PushedQuery query, LsmSnapshot snapshot, OwnWrites? own, SectionCache sections, CancellationToken cancellationToken)
    {
        (_collection, _query, _snapshot, _own, _cancellationToken) = (collection, query, snapshot, own, cancellationToken);
        _view = new SearchView(collection, snapshot, own, query.Filter, query.Fields?.Concat(query.Sort.Select(static key => key.Path)), cancellationToken);
        _held = new HeldSections(sections, _view.Tables);
        try
        {
            _matching = new Matching(collection, _view, _held);
            Route = collection.Indexes.Count == 0 ? new QueryRoute(QueryWay.Scan, null, _view.Count) : QueryRoute.Choose(collection, _view, _held, _matching, query);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How it is answered.</summary>
    public QueryRoute Route { get; }

    /// <summary>The matches in the order that is asked for; called once. There may be more than the limit asks for.</summary>
    public IEnumerable<Record> Records() => Route.Way switch
    {
        QueryWay.ByOrder => Ordered(Route.Index!),
        QueryWay.ByFilter => QuerySort.Sort(IndexedScan.Records(_view, _matching, _query.AfterKeys is null ? _query.AfterId : null), _query, _cancellationToken),
        _ => Scanned(_query),
    };

    /// <summary>How many match, whatever the limit: counted in indexes where these know the filter, by keys or fields where they do not.</summary>
    public long Count()
    {
        if (CountIndexed() is { } counted) return counted;
        if (Route.Way == QueryWay.ByFilter) return IndexedScan.Records(_view, _matching, null).LongCount();
        using var scan = new CollectionScan(_collection, _query, _snapshot, _own, _cancellationToken);
        return scan.Count();
    }

    public void Dispose() => _held.Dispose();

    private IEnumerable<Record> Scanned(PushedQuery query)
    {
        using var scan = new CollectionScan(_collection, query, _snapshot, _own, _cancellationToken);
        var isFew = query.Sort.Count > 0 && query.Limit <= QueryExecution.LargestHeap;
        var records = isFew ? scan.First((int)query.Limit!.Value, new RecordOrder(query.Sort), QuerySort.PlaceOf(query)) : QuerySort.Sort(scan.Records(), query, _cancellationToken);
        foreach (var record in records) yield return record;
    }

    private IEnumerable<Record> Ordered(IndexEntry index)
    {
        var scan = OrderedScan.Open(_view, _held, _matching, index, _query) ?? throw new InvalidOperationException($"A table has nothing of {index.Definition.Name}, which was there when the way was chosen.");
        var (last, given) = ((Record?)null, 0L);
        foreach (var record in scan.Records())
        {
            (last, given) = (record, given + 1);
            yield return record;
        }

        if (!scan.IsGivenUp) yield break;
        // What is left, behind the last one.
        var rest = last is null ? _query : _query with { AfterId = last.Id, AfterKeys = [.. _query.Sort.Select(key => key.Path.Resolve(last))] };
        foreach (var record in Scanned(rest with { Limit = _query.Limit - given })) yield return record;
    }

    private long? CountIndexed()
    {
        if (_query.Filter == Filter.True || !_matching.IsIndexed) return null;
        // A key is looked up for about what it costs to read the record, where that is not needless.
        var keys = 0L;
        for (var part = 0; part < _view.Tables.Count; part++)
        {
            if (_matching.Exactly(part) is not { } found) return null;
            if (!IsAllAlive(part)) keys += found.Count;
        }

        if (keys * QueryRoute.KeyCost > _view.Count) return null;
        var count = (long)_view.Tail.Count;
        for (var part = 0; part < _view.Tables.Count; part++)
        {
            var found = _matching.Exactly(part)!;
            if (IsAllAlive(part)) count += found.Count;
            else
                for (var ordinal = found.Next(0); ordinal >= 0; ordinal = found.Next(ordinal + 1))
                    if (_view.IsAlive(part, ordinal)) count++;
        }

        return count;
    }

    /// <summary>Whether every entry of a part that matches counts. A tombstone is in indexes as what has no value, and may be among them.</summary>
    private bool IsAllAlive(int part)
    {
        var table = _view.Tables[part];
        return table.Expiring == 0 && (_view.IsNewestOfAll(part) || _view.HasNoDead) && (table.Tombstones == 0 || !_query.Filter.Matches(new Record()));
    }
}

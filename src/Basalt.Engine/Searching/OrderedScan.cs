using Basalt.Backends;
using Basalt.Engine.Indexes;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Engine.Searching;

/// <summary>
/// The records that match, in the order of sort keys of which the first is indexed: the sources are walked together, and a record is read when its turn has come. Records that share
/// the first key, or whose key does not hold all of the value, are sorted among themselves. One thread.
/// </summary>
internal sealed class OrderedScan
{
    private readonly SearchView _view;
    private readonly PushedQuery _query;
    private readonly RecordOrder _order;
    private readonly Cursor? _after;
    private readonly List<OrderedSource> _sources;
    private long _missed;

    private OrderedScan(SearchView view, PushedQuery query, List<OrderedSource> sources) =>
        (_view, _query, _order, _after, _sources) = (view, query, new RecordOrder(query.Sort), QuerySort.PlaceOf(query), sources);

    /// <summary>The scan; null when a table has nothing of the index yet.</summary>
    /// <param name="view">What is scanned; it reads the sort keys of records.</param>
    /// <param name="held">The sections of its tables.</param>
    /// <param name="matching">What may match.</param>
    /// <param name="index">Of the path of the first sort key.</param>
    /// <param name="query">With sort keys.</param>
    public static OrderedScan? Open(SearchView view, HeldSections held, Matching matching, IndexEntry index, PushedQuery query)
    {
        var (key, keys) = (query.Sort[0], new KeyWriter());
        var from = query.AfterKeys is { } after ? KeyOf(keys, after[0]) : null;
        var start = from is not null && query.Sort.Count == 1 && !KeyWriter.IsCut(from) ? (from, query.AfterId!) : ((byte[], string)?)null;
        var leaf = LeafOf(view.Filter, key.Path);
        var sources = new List<OrderedSource>();
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (held.Of(part, index)?.Scalars is not { } section) return null;
            var within = leaf is null ? null : section.Walk(leaf, key.Descending, from);
            // The walk over what a leaf means is all that is to know of it.
            var candidates = within is not null && view.Filter is LeafFilter ? null : matching.Of(part);
            sources.Add(new OrderedTable(view, part, within ?? section.Walk(key.Descending, from), candidates, start));
        }

        var tail = view.TailBy(query.Sort, QuerySort.PlaceOf(query), query.Limit ?? long.MaxValue);
        sources.Add(new OrderedTail([.. tail.Select(record => (KeyOf(keys, key.Path.Resolve(record)), record))]));
        return new OrderedScan(view, query, sources);
    }

    /// <summary>Whether it ended early, as so many records that it looked at did not match that a scan of all costs less.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>The leaf of a path that every match satisfies, if there is one.</summary>
    public static LeafFilter? LeafOf(Filter filter, FieldPath path) => filter switch
    {
        LeafFilter leaf when leaf.Path.Equals(path) && ScalarSection.Supports(leaf) == FilterSupport.Exact => leaf,
        AndFilter and => and.Terms.OfType<LeafFilter>().FirstOrDefault(leaf => leaf.Path.Equals(path) && ScalarSection.Supports(leaf) == FilterSupport.Exact),
        _ => null,
    };

    /// <summary>The matches behind the place of the query, in order.</summary>
    public IEnumerable<Record> Records()
    {
        _sources.RemoveAll(static source => !source.Move());
        var (left, mostMissed) = (_query.Limit ?? long.MaxValue, _view.Count * QueryRoute.MostMissed);
        while (left > 0 && First() is { } source)
        {
            IsGivenUp = _missed > mostMissed;
            if (IsGivenUp) yield break;
            if (_query.Sort.Count > 1 || KeyWriter.IsCut(source.Key))
            {
                foreach (var record in QuerySort.Take(Of(source.Key.ToArray()), _order, left, _view.CancellationToken))
                {
                    yield return record;
                    if (--left == 0) yield break;
                }

                continue;
            }

            var next = Read(source);
            Step(source);
            if (next is null) continue;
            yield return next;
            left--;
        }
    }

    /// <summary>The source whose candidate is the next; null at the end.</summary>
    private OrderedSource? First()
    {
        OrderedSource? first = null;
        foreach (var source in _sources)
            if (first is null || Compare(source, first) < 0) first = source;
        return first;
    }

    private int Compare(OrderedSource left, OrderedSource right)
    {
        var order = left.Key.SequenceCompareTo(right.Key);
        if (order != 0) return _query.Sort[0].Descending ? -order : order;
        return Text.Compare(left.Id, right.Id);
    }

    private void Step(OrderedSource source)
    {
        if (!source.Move()) _sources.Remove(source);
    }

    private IEnumerable<Record> Of(byte[] key)
    {
        foreach (var source in _sources.ToArray())
        {
            while (source.Key.SequenceEqual(key))
            {
                if (Read(source) is { } record) yield return record;
                if (source.Move()) continue;
                _sources.Remove(source);
                break;
            }
        }
    }

    /// <summary>The candidate, if it counts and is behind the place of the query.</summary>
    private Record? Read(OrderedSource source)
    {
        var record = source.Read();
        if (record is null) _missed++;
        return record is null || _after is null || _order.Compare(record, _after) > 0 ? record : null;
    }

    private static byte[] KeyOf(KeyWriter keys, Value value) => value.IsNull ? [] : keys.Write(value).ToArray();
}

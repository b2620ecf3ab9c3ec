using System.Text;
using Basalt.Backends;
using Basalt.Engine.Records;
using Basalt.Engine.Transactions;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Engine.Collections;

/// <summary>
/// Records of one collection that match, in the order of ids, as of one snapshot, under what a transaction wrote. Filter and sort look at the fields that they name, and the rest of a
/// record is read when it is wanted. One thread at a time. Dispose of it.
/// </summary>
internal sealed class CollectionScan : IDisposable
{
    private const int RecordsBetweenChecks = 256;
    private readonly EngineCollection _collection;
    private readonly PushedQuery _query;
    private readonly OwnWrites? _own;
    private readonly LsmCursor _cursor;
    private readonly Predicate<Record>? _matches;
    private readonly RecordReader? _asked;
    private readonly RecordReader _whole;
    private readonly CancellationToken _cancellationToken;
    private int _seen;

    /// <summary>With a snapshot of the caller's it is as of that; the snapshot may be disposed of before. Own writes hide what is stored.</summary>
    public CollectionScan(EngineCollection collection, PushedQuery query, LsmSnapshot? snapshot, OwnWrites? own, CancellationToken cancellationToken)
    {
        (_collection, _query, _own, _cancellationToken) = (collection, query, own, cancellationToken);
        _cursor = collection.Tree.Scan(query is { AfterId: { } after, AfterKeys: null } ? KeyRange.AtLeast(JustAfter(after)) : null, snapshot: snapshot);
        // Behind the cursor: every name that its records have is known by now.
        var names = collection.Names.Names;
        var keys = query.Sort.Select(static key => key.Path);
        _whole = new RecordReader(names, query.Fields?.Concat(keys));
        if (query.Filter == Filter.True && query.Sort.Count == 0 && own is null) return;
        _matches = query.Filter == Filter.True ? null : query.Filter.Compile();
        _asked = new RecordReader(names, QueryPlanner.Leaves(query.Filter).Select(static leaf => leaf.Path).Concat(keys), isDelivered: false);
    }

    /// <summary>The matches in the order of ids.</summary>
    public IEnumerable<Record> Records()
    {
        var (own, at) = (Own(), 0);
        while (Move(out _))
        {
            var record = Read(_whole);
            for (; at < own.Count && Text.Compare(own[at].Id, record.Id) < 0; at++) yield return own[at];
            yield return record;
        }

        for (; at < own.Count; at++) yield return own[at];
    }

    /// <summary>The first matches in the order of the sort keys, behind a place: of the others no more is read than what filter and sort name.</summary>
    public Record[] First(int count, RecordOrder order, Cursor? after)
    {
        var first = new FirstRecords(count, order);
        foreach (var record in Own())
            if (after is null || order.Compare(record, after) > 0) first.Add(record);
        while (Move(out var asked))
            if ((after is null || order.Compare(asked!, after) > 0) && first.Takes(asked!)) first.Add(Read(_whole));
        return first.Drain();
    }

    /// <summary>How many matches are left.</summary>
    public long Count()
    {
        long count = Own().Count;
        while (Move(out _)) count++;
        return count;
    }

    public void Dispose() => _cursor.Dispose();

    /// <summary>Goes to the next match; says what was read of it to know that, null where nothing was.</summary>
    private bool Move(out Record? asked)
    {
        asked = null;
        while (_cursor.MoveNext())
        {
            if (_seen++ % RecordsBetweenChecks == 0) _cancellationToken.ThrowIfCancellationRequested();
            if (_asked is null) return true;
            asked = Read(_asked);
            if ((_matches is null || _matches(asked)) && _own?.Hides(asked.Id) != true) return true;
        }

        return false;
    }

    private List<Record> Own()
    {
        if (_own is null) return [];
        var own = _own.Matches(_query.Filter);
        return _query is { AfterId: { } after, AfterKeys: null } ? own.FindAll(record => Text.Compare(record.Id, after) > 0) : own;
    }

    private Record Read(RecordReader reader)
    {
        var id = RecordReader.Id(_cursor.Key);
        try
        {
            return reader.Read(id, _cursor.Value);
        }
        catch (InvalidDataException e)
        {
            throw EngineFaults.Damaged(_collection.Name, id, e);
        }
    }

    /// <summary>The lowest key behind that of an id.</summary>
    private static byte[] JustAfter(string id) => [.. Encoding.UTF8.GetBytes(id), 0];
}

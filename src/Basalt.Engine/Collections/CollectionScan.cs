using System.Text;
using Basalt.Backends;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Engine.Collections;

/// <summary>
/// Records of one collection that match, in the order of ids, as of one snapshot. A filter looks at the fields that it names before the rest of a record is read.
/// One thread at a time. Dispose of it.
/// </summary>
internal sealed class CollectionScan : IDisposable
{
    private const int RecordsBetweenChecks = 256;
    private readonly EngineCollection _collection;
    private readonly LsmCursor _cursor;
    private readonly Predicate<Record>? _matches;
    private readonly RecordReader? _asked;
    private readonly RecordReader _whole;
    private readonly CancellationToken _cancellationToken;
    private int _seen;

    /// <summary>With a snapshot of the caller's it is as of that; the snapshot may be disposed of before.</summary>
    public CollectionScan(EngineCollection collection, PushedQuery query, LsmSnapshot? snapshot, CancellationToken cancellationToken)
    {
        (_collection, _cancellationToken) = (collection, cancellationToken);
        _cursor = collection.Tree.Scan(query.AfterId is { } after ? KeyRange.AtLeast(JustAfter(after)) : null, snapshot: snapshot);
        // Behind the cursor: every name that its records have is known by now.
        var names = collection.Names.Names;
        _whole = new RecordReader(names, query.Fields);
        if (query.Filter == Filter.True) return;
        _matches = query.Filter.Compile();
        _asked = new RecordReader(names, QueryPlanner.Leaves(query.Filter).Select(static leaf => leaf.Path), isDelivered: false);
    }

    /// <summary>The next match; null at the end.</summary>
    public Record? Next() => MoveToMatch() ? Read(_whole) : null;

    /// <summary>How many matches are left.</summary>
    public long Count()
    {
        var count = 0L;
        while (MoveToMatch()) count++;
        return count;
    }

    private bool MoveToMatch()
    {
        while (_cursor.MoveNext())
        {
            if (_seen++ % RecordsBetweenChecks == 0) _cancellationToken.ThrowIfCancellationRequested();
            if (_matches is null || _matches(Read(_asked!))) return true;
        }

        return false;
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

    public void Dispose() => _cursor.Dispose();

    /// <summary>The lowest key behind that of an id.</summary>
    private static byte[] JustAfter(string id) => [.. Encoding.UTF8.GetBytes(id), 0];
}

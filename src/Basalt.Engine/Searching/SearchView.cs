using System.Buffers;
using System.Text;
using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Engine.Transactions;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>Takes a key; valid during the call.</summary>
internal delegate void KeyVisitor(ReadOnlySpan<byte> key);

/// <summary>
/// A collection as one search sees it: its tables, the newest first, and what is in memory, as of one snapshot, under what a transaction wrote. An entry of a table counts when no newer one
/// has its key, and its record satisfies the filter. One thread.
/// </summary>
internal sealed class SearchView
{
    private readonly EngineCollection _collection;
    private readonly LsmSnapshot _snapshot;
    private readonly OwnWrites? _own;
    private readonly Predicate<Record>? _matches;
    private readonly RecordReader? _asked;
    private readonly string[] _names;
    private readonly RecordReader _reader;
    private readonly bool _readsAll;
    private readonly ArrayBufferWriter<byte> _key = new(64);
    private readonly ArrayBufferWriter<byte> _value = new(1024);
    private readonly Dictionary<(int Part, int Ordinal), Record?> _known = [];
    private readonly bool _isMemoryEmpty;
    private List<Record>? _tail;
    private bool? _hasNoDead;

    /// <summary>A view as of a snapshot.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="snapshot">Held by the caller for as long as the view.</param>
    /// <param name="own">What a transaction wrote to it; null for nothing.</param>
    /// <param name="filter">What records satisfy.</param>
    /// <param name="fields">What is read of records; null for all of it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public SearchView(EngineCollection collection, LsmSnapshot snapshot, OwnWrites? own, Filter filter, IEnumerable<FieldPath>? fields, CancellationToken cancellationToken)
    {
        (_collection, CancellationToken, Filter, _own, _snapshot) = (collection, cancellationToken, filter, own, snapshot);
        Tables = collection.Tree.Tables(_snapshot);
        MemoryCount = collection.Tree.MemoryEntries(_snapshot);
        _isMemoryEmpty = own is null && MemoryCount == 0;
        _names = collection.Names.Names;
        (_reader, _readsAll) = (new RecordReader(_names, fields), fields is null);
        if (filter == Filter.True) return;
        _matches = filter.Compile();
        _asked = new RecordReader(_names, QueryPlanner.Leaves(filter).Select(static leaf => leaf.Path), isDelivered: false);
    }

    public CancellationToken CancellationToken { get; }

    public Filter Filter { get; }

    /// <summary>The newest first: their places are the parts of a search.</summary>
    public IReadOnlyList<LsmTable> Tables { get; }

    /// <summary>The records in memory that match, those of the transaction with them, in the order of ids.</summary>
    public IReadOnlyList<Record> Tail => _tail ??= ReadTail();

    /// <summary>The first of them in the order of sort keys, which are read with a record, behind a place.</summary>
    public IEnumerable<Record> TailBy(IReadOnlyList<SortKey> sort, Cursor? after, long count)
    {
        var order = new RecordOrder(sort);
        if (count > QueryExecution.LargestHeap) return Tail.Order(order);
        var first = new FirstRecords((int)count, order);
        var asked = new RecordReader(_names, QueryPlanner.Leaves(Filter).Select(static leaf => leaf.Path).Concat(sort.Select(static key => key.Path)), isDelivered: false);
        bool IsBehind(Record record) => after is null || order.Compare(record, after) > 0;
        foreach (var own in _own?.Matches(Filter) ?? [])
            if (IsBehind(own)) first.Add(own);
        ReadMemory(asked, record => IsBehind(record) && first.Takes(record), first.Add);
        return first.Drain();
    }

    /// <summary>Whether nothing is newer than a part, and all of it counts that is not deleted.</summary>
    public bool IsNewestOfAll(int part) => part == 0 && _isMemoryEmpty && Tables[0].FirstOrdinal == 0;

    /// <summary>
    /// Whether every entry that is no tombstone counts, so that nothing need be asked of it: there are as many as records. It reads what is in memory. False, too, where entries expire.
    /// </summary>
    public bool HasNoDead => (_hasNoDead ??= FindNoDead()) == true;

    /// <summary>About how many entries there are, those in memory with them.</summary>
    public long Count => Tables.Sum(static table => table.Entries) + MemoryCount;

    /// <summary>About how many of them are in memory.</summary>
    public long MemoryCount { get; }

    /// <summary>The entries of a part that have moved to another table, as a merge is under way; null for none.</summary>
    public OrdinalSet? Gone(int part)
    {
        if (Tables[part].FirstOrdinal == 0) return null;
        var gone = new OrdinalSet(checked((int)Tables[part].Entries));
        for (var ordinal = 0; ordinal < Tables[part].FirstOrdinal; ordinal++) gone.Add(ordinal);
        return gone;
    }

    /// <summary>What is at a path of every record in memory, whether it matches or not, and those of the transaction.</summary>
    public IEnumerable<TextOf> TailTexts(FieldPath path)
    {
        if (_isMemoryEmpty) yield break;
        foreach (var own in _own?.Matches(Filter.True) ?? []) yield return new TextOf(own.Id, path.Resolve(own), _matches?.Invoke(own) == false ? null : own);
        var field = new RecordReader(_names, [path], isDelivered: false);
        using var cursor = _collection.Tree.ScanMemory(null, _snapshot);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 256 == 0) CancellationToken.ThrowIfCancellationRequested();
            if (cursor.IsTombstone) continue;
            var id = RecordReader.Id(cursor.Key);
            if (_own?.Hides(id) != true) yield return TextIn(field, path, id, cursor.Key, cursor.Value);
        }
    }

    /// <summary>The same of the records of a part that count.</summary>
    public IEnumerable<TextOf> EntryTexts(int part, FieldPath path)
    {
        var field = new RecordReader(_names, [path], isDelivered: false);
        var cursor = Tables[part].Scan();
        while (cursor.MoveNext())
            if (!cursor.IsTombstone && IsAlive(part, checked((int)cursor.Ordinal))) yield return TextIn(field, path, RecordReader.Id(cursor.Key), cursor.Key, cursor.Value);
    }

    /// <summary>Visits every key that is in memory, or that the transaction wrote: what tables have of it does not count.</summary>
    public void VisitNewerKeys(KeyVisitor visit)
    {
        foreach (var id in _own?.Ids ?? []) visit(Encoding.UTF8.GetBytes(id));
        using var cursor = _collection.Tree.ScanMemory(null, _snapshot);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 256 == 0) CancellationToken.ThrowIfCancellationRequested();
            visit(cursor.Key);
        }
    }

    /// <summary>Whether the bytes of a record match the filter: the fields that it names are read, and no others.</summary>
    public bool Matches(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _matches is null || _matches(Decode(_asked!, RecordReader.Id(key), value));

    /// <summary>The record of an entry; null when it does not count. It is kept, as a search looks at few and more than once.</summary>
    public Record? Read(int part, int ordinal)
    {
        if (!_known.TryGetValue((part, ordinal), out var known)) _known.Add((part, ordinal), known = ReadOnce(part, ordinal));
        return known;
    }

    /// <summary>The record of an entry; null when it does not count.</summary>
    public Record? ReadOnce(int part, int ordinal)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _key.ResetWrittenCount();
        _value.ResetWrittenCount();
        if (!Tables[part].TryRead(ordinal, _key, _value) || !IsNewest(part, ordinal, _key.WrittenSpan)) return null;
        var id = RecordReader.Id(_key.WrittenSpan);
        if (_own?.Hides(id) == true) return null;
        // What is read of a record need not have what the filter names.
        if (!_readsAll && _matches is not null && !_matches(Decode(_asked!, id, _value.WrittenSpan))) return null;
        var record = Decode(_reader, id, _value.WrittenSpan);
        return !_readsAll || _matches is null || _matches(record) ? record : null;
    }

    /// <summary>Whether an entry has the newest value of its key, without a look at its record.</summary>
    public bool IsAlive(int part, int ordinal)
    {
        CancellationToken.ThrowIfCancellationRequested();
        _key.ResetWrittenCount();
        Tables[part].ReadKey(ordinal, _key);
        // A tombstone is nowhere.
        return _collection.Tree.Locate(_key.WrittenSpan, _snapshot) == EntryPlace.At(Tables[part].Number, ordinal) && _own?.Hides(RecordReader.Id(_key.WrittenSpan)) != true;
    }

    /// <summary>The id of an entry, whether it counts or not.</summary>
    public string Id(int part, int ordinal)
    {
        _key.ResetWrittenCount();
        Tables[part].ReadKey(ordinal, _key);
        return RecordReader.Id(_key.WrittenSpan);
    }

    /// <summary>The records of a part that count, in the order of ids: for what has no section of an index yet.</summary>
    public IEnumerable<Record> Entries(int part)
    {
        var cursor = Tables[part].Scan();
        while (cursor.MoveNext())
            if (!cursor.IsTombstone && Matches(cursor.Key, cursor.Value) && ReadOnce(part, checked((int)cursor.Ordinal)) is { } record) yield return record;
    }

    private bool IsNewest(int part, int ordinal, ReadOnlySpan<byte> key)
    {
        if (part == 0 && _isMemoryEmpty && Tables[0].FirstOrdinal <= ordinal) return true;
        return _collection.Tree.Locate(key, _snapshot) == EntryPlace.At(Tables[part].Number, ordinal);
    }

    private bool FindNoDead()
    {
        if (_own is not null || Tables.Any(static table => table.Expiring > 0 || table.FirstOrdinal > 0)) return false;
        var entries = Tables.Sum(static table => table.Entries - table.Tombstones);
        using (var cursor = _collection.Tree.ScanMemory(null, _snapshot))
        {
            for (var seen = 0; cursor.MoveNext(); seen++)
            {
                if (seen % 1024 == 0) CancellationToken.ThrowIfCancellationRequested();
                if (cursor.Expires is not null) return false;
                if (!cursor.IsTombstone) entries++;
            }
        }

        return entries == _collection.CountIn(_snapshot);
    }

    private List<Record> ReadTail()
    {
        var records = new List<Record>();
        if (_isMemoryEmpty) return records;
        ReadMemory(_asked, static _ => true, records.Add);
        if (_own?.Matches(Filter) is not { Count: > 0 } own) return records;
        records.AddRange(own);
        records.Sort(static (left, right) => Text.Compare(left.Id, right.Id));
        return records;
    }

    /// <summary>Reads the records in memory that match; of those that are not wanted no more than it takes to know that.</summary>
    private void ReadMemory(RecordReader? asked, Predicate<Record> isWanted, Action<Record> add)
    {
        using var cursor = _collection.Tree.ScanMemory(null, _snapshot);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 256 == 0) CancellationToken.ThrowIfCancellationRequested();
            if (cursor.IsTombstone) continue;
            var id = RecordReader.Id(cursor.Key);
            if (_own?.Hides(id) == true) continue;
            if (asked is not null && (Decode(asked, id, cursor.Value) is var known && !((_matches is null || _matches(known)) && isWanted(known)))) continue;
            add(Decode(_reader, id, cursor.Value));
        }
    }

    private TextOf TextIn(RecordReader field, FieldPath path, string id, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        new(id, path.Resolve(Decode(field, id, value)), Matches(key, value) ? Decode(_reader, id, value) : null);

    private Record Decode(RecordReader reader, string id, ReadOnlySpan<byte> value)
    {
        try
        {
            return reader.Read(id, value);
        }
        catch (InvalidDataException e)
        {
            throw EngineFaults.Damaged(_collection.Name, id, e);
        }
    }
}

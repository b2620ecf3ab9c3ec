using System.Buffers;
using System.Text;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
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
    private readonly bool _isMemoryEmpty;
    private ArrayBufferWriter<byte>? _key;
    private ArrayBufferWriter<byte>? _value;
    private Dictionary<(int Part, int Ordinal), Record?>? _known;
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
        Memory = collection.Tree.Memory(_snapshot);
        MemoryCount = collection.Tree.MemoryEntries(_snapshot);
        _isMemoryEmpty = own is null && Memory.Count == 0;
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

    /// <summary>The memtables with what is in no table, the newest first.</summary>
    public IReadOnlyList<LsmMemtable> Memory { get; }

    /// <summary>What the transaction wrote and matches, in the order of ids.</summary>
    public IReadOnlyList<Record> Own => _own?.Matches(Filter) ?? [];

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
        VisitMemory(asked, record => IsBehind(record) && first.Takes(record), first.Add);
        return first.Drain();
    }

    /// <summary>Whether nothing is newer than a part, and all of it counts that is not deleted: nothing of it expires.</summary>
    public bool IsNewestOfAll(int part) => part == 0 && _isMemoryEmpty && Tables[0].FirstOrdinal == 0 && Tables[0].Expiring == 0;

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
        _known ??= [];
        if (!_known.TryGetValue((part, ordinal), out var known)) _known.Add((part, ordinal), known = ReadOnce(part, ordinal));
        return known;
    }

    /// <summary>The record of an entry; null when it does not count.</summary>
    public Record? ReadOnce(int part, int ordinal)
    {
        CancellationToken.ThrowIfCancellationRequested();
        var (key, value) = (Emptied(ref _key), Emptied(ref _value));
        if (!Tables[part].TryRead(ordinal, key, value) || !IsNewest(part, ordinal, key.WrittenSpan)) return null;
        var id = RecordReader.Id(key.WrittenSpan);
        if (_own?.Hides(id) == true) return null;
        // What is read of a record need not have what the filter names.
        if (!_readsAll && _matches is not null && !_matches(Decode(_asked!, id, value.WrittenSpan))) return null;
        var record = Decode(_reader, id, value.WrittenSpan);
        return !_readsAll || _matches is null || _matches(record) ? record : null;
    }

    /// <summary>Whether an entry has the newest value of its key, without a look at its record.</summary>
    public bool IsAlive(int part, int ordinal)
    {
        CancellationToken.ThrowIfCancellationRequested();
        var key = Emptied(ref _key);
        Tables[part].ReadKey(ordinal, key);
        // A tombstone is nowhere.
        return _collection.Tree.Locate(key.WrittenSpan, _snapshot) == EntryPlace.At(Tables[part].Number, ordinal) && !Hides(key.WrittenSpan);
    }

    /// <summary>The records of entries of a part of which all is known to count: <see cref="IsNewestOfAll"/>, and no filter. None is kept.</summary>
    public Record?[] ReadCounting(int part, ReadOnlySpan<int> ordinals)
    {
        CancellationToken.ThrowIfCancellationRequested();
        var records = new Record?[ordinals.Length];
        Tables[part].ReadEach(ordinals, (at, key, value, isTombstone) => records[at] = isTombstone ? null : Decode(_reader, RecordReader.Id(key), value));
        return records;
    }

    /// <summary>The id of an entry, whether it counts or not.</summary>
    public string Id(int part, int ordinal)
    {
        var key = Emptied(ref _key);
        Tables[part].ReadKey(ordinal, key);
        return RecordReader.Id(key.WrittenSpan);
    }

    /// <summary>The records of a part that count, in the order of ids: for what has no section of an index yet.</summary>
    public IEnumerable<Record> Entries(int part)
    {
        var cursor = Tables[part].Scan();
        while (cursor.MoveNext())
            if (!cursor.IsTombstone && Matches(cursor.Key, cursor.Value) && ReadOnce(part, checked((int)cursor.Ordinal)) is { } record) yield return record;
    }

    /// <summary>Whether the transaction wrote to a key, so that what is stored under it does not count.</summary>
    public bool Hides(ReadOnlySpan<byte> key) => _own is not null && _own.Hides(RecordReader.Id(key));

    /// <summary>The vectors of an index that came with the entries of a memtable.</summary>
    public TailPart Rows(LsmMemtable memtable, IndexEntry index) => memtable.Keep(index.Section, () => new TailRows(index, _collection.Names, _collection.Tree.Store.Memory)).Take(memtable, CancellationToken);

    /// <summary>The record of an entry in memory that is no tombstone.</summary>
    public Record ReadMemory(LsmMemtable memtable, MemoryPlace place) => Decode(_reader, RecordReader.Id(memtable.Key(place)), memtable.Value(place));

    /// <summary>A buffer that is made when it is first needed: most searches need none.</summary>
    private static ArrayBufferWriter<byte> Emptied(ref ArrayBufferWriter<byte>? buffer)
    {
        buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private bool IsNewest(int part, int ordinal, ReadOnlySpan<byte> key)
    {
        if (part == 0 && _isMemoryEmpty && Tables[0].Expiring == 0 && Tables[0].FirstOrdinal <= ordinal) return true;
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
        VisitMemory(_asked, static _ => true, records.Add);
        if (_own?.Matches(Filter) is not { Count: > 0 } own) return records;
        records.AddRange(own);
        records.Sort(static (left, right) => Text.Compare(left.Id, right.Id));
        return records;
    }

    /// <summary>Reads the records in memory that match; of those that are not wanted no more than it takes to know that.</summary>
    private void VisitMemory(RecordReader? asked, Predicate<Record> isWanted, Action<Record> add)
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

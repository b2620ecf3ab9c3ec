using System.Buffers;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>
/// A collection as one search sees it: its tables, the newest first, and what is in memory, as of one snapshot. An entry of a table counts when no newer one has its key, and its
/// record satisfies the filter. One thread. Dispose of it.
/// </summary>
internal sealed class SearchView : IDisposable
{
    private readonly EngineCollection _collection;
    private readonly LsmSnapshot _snapshot;
    private readonly Predicate<Record>? _matches;
    private readonly RecordReader? _asked;
    private readonly RecordReader _reader;
    private ArrayBufferWriter<byte>? _key;
    private ArrayBufferWriter<byte>? _value;
    private Dictionary<(int Part, int Ordinal), Record?>? _known;
    private readonly LsmStore _store;
    private List<Record>? _tail;

    /// <summary>A view as of now.</summary>
    public SearchView(EngineCollection collection, LsmStore store, Filter filter, CancellationToken cancellationToken)
    {
        (_collection, _store, CancellationToken, Filter) = (collection, store, cancellationToken, filter);
        _snapshot = store.Snapshot();
        try
        {
            Tables = collection.Tree.Tables(_snapshot);
            Memory = collection.Tree.Memory(_snapshot);
            var names = collection.Names.Names;
            _reader = new RecordReader(names);
            if (filter == Filter.True) return;
            _matches = filter.Compile();
            _asked = new RecordReader(names, QueryPlanner.Leaves(filter).Select(static leaf => leaf.Path), isDelivered: false);
        }
        catch
        {
            _snapshot.Dispose();
            throw;
        }
    }

    public CancellationToken CancellationToken { get; }

    public Filter Filter { get; }

    /// <summary>The newest first: their places are the parts of a search.</summary>
    public IReadOnlyList<LsmTable> Tables { get; }

    /// <summary>The memtables with what is in no table, the newest first.</summary>
    public IReadOnlyList<LsmMemtable> Memory { get; }

    /// <summary>The records in memory that match, in the order of ids.</summary>
    public IReadOnlyList<Record> Tail => _tail ??= ReadTail();

    /// <summary>Whether nothing is newer than a part, and all of it counts that is not deleted.</summary>
    public bool IsNewestOfAll(int part) => part == 0 && Memory.Count == 0 && Tables[0] is { FirstOrdinal: 0, Expiring: 0 };

    /// <summary>The entries of a part that have moved to another table, as a merge is under way; null for none.</summary>
    public OrdinalSet? Gone(int part)
    {
        if (Tables[part].FirstOrdinal == 0) return null;
        var gone = new OrdinalSet(checked((int)Tables[part].Entries));
        for (var ordinal = 0; ordinal < Tables[part].FirstOrdinal; ordinal++) gone.Add(ordinal);
        return gone;
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
        var record = Decode(_reader, RecordReader.Id(key.WrittenSpan), value.WrittenSpan);
        return _matches is null || _matches(record) ? record : null;
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

    /// <summary>The vectors of an index that came with the entries of a memtable.</summary>
    public TailPart Rows(LsmMemtable memtable, IndexEntry index) => memtable.Keep(index.Section, () => new TailRows(index, _collection.Names, _store.Memory)).Take(memtable, CancellationToken);

    /// <summary>The record of an entry in memory that is no tombstone.</summary>
    public Record ReadMemory(LsmMemtable memtable, MemoryPlace place) => Decode(_reader, RecordReader.Id(memtable.Key(place)), memtable.Value(place));

    public void Dispose() => _snapshot.Dispose();

    /// <summary>A buffer that is made when it is first needed: most searches need none.</summary>
    private static ArrayBufferWriter<byte> Emptied(ref ArrayBufferWriter<byte>? buffer)
    {
        buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        return buffer;
    }

    private bool IsNewest(int part, int ordinal, ReadOnlySpan<byte> key)
    {
        if (part == 0 && Memory.Count == 0 && Tables[0].Expiring == 0 && Tables[0].FirstOrdinal <= ordinal) return true;
        return _collection.Tree.Locate(key, _snapshot) == EntryPlace.At(Tables[part].Number, ordinal);
    }

    private List<Record> ReadTail()
    {
        var records = new List<Record>();
        if (Memory.Count == 0) return records;
        using var cursor = _collection.Tree.ScanMemory(null, _snapshot);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 256 == 0) CancellationToken.ThrowIfCancellationRequested();
            if (!cursor.IsTombstone && Matches(cursor.Key, cursor.Value)) records.Add(Decode(_reader, RecordReader.Id(cursor.Key), cursor.Value));
        }

        return records;
    }

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

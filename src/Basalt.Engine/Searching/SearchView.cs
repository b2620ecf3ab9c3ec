using System.Buffers;
using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Records;

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
    private readonly RecordReader _reader;
    private readonly ArrayBufferWriter<byte> _value = new(1024);
    private readonly Dictionary<(int Part, int Ordinal), Record?> _known = [];
    private readonly bool _isMemoryEmpty;
    private List<Record>? _tail;

    public SearchView(EngineCollection collection, LsmStore store, Filter filter, CancellationToken cancellationToken)
    {
        (_collection, CancellationToken, Filter) = (collection, cancellationToken, filter);
        _snapshot = store.Snapshot();
        try
        {
            Tables = collection.Tree.Tables(_snapshot);
            _isMemoryEmpty = collection.Tree.MemoryEntries(_snapshot) == 0;
            _matches = filter == Filter.True ? null : filter.Compile();
            _reader = new RecordReader(collection.Names.Names);
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

    /// <summary>Whether every entry of a part is what its key has, and the filter lets all pass, so that nothing need be asked.</summary>
    public bool IsPlain(int part) => part == 0 && _isMemoryEmpty && _matches is null && Tables[0].FirstOrdinal == 0;

    /// <summary>The records in memory that match, in the order of ids.</summary>
    public IReadOnlyList<Record> Tail => _tail ??= ReadTail();

    /// <summary>The record of an entry; null when it does not count.</summary>
    public Record? Read(int part, int ordinal)
    {
        if (_known.TryGetValue((part, ordinal), out var known)) return known;
        CancellationToken.ThrowIfCancellationRequested();
        var table = Tables[part];
        var (key, stored) = table.ReadEntry(ordinal);
        var id = RecordReader.Id(key);
        Record? found = null;
        if (stored is not null && IsNewest(part, ordinal, key))
        {
            found = Decode(id, stored);
            if (_matches is not null && !_matches(found)) found = null;
        }

        _known.Add((part, ordinal), found);
        return found;
    }

    /// <summary>The id of an entry, whether it counts or not.</summary>
    public string Id(int part, int ordinal) => RecordReader.Id(Tables[part].ReadEntry(ordinal).Key);

    public void Dispose() => _snapshot.Dispose();

    private bool IsNewest(int part, int ordinal, byte[] key)
    {
        if (part == 0 && _isMemoryEmpty && Tables[0].FirstOrdinal <= ordinal) return true;
        _value.ResetWrittenCount();
        return _collection.Tree.TryGet(key, _value, out var place, _snapshot) && place == EntryPlace.At(Tables[part].Number, ordinal);
    }

    private List<Record> ReadTail()
    {
        var records = new List<Record>();
        if (_isMemoryEmpty) return records;
        using var cursor = _collection.Tree.ScanMemory(null, _snapshot);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % 256 == 0) CancellationToken.ThrowIfCancellationRequested();
            if (cursor.IsTombstone) continue;
            var record = Decode(RecordReader.Id(cursor.Key), cursor.Value);
            if (_matches is null || _matches(record)) records.Add(record);
        }

        return records;
    }

    /// <summary>The records of a table that count, by ordinal: for what has no section of an index yet.</summary>
    public IEnumerable<Record> Entries(int part)
    {
        var cursor = Tables[part].Scan();
        while (cursor.MoveNext())
        {
            if (cursor.IsTombstone) continue;
            if (Read(part, checked((int)cursor.Ordinal)) is { } record) yield return record;
        }
    }

    private Record Decode(string id, ReadOnlySpan<byte> value)
    {
        try
        {
            return _reader.Read(id, value);
        }
        catch (InvalidDataException e)
        {
            throw EngineFaults.Damaged(_collection.Name, id, e);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Basalt.Changes;
using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Writing;

/// <summary>
/// What one commit will change: records, and collections that come and go. Later changes see earlier ones; what a request did to records can be taken
/// back. Used by the one writer, again for every commit.
/// </summary>
internal sealed class Stage(Catalogue catalogue, TimeProvider clock)
{
    private const int MostKeptBytes = 16 << 20;
    private readonly Dictionary<Place, Change> _changes = [];
    private readonly List<(Place Place, Change? Before)> _undo = [];
    private readonly Dictionary<EngineCollection, int> _namesBefore = [];
    private readonly Dictionary<string, EngineCollection?> _collections = new(StringComparer.Ordinal);
    private readonly HashSet<EngineCollection> _dropped = [];
    private readonly Dictionary<EngineCollection, CollectionEntry> _entries = [];
    private readonly Dictionary<EngineCollection, TallyChange> _tallies = [];
    private readonly ChangeStage _log = new(catalogue.Changes, clock);
    private readonly ArrayBufferWriter<byte> _found = new();
    private readonly byte[] _key = new byte[Record.MaxIdBytes];
    private ByteBuffer _bytes = new();

    /// <summary>A record of a collection. Collections are themselves: one of the same name that was created later is another.</summary>
    private readonly record struct Place(EngineCollection Collection, string Id);

    /// <summary>What is put, as bytes of the buffer, or nothing when it is removed; and what the store has there before this commit.</summary>
    private readonly record struct Change(RecordHead? Head, int Start, int Length, RecordHead? Stored);

    /// <summary>How many bytes of records are staged, those of kept changes included.</summary>
    public int Bytes => _bytes.Length + _log.Bytes;

    public bool IsEmpty => _changes.Count == 0 && _collections.Count == 0 && _entries.Count == 0;

    /// <summary>The collection of a name as this commit leaves it.</summary>
    public EngineCollection? Collection(string name) => _collections.TryGetValue(name, out var staged) ? staged : catalogue.Collections.GetValueOrDefault(name);

    /// <summary>The collection of a name; it is created, without a schema, when there is none.</summary>
    public EngineCollection CollectionToWrite(string name) => Collection(name) ?? Create(name, Schemas.Schema.Any);

    public EngineCollection Create(string name, Schemas.Schema schema)
    {
        var collection = catalogue.Prepare(name, new CollectionEntry(TakeNumber(), schema));
        _collections[name] = collection;
        return collection;
    }

    public void Drop(EngineCollection collection)
    {
        _log.Add(ChangeKind.Drop, collection.Name);
        _collections[collection.Name] = null;
        _dropped.Add(collection);
    }

    /// <summary>What the catalogue says of a collection as this commit leaves it.</summary>
    public CollectionEntry Entry(EngineCollection collection) => _entries.GetValueOrDefault(collection, collection.Entry);

    public void Alter(EngineCollection collection, CollectionEntry entry) => _entries[collection] = entry;

    public uint TakeNumber() => ++catalogue.LastNumber;

    public long NextVersion() => catalogue.NextVersion();

    /// <summary>A place to go back to.</summary>
    public (int Records, int Changes) Mark() => (_undo.Count, _log.Mark());

    /// <summary>Takes back every change of a record since the mark.</summary>
    public void Undo((int Records, int Changes) mark)
    {
        _log.Undo(mark.Changes);
        for (var i = _undo.Count - 1; i >= mark.Records; i--)
        {
            var (place, before) = _undo[i];
            if (before is { } change) _changes[place] = change;
            else _changes.Remove(place);
        }

        _undo.RemoveRange(mark.Records, _undo.Count - mark.Records);
    }

    /// <summary>What is there under an id; null when nothing is.</summary>
    public RecordHead? Find(EngineCollection collection, string id) =>
        _changes.TryGetValue(new Place(collection, id), out var change) ? IsGone(change.Head) ? null : change.Head : FindStored(collection, id);

    /// <summary>What is stored under an id before this commit.</summary>
    public RecordHead? FindStored(EngineCollection collection, string id)
    {
        _found.ResetWrittenCount();
        if (!collection.Tree.TryGet(Key(id), _found)) return null;
        var bytes = new ByteReader(_found.WrittenSpan);
        return RecordHead.Read(ref bytes);
    }

    /// <summary>Stages a record, where <paramref name="existing"/> is what <see cref="Find"/> found.</summary>
    public void Put(EngineCollection collection, Record record, RecordHead? existing)
    {
        var head = RecordHead.Of(record);
        if (IsGone(head))
        {
            // Its instant has passed already.
            Delete(collection, record.Id, existing);
            return;
        }

        collection.Check(record);
        _namesBefore.TryAdd(collection, collection.Names.Names.Length);
        var start = _bytes.Length;
        RecordWriter.Write(_bytes, record, collection.Names);
        Set(new Place(collection, record.Id), head, start, existing);
        _log.Add(existing is null ? ChangeKind.Create : ChangeKind.Update, collection.Name, record.Id, record.Version, record);
    }

    /// <summary>Stages a removal, where <paramref name="existing"/> is what <see cref="Find"/> found.</summary>
    public void Delete(EngineCollection collection, string id, RecordHead? existing)
    {
        Set(new Place(collection, id), null, _bytes.Length, existing);
        if (existing is { } removed) _log.Add(ChangeKind.Delete, collection.Name, id, removed.Version);
    }

    /// <summary>Writes everything into a batch.</summary>
    public void Build(WriteBatch batch)
    {
        foreach (var (place, change) in _changes)
        {
            if (_dropped.Contains(place.Collection)) continue;
            var bytes = _bytes.Written.Slice(change.Start, change.Length);
            if (change.Head is { Instant: { } expires }) batch.Put(place.Collection.Tree, Key(place.Id), bytes, expires);
            else if (change.Head is not null) batch.Put(place.Collection.Tree, Key(place.Id), bytes);
            else if (change.Stored is not null) batch.Delete(place.Collection.Tree, Key(place.Id));
        }

        foreach (var (collection, before) in _namesBefore.Where(pair => !_dropped.Contains(pair.Key)))
        {
            var names = collection.Names.Names;
            for (var i = before; i < names.Length; i++) batch.Put(catalogue.Tree, CatalogueKey.Name(collection.Entry.Number, i), Encoding.UTF8.GetBytes(names[i]));
        }

        CountChanges();
        foreach (var change in _tallies.Values) change.Write(batch, catalogue, Now);
        foreach (var collection in _collections.Values.OfType<EngineCollection>()) batch.Put(catalogue.Tree, CatalogueKey.Collection(collection.Name), Entry(collection).Encode());
        foreach (var (collection, entry) in _entries.Where(pair => !_dropped.Contains(pair.Key))) batch.Put(catalogue.Tree, CatalogueKey.Collection(collection.Name), entry.Encode());
        foreach (var collection in _dropped) Remove(batch, collection);
        _log.Write(batch);
        Put(batch, CatalogueKey.LastVersion, catalogue.LastVersion);
        Put(batch, CatalogueKey.LastNumber, catalogue.LastNumber);
    }

    /// <summary>The batch is durable: the catalogue follows.</summary>
    public void Apply()
    {
        // Whatever fails from here on, their names are durable.
        _namesBefore.Clear();
        foreach (var change in _tallies.Values) change.Apply();
        _log.Apply();
        foreach (var collection in _dropped.Where(collection => catalogue.Collections.GetValueOrDefault(collection.Name) == collection)) catalogue.Remove(collection);
        foreach (var collection in _collections.Values.OfType<EngineCollection>()) catalogue.Add(collection);
        foreach (var (collection, entry) in _entries.Where(pair => !_dropped.Contains(pair.Key))) catalogue.Change(collection, entry);
        Clear();
    }

    /// <summary>The batch was not done: nothing of it counts.</summary>
    public void Abandon()
    {
        foreach (var (collection, before) in _namesBefore) collection.Names.Truncate(before);
        Clear();
    }

    private void Set(Place place, RecordHead? head, int start, RecordHead? existing)
    {
        Change? before = _changes.TryGetValue(place, out var known) ? known : null;
        _undo.Add((place, before));
        _changes[place] = new Change(head, start, _bytes.Length - start, before is null ? existing : before.Value.Stored);
    }

    private void CountChanges()
    {
        foreach (var (place, change) in _changes)
        {
            if (_dropped.Contains(place.Collection)) continue;
            if (!_tallies.TryGetValue(place.Collection, out var tally)) _tallies.Add(place.Collection, tally = new TallyChange(place.Collection));
            if (change.Stored is { } before) tally.Count(before.Expires, -1);
            if (change.Head is { } after) tally.Count(after.Expires, 1);
        }
    }

    private bool IsGone(RecordHead? head) => head is { Expires: not 0 } expiring && expiring.IsExpired(Now);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Remove(WriteBatch batch, EngineCollection collection)
    {
        // Its successor of the same name, if this commit creates one, has its own entry in the place.
        if (_collections[collection.Name] is null) batch.Delete(catalogue.Tree, CatalogueKey.Collection(collection.Name));
        batch.Delete(catalogue.Tree, CatalogueKey.Records(collection.Entry.Number));
        for (var i = 0; i < collection.Names.Names.Length; i++) batch.Delete(catalogue.Tree, CatalogueKey.Name(collection.Entry.Number, i));
    }

    private void Put(WriteBatch batch, ReadOnlySpan<byte> key, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        batch.Put(catalogue.Tree, key, bytes);
    }

    private ReadOnlySpan<byte> Key(string id) => _key.AsSpan(0, Encoding.UTF8.GetBytes(id, _key));

    private void Clear()
    {
        _changes.Clear();
        _undo.Clear();
        _namesBefore.Clear();
        _collections.Clear();
        _dropped.Clear();
        _entries.Clear();
        _tallies.Clear();
        _log.Clear();
        if (_bytes.Length > MostKeptBytes) _bytes = new ByteBuffer();
        else _bytes.Clear();
    }
}

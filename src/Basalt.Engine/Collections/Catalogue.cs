using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Basalt.Engine.Changes;
using Basalt.Engine.Indexes;
using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Records;

namespace Basalt.Engine.Collections;

/// <summary>
/// The collections of a store. The one writer changes it after its changes are durable; readers see an immutable map. Numbers are never given twice.
/// </summary>
internal sealed class Catalogue
{
    private readonly SidecarRegistry _sidecars;
    private readonly LsmStore _store;
    private ImmutableSortedDictionary<string, EngineCollection> _collections;
    private long _lastVersion;

    private Catalogue(LsmStore store, LsmTree tree, SidecarRegistry sidecars, ImmutableSortedDictionary<string, EngineCollection> collections, ChangeLog changes, long lastVersion, uint lastNumber) =>
        (_store, Tree, _sidecars, _collections, Changes, _lastVersion, LastNumber) = (store, tree, sidecars, collections, changes, lastVersion, lastNumber);

    public LsmTree Tree { get; }

    /// <summary>The changes that are kept.</summary>
    public ChangeLog Changes { get; }

    /// <summary>The last number that was given.</summary>
    public uint LastNumber { get; set; }

    /// <summary>The collections as they are now, in the order of their names by code point.</summary>
    public ImmutableSortedDictionary<string, EngineCollection> Collections => Volatile.Read(ref _collections);

    /// <summary>The last version that was given.</summary>
    public long LastVersion => Interlocked.Read(ref _lastVersion);

    /// <summary>A version that no record had before.</summary>
    public long NextVersion() => Interlocked.Increment(ref _lastVersion);

    /// <summary>Reads what there is, and removes trees that no entry names: their creation or removal was cut short.</summary>
    public static Catalogue Open(LsmStore store, SidecarRegistry sidecars)
    {
        var tree = store.Tree(CatalogueKey.Tree);
        var order = Comparer<string>.Create(static (a, b) => Text.Compare(a, b));
        var collections = ImmutableSortedDictionary.CreateBuilder<string, EngineCollection>(order);
        using (var cursor = tree.Scan(KeyRange.Prefix("c"u8.ToArray())))
        {
            while (cursor.MoveNext())
            {
                var name = RecordReader.Id(cursor.Key[1..]);
                var entry = CollectionEntry.Decode(cursor.Value);
                var tally = RecordTally.Read(tree.Get(CatalogueKey.Records(entry.Number)));
                collections.Add(name, new EngineCollection(name, entry, store.Tree(entry.Tree), ReadNames(tree, entry.Number), tally, tally.HasExpiring ? store.Tree(entry.InstantsTree) : null));
            }
        }

        var changes = ChangeLog.Open(store, tree);
        var known = collections.Values.SelectMany(static collection => collection.Tally.HasExpiring ? [collection.Entry.Tree, collection.Entry.InstantsTree] : new[] { collection.Entry.Tree }).Concat(changes.Segments.Select(static segment => segment.Tree.Name)).Append(CatalogueKey.Tree).ToHashSet(StringComparer.Ordinal);
        // For reading only they stay, and nobody looks at them.
        if (!store.IsReadOnly)
            foreach (var orphan in store.Trees.Where(name => !known.Contains(name)).ToList()) store.DropTree(store.Tree(orphan));
        var lastNumber = (uint)ReadInt64(tree.Get(CatalogueKey.LastNumber));
        foreach (var collection in collections.Values) sidecars.Set(collection);
        return new Catalogue(store, tree, sidecars, collections.ToImmutable(), changes, ReadInt64(tree.Get(CatalogueKey.LastVersion)), lastNumber);
    }

    /// <summary>Makes room for a collection that is about to be created. Durable at once; without an entry it is removed at the next open.</summary>
    public EngineCollection Prepare(string name, CollectionEntry entry) => new(name, entry, _store.Tree(entry.Tree), new NameList([]), default, null);

    /// <summary>Makes room for the times at which records of a collection expire. Durable at once; without records that do it is removed at the next open.</summary>
    public LsmTree PrepareInstants(EngineCollection collection) => collection.Instants ?? _store.Tree(collection.Entry.InstantsTree);

    public void Add(EngineCollection collection) => Volatile.Write(ref _collections, _collections.SetItem(collection.Name, collection));

    /// <summary>A collection has another entry: other indexes.</summary>
    public void Change(EngineCollection collection, CollectionEntry entry)
    {
        collection.Entry = entry;
        _sidecars.Set(collection);
    }

    /// <summary>Forgets a collection whose entry is gone, and frees what it holds.</summary>
    public void Remove(EngineCollection collection)
    {
        Volatile.Write(ref _collections, _collections.Remove(collection.Name));
        _sidecars.Forget(collection);
        TryDrop(_store, collection.Tree);
        if (collection.Instants is { } instants) TryDrop(_store, instants);
    }

    /// <summary>Drops a tree that no entry names any more. The commit that took its entry away is done whatever happens here: what cannot be dropped now is removed at the next open.</summary>
    public static void TryDrop(LsmStore store, LsmTree tree)
    {
        try
        {
            store.DropTree(tree);
        }
        catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned or LsmErrorCode.DiskFull })
        {
            // A poisoned store tells the next writer.
        }
    }

    private static NameList ReadNames(LsmTree tree, uint collection)
    {
        var names = new List<string>();
        using var cursor = tree.Scan(KeyRange.Prefix(CatalogueKey.Names(collection)));
        while (cursor.MoveNext()) names.Add(Encoding.UTF8.GetString(cursor.Value));
        return new NameList(names);
    }

    private static long ReadInt64(byte[]? bytes) => bytes switch
    {
        null => 0,
        { Length: sizeof(long) } => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => throw new InvalidDataException("a number of the catalogue does not have 8 bytes"),
    };
}

using Basalt.Engine.Changes;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Lsm.Versions;

namespace Basalt.Engine.Maintenance;

/// <summary>
/// Looks for damage: every checksum of the store first, then every record of every collection as of one snapshot. Reports at most <see cref="MostDamages"/> of the
/// second kind for a collection, as one cause may spoil all of it. One thread at a time.
/// </summary>
internal sealed class Verification(LsmStore store, IReadOnlyCollection<EngineCollection> collections, ChangeLog? changes, string folder, IProgress<double>? progress, CancellationToken cancellationToken)
{
    public const int MostDamages = 100;
    private const int RecordsBetweenChecks = 1024;
    private readonly List<Damage> _damages = [];
    private readonly long _total = collections.Sum(static collection => collection.Tally.Records);
    private readonly FileNames _names = new(folder);
    private long _seen;

    public IReadOnlyList<Damage> Run()
    {
        foreach (var fault in store.Verify(cancellationToken)) Add(fault, null);
        using var snapshot = store.Snapshot();
        var catalogue = store.Tree(CatalogueKey.Tree);
        foreach (var collection in collections)
        {
            // A collection that was dropped since has nothing to be verified.
            if (catalogue.Get(CatalogueKey.Collection(collection.Name), snapshot) is null) continue;
            if (ReadRecords(collection, snapshot) is { } records) CheckCount(collection, catalogue, snapshot, records);
            CheckIndexes(collection, snapshot);
        }

        CheckChanges();
        progress?.Report(1);
        return _damages;
    }

    /// <summary>Decodes every record, and gives their number; null when not all could be reached.</summary>
    private long? ReadRecords(EngineCollection collection, LsmSnapshot snapshot)
    {
        var (records, spoilt) = (0L, 0);
        try
        {
            using var cursor = collection.Tree.Scan(snapshot: snapshot);
            var reader = new RecordReader(collection.Names.Names);
            for (; cursor.MoveNext(); records++)
            {
                if (_seen++ % RecordsBetweenChecks == 0) Notice();
                if (Decode(collection, reader, cursor, snapshot) is not { } damage) continue;
                if (spoilt++ < MostDamages) _damages.Add(damage);
            }
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
        {
            Add(e, collection.Name);
            return null;
        }

        if (spoilt > MostDamages) _damages.Add(new Damage($"{spoilt - MostDamages:N0} more records in '{collection.Name}' cannot be read.") { Collection = collection.Name });
        return records;
    }

    private void Notice()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_total > 0) progress?.Report(Math.Min(1, (double)_seen / _total));
    }

    private Damage? Decode(EngineCollection collection, RecordReader reader, LsmCursor cursor, LsmSnapshot snapshot)
    {
        var id = "";
        try
        {
            id = RecordReader.Id(cursor.Key);
            var expires = reader.Read(id, cursor.Value).Expires;
            if (expires != cursor.Expires) throw new InvalidDataException($"it expires at {Instant(expires)}, and the store has {Instant(cursor.Expires)}");
            return null;
        }
        catch (InvalidDataException e)
        {
            var place = collection.Tree.Locate(cursor.Key, snapshot);
            var file = place.Table == 0 ? null : _names.Table(place.Table);
            var what = id.Length == 0 ? "A record" : $"The record '{id}'";
            return new Damage($"{what} in '{collection.Name}'{(file is null ? "" : $", entry {place.Ordinal} of {file},")} cannot be read: {e.Message}. Restore it from a backup.")
            {
                File = file, Collection = collection.Name, Record = id.Length == 0 ? null : id,
            };
        }
    }

    private static string Instant(DateTimeOffset? time) => time is { } given ? given.ToString("O", System.Globalization.CultureInfo.InvariantCulture) : "no time";

    private void CheckCount(EngineCollection collection, LsmTree catalogue, LsmSnapshot snapshot, long records)
    {
        if (RecordCount.Of(collection, catalogue, snapshot) is { } known && known != records) _damages.Add(new Damage($"'{collection.Name}' has {records:N0} records, and the catalogue says {known:N0}. Copy the collection to another one, which counts anew.") { Collection = collection.Name });
    }

    /// <summary>Every change that is kept: that it is there, and is one.</summary>
    private void CheckChanges()
    {
        if (changes is not { IsKept: true }) return;
        try
        {
            for (var position = changes.PositionOf(null); ;)
            {
                var found = changes.Read(position, long.MaxValue, cancellationToken);
                if (found.Count == 0) return;
                position = found[^1].Position;
            }
        }
        catch (InvalidDataException e)
        {
            _damages.Add(new Damage($"The changes that are kept cannot be read: {e.Message}. Open the database with changes=off to be rid of them, and begin anew."));
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
        {
            Add(e, null);
        }
        catch (BasaltException e) when (e.Code == ErrorCode.Gone)
        {
            // Given up while they were read.
        }
    }

    /// <summary>Every index of every table against the records of the table. A table that cannot be read has been told of.</summary>
    private void CheckIndexes(EngineCollection collection, LsmSnapshot snapshot)
    {
        foreach (var table in collection.Tree.Tables(snapshot))
        foreach (var index in collection.Indexes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (new IndexCheck(collection, index, cancellationToken).Find(table) is not { } problem) continue;
                var file = _names.Table(table.Number);
                _damages.Add(new Damage($"The index {index.Definition.Name} of '{collection.Name}' disagrees with its records in {file}: {problem}. Rebuild it: index rebuild.") { File = file, Collection = collection.Name });
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
            {
                Add(e, collection.Name);
            }
        }
    }

    /// <summary>What the store's own check found is not told again by who meets it.</summary>
    private void Add(LsmException fault, string? collection)
    {
        if (fault.File is { } file && _damages.Exists(known => known.File == file)) return;
        _damages.Add(new Damage(fault.Message) { File = fault.File, Offset = fault.Offset, Collection = collection });
    }
}

using Basalt.Backends;
using Basalt.Records;

namespace Basalt;

public sealed partial class Collection
{
    /// <summary>
    /// Adds records, and sets the fields of those that exist in what is stored. A record that somebody else writes meanwhile is read and merged again. Of several records of one id in a
    /// batch the later ones are merged into the first, and have its outcome.
    /// </summary>
    private async ValueTask<BatchResult> MergeManyCoreAsync(IReadOnlyList<Record> records, BatchOptions options, CancellationToken cancellationToken)
    {
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        var (items, firsts, pending) = (new ItemOutcome[records.Count], new int[records.Count], new List<int>());
        var (places, wanted) = (new Dictionary<string, int>(StringComparer.Ordinal), new Record[records.Count]);
        for (var i = 0; i < records.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(records[i], nameof(records));
            var id = records[i].Id.Length > 0 || schema.IdField is not { } field ? records[i].Id : RecordId.FromValue(records[i][field]) ?? "";
            wanted[i] = records[i] with { Id = id };
            firsts[i] = id.Length > 0 && !places.TryAdd(id, i) ? places[id] : i;
            if (firsts[i] == i) pending.Add(i);
            else wanted[firsts[i]] = Merged(wanted[firsts[i]], wanted[i]);
        }

        for (var round = 1; pending.Count > 0; round++)
        {
            var known = pending.FindAll(i => wanted[i].Id.Length > 0);
            var stored = await FindManyAsync(known.ConvertAll(i => wanted[i].Id), cancellationToken).ConfigureAwait(false);
            var found = known.Zip(stored).Where(static pair => pair.Second is not null).ToDictionary(static pair => pair.First, static pair => pair.Second!);
            var written = pending.ConvertAll(i => found.TryGetValue(i, out var there) ? wanted[i] with { Fields = Merged(there, wanted[i]).Fields, Metadata = Merged(there, wanted[i]).Metadata } : wanted[i]);
            // What a minted id is given to is nowhere yet.
            var expected = pending.ConvertAll(i => found.TryGetValue(i, out var there) ? there.Version : 0L);
            var result = await WriteManyCoreAsync(WriteKind.Upsert, written, options, cancellationToken, expected).ConfigureAwait(false);
            for (var at = 0; at < pending.Count; at++) items[pending[at]] = result[at];
            var raced = pending.FindAll(i => items[i].Error == ErrorCode.Conflict);
            if (raced.Count == 0 || round == MaxAttempts) break;
            // With those that were kept back by it.
            pending = pending.FindAll(i => items[i].Error == ErrorCode.Conflict || items[i].Status == ItemStatus.NotTried);
        }

        for (var i = 0; i < items.Length; i++) items[i] = items[firsts[i]];
        return new BatchResult(items);
    }

    private async ValueTask<IReadOnlyList<Record?>> FindManyAsync(List<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            return ids.Count == 0 ? [] : await _records.ReadManyAsync(Name, ids, cancellationToken).ConfigureAwait(false);
        }
        catch (BasaltException e) when (e.Code == ErrorCode.NotFound)
        {
            // The collection is created by the first write.
            return new Record?[ids.Count];
        }
    }

    private static Record Merged(Record stored, Record record) => stored with { Fields = Merged(stored.Fields, record.Fields), Metadata = Merged(stored.Metadata, record.Metadata) };

    private static ValueMap Merged(ValueMap stored, ValueMap map)
    {
        if (map.Count == 0) return stored;
        var merged = new ValueMapBuilder(stored);
        foreach (var (name, value) in map) merged.Set(name, value);
        return merged.Build();
    }
}

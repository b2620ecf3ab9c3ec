using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Reads back what a move wrote. Records that expire are left out of it: they may be gone already.</summary>
internal static class Verification
{
    /// <summary>Of a destination that was empty: it holds what was written and nothing else.</summary>
    public static async ValueTask ScanAsync(Collection target, MoveState state, ContentHash hash, ProgressClock clock, CancellationToken cancellationToken)
    {
        long found = 0;
        UInt128 sum = 0;
        var (written, hashes) = (state.Written - state.Expiring, unchecked(state.Hash - state.ExpiringHash));
        await foreach (var record in target.StreamAsync(Queries.Query.All, cancellationToken).ConfigureAwait(false))
        {
            if (record.Expires is not null) continue;
            found++;
            sum = unchecked(sum + hash.Of(record));
            clock.Report(found, 0, written, null);
        }

        clock.Report(found, 0, written, null, isLast: true);
        if (found > written)
        {
            throw new BasaltException(ErrorCode.Conflict, $"The verification of '{target.Name}' failed: {written} records were written, but it holds {found}. Somebody else wrote to it meanwhile; what was written cannot be told from that.")
            { Operation = "verify", Target = target.Name };
        }

        if (found != written) throw Mismatch(target, $"{written} records were written, but it holds {found}");
        if (sum != hashes) throw Mismatch(target, $"it holds {found} records, as many as were written, but their content differs from what was sent");
    }

    /// <summary>Of a destination that held other records: by the ids that were written.</summary>
    public static async ValueTask ReadBackAsync(Collection target, MoveState state, WrittenLog log, int batchSize, ContentHash hash, ProgressClock clock, CancellationToken cancellationToken)
    {
        long found = 0, different = 0;
        var written = state.Written - state.Expiring;
        string? first = null;
        foreach (var entries in log.Read().Chunk(batchSize))
        {
            var records = await target.GetManyAsync([.. entries.Select(static e => e.Id)], cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < entries.Length; i++)
            {
                if (records[i] is { } record)
                {
                    found++;
                    if (hash.Of(record) == entries[i].Hash) continue;
                    different++;
                }

                first ??= entries[i].Id;
            }

            clock.Report(found, 0, written, null);
        }

        clock.Report(found, 0, written, null, isLast: true);
        if (found != written) throw Mismatch(target, $"{written} records were written, but {found} of them are there; the first that is not as sent is '{first}'");
        if (different > 0) throw Mismatch(target, $"{different} of the {found} records that were written differ from what was sent; the first is '{first}'");
    }

    /// <summary>Of records that were merged into others: what is there has their fields.</summary>
    public static async ValueTask MergedAsync(Collection target, IReadOnlyList<Record> records, ContentHash hash, CancellationToken cancellationToken)
    {
        var held = await HeldAsync(target, records, hash, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < held.Length; i++)
            if (held[i] != true) throw Mismatch(target, $"the record '{records[i].Id}' does not have the fields that were merged into it");
    }

    /// <summary>Whether what is there under the id of each record has its fields, those of later records where several have one id; null when nothing is there.</summary>
    public static async ValueTask<bool?[]> HeldAsync(Collection target, IReadOnlyList<Record> records, ContentHash hash, CancellationToken cancellationToken)
    {
        var last = new Dictionary<string, ValueMapBuilder>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (!last.TryGetValue(record.Id, out var fields)) last.Add(record.Id, fields = new ValueMapBuilder());
            foreach (var (name, value) in record.Fields) fields.Set(name, value);
        }

        string[] ids = [.. last.Keys];
        var stored = await target.GetManyAsync(ids, cancellationToken).ConfigureAwait(false);
        var held = new Dictionary<string, bool?>(StringComparer.Ordinal);
        for (var i = 0; i < ids.Length; i++)
        {
            var sent = new Record(ids[i], last[ids[i]].Build());
            held.Add(ids[i], stored[i] is { } there ? hash.Of(new Record(ids[i], ValueMap.From(sent.Fields.Select(field => new KeyValuePair<string, Value>(field.Key, there[field.Key]))))) == hash.Of(sent) : null);
        }

        return [.. records.Select(record => held[record.Id])];
    }

    private static BasaltException Mismatch(Collection target, string what) =>
        new(ErrorCode.Corrupt, $"The verification of '{target.Name}' failed: {what}.") { Operation = "verify", Target = target.Name };
}

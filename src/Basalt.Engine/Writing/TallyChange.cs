using Basalt.Engine.Collections;
using Basalt.Lsm;

namespace Basalt.Engine.Writing;

/// <summary>What one commit changes in the number of records of a collection. One thread.</summary>
internal sealed class TallyChange(EngineCollection collection)
{
    /// <summary>Times that have passed are taken off as writes come: so many at least, and more in a commit that brings more.</summary>
    private const int LeastFolded = 1024;
    private Dictionary<long, long>? _byTime;
    private long _records;

    /// <summary>What the collection has once the commit is durable.</summary>
    public RecordTally Tally { get; private set; }

    /// <summary>When the next of its records expires then, as far as is known.</summary>
    private long _next;

    /// <summary>Counts a record that comes (1) or goes (-1) with the time at which it expires, zero for never.</summary>
    public void Count(long expires, int change)
    {
        // What expired up to there is not among the records that are counted, and is not there for long.
        if (expires != 0 && expires <= collection.Tally.Folded) return;
        _records += change;
        if (expires == 0) return;
        _byTime ??= [];
        _byTime[expires] = _byTime.GetValueOrDefault(expires) + change;
    }

    /// <summary>Writes it into the batch, and takes off what has expired by now.</summary>
    public void Write(WriteBatch batch, Catalogue catalogue, long now)
    {
        var old = collection.Tally;
        Tally = old with { Records = old.Records + _records };
        if (old.HasExpiring || _byTime is not null) WriteInstants(batch, catalogue.PrepareInstants(collection), now);
        Span<byte> bytes = stackalloc byte[3 * sizeof(long)];
        batch.Put(catalogue.Tree, CatalogueKey.Records(collection.Entry.Number), bytes[..Tally.Write(bytes)]);
    }

    /// <summary>The commit is durable.</summary>
    public void Apply()
    {
        collection.Settle(Tally);
        collection.NextExpiry = _next;
    }

    private void WriteInstants(WriteBatch batch, LsmTree instants, long now)
    {
        // Before the commit can be seen: who counts asks a snapshot.
        collection.ExpectExpiring(instants);
        Tally = Tally with { Horizon = Math.Max(Math.Max(1, Tally.Horizon), now) };
        var changed = new SortedDictionary<long, long>();
        foreach (var (time, change) in _byTime ?? [])
            if (change != 0) changed[time] = RecordCount.At(instants, time) + change;
        foreach (var (time, records) in changed) RecordCount.Put(batch, instants, time, records);
        _next = Math.Min(collection.NextExpiry, FirstAfter(changed, 0));
        if (_next <= now) Fold(batch, instants, changed, now);
    }

    /// <summary>Takes off what has expired, the earliest first.</summary>
    private void Fold(WriteBatch batch, LsmTree instants, SortedDictionary<long, long> changed, long now)
    {
        var most = Math.Max(LeastFolded, 2 * changed.Count);
        var due = new SortedDictionary<long, long>();
        foreach (var (time, records) in RecordCount.Expired(instants, now).Take(most)) due.Add(time, records);
        var until = due.Count < most ? now : due.Keys.Last();
        // What this commit says of a time is newer.
        foreach (var (time, records) in changed.TakeWhile(each => each.Key <= until)) due[time] = records;
        foreach (var (time, records) in due)
        {
            Tally = Tally with { Records = Tally.Records - records, Folded = time };
            RecordCount.Put(batch, instants, time, 0);
        }

        _next = Math.Min(RecordCount.NextAfter(instants, until), FirstAfter(changed, until));
    }

    private static long FirstAfter(SortedDictionary<long, long> changed, long time) => changed.Keys.FirstOrDefault(each => each > time, long.MaxValue);
}

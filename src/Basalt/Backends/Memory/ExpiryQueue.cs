using Basalt.Records;

namespace Basalt.Backends.Memory;

/// <summary>
/// Which records of a collection expire when. A record that was replaced or removed stays in it until its instant, or until such entries are more than the records: then it is made anew.
/// Changed under the backend's lock; <see cref="IsDue"/> may be asked by anybody.
/// </summary>
internal sealed class ExpiryQueue(TimeProvider clock)
{
    private const int LeastStale = 1024;
    private readonly PriorityQueue<string, long> _ids = new();
    private long _next = long.MaxValue;

    /// <summary>Whether a record may have expired that is still there. The clock is asked only when any record expires at all.</summary>
    public bool IsDue => Volatile.Read(ref _next) is < long.MaxValue and var next && next <= Now;

    public bool HasExpired(Record record) => record.ExpiresAt != 0 && record.IsExpired(Now);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A record that was put.</summary>
    public void Note(Record record, RecordTree.Editor records)
    {
        if (record.ExpiresAt == 0) return;
        _ids.Enqueue(record.Id, record.ExpiresAt);
        if (_ids.Count > LeastStale && _ids.Count / 2 > records.Count) Renew(records);
        Volatile.Write(ref _next, Next);
    }

    /// <summary>Removes what has expired.</summary>
    public void Reclaim(RecordTree.Editor records)
    {
        if (!IsDue) return;
        var now = Now;
        while (_ids.TryPeek(out var id, out var expires) && expires <= now)
        {
            _ids.Dequeue();
            if (records.Find(id) is { } record && record.IsExpired(now)) records.Remove(id);
        }

        Volatile.Write(ref _next, Next);
    }

    private long Next => _ids.TryPeek(out _, out var next) ? next : long.MaxValue;

    private void Renew(RecordTree.Editor records)
    {
        var current = _ids.UnorderedItems.Where(entry => records.Find(entry.Element)?.ExpiresAt == entry.Priority).Distinct().ToList();
        _ids.Clear();
        _ids.EnqueueRange(current);
    }
}

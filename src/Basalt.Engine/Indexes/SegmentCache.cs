using System.Collections.Concurrent;
using Basalt.Lsm;

namespace Basalt.Engine.Indexes;

/// <summary>The segments that searches have opened, by table and index, until their tables are gone. Mapped files cost addresses, not memory. Thread-safe.</summary>
internal sealed class SegmentCache : IDisposable
{
    private readonly ConcurrentDictionary<(ulong Table, uint Index), OpenSegment> _open = [];

    /// <summary>The segment of a table, held for the caller; null when the table has none of this index. A graph that was attached since is taken up.</summary>
    public OpenSegment? Hold(LsmTable table, IndexEntry index)
    {
        var place = (table.Number, index.Number);
        while (true)
        {
            if (_open.TryGetValue(place, out var known))
            {
                if ((known.IsComplete || !table.Sidecars.Contains(index.GraphSection)) && known.TryHold()) return known;
                Forget(place, known);
            }

            if (OpenSegment.Open(table, index) is not { } opened) return null;
            // One hold for the cache, one for the caller.
            opened.TryHold();
            if (_open.TryAdd(place, opened)) return opened;
            opened.Release();
            opened.Release();
        }
    }

    /// <summary>Lets go of the segments of tables that are gone, or of an index that is.</summary>
    public void Keep(Func<ulong, uint, bool> isThere)
    {
        foreach (var (place, segment) in _open)
            if (!isThere(place.Table, place.Index)) Forget(place, segment);
    }

    public void Dispose() => Keep(static (_, _) => false);

    private void Forget((ulong, uint) place, OpenSegment segment)
    {
        if (_open.TryRemove(new KeyValuePair<(ulong, uint), OpenSegment>(place, segment))) segment.Release();
    }
}

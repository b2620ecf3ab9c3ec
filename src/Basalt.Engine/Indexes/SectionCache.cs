using System.Collections.Concurrent;
using Basalt.Engine.Nearest;
using Basalt.Lsm;
using Basalt.Vectors;

namespace Basalt.Engine.Indexes;

/// <summary>The sections that searches have opened, by table and index, until their tables are gone. Mapped files cost addresses, not memory. Thread-safe.</summary>
internal sealed class SectionCache : IDisposable
{
    private readonly ConcurrentDictionary<(ulong Table, uint Index), OpenSection> _open = [];
    private readonly ConcurrentDictionary<uint, NearestSearch> _searches = [];

    /// <summary>What tables have of the keys of others.</summary>
    public Overlaps Overlaps { get; } = new();

    /// <summary>The search of a vector index, which keeps its buffers between queries.</summary>
    public NearestSearch Search(IndexEntry index) => _searches.GetOrAdd(index.Number, static (_, index) => new NearestSearch(index.Metric, ElementType.Float32, index.Definition.Dimension!.Value), index);

    /// <summary>The section of a table, held for the caller; null when the table has none of this index. A graph that was attached since is taken up.</summary>
    public OpenSection? Hold(LsmTable table, IndexEntry index)
    {
        var place = (table.Number, index.Number);
        while (true)
        {
            if (_open.TryGetValue(place, out var known))
            {
                if ((known.IsComplete || !table.Sidecars.Contains(index.GraphSection)) && known.TryHold()) return known;
                Forget(place, known);
            }

            if (OpenSection.Open(table, index) is not { } opened) return null;
            // One hold for the cache, one for the caller.
            opened.TryHold();
            if (_open.TryAdd(place, opened)) return opened;
            opened.Release();
            opened.Release();
        }
    }

    /// <summary>Lets go of the sections of tables that are gone, or of an index that is.</summary>
    public void Keep(Func<ulong, uint, bool> isThere)
    {
        foreach (var (place, section) in _open)
            if (!isThere(place.Table, place.Index)) Forget(place, section);
        foreach (var index in _searches.Keys)
            if (!_open.Keys.Any(place => place.Index == index)) _searches.TryRemove(index, out _);
    }

    public void Dispose() => Keep(static (_, _) => false);

    private void Forget((ulong, uint) place, OpenSection section)
    {
        if (_open.TryRemove(new KeyValuePair<(ulong, uint), OpenSection>(place, section))) section.Release();
    }
}

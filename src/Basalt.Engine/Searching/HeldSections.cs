using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Lsm;

namespace Basalt.Engine.Searching;

/// <summary>The sections that a search works with, held until it is disposed of. One thread.</summary>
internal sealed class HeldSections(SectionCache cache, IReadOnlyList<LsmTable> tables) : IDisposable
{
    private readonly Dictionary<(int Part, uint Index), OpenSection?> _held = [];

    /// <summary>What a part has of an index; null when that is not built yet.</summary>
    public OpenSection? Of(int part, IndexEntry index)
    {
        if (!_held.TryGetValue((part, index.Number), out var section)) _held.Add((part, index.Number), section = cache.Hold(tables[part], index));
        return section;
    }

    /// <inheritdoc cref="SectionCache.Search"/>
    public NearestSearch Search(IndexEntry index) => cache.Search(index);

    public void Dispose()
    {
        foreach (var section in _held.Values) section?.Release();
        _held.Clear();
    }
}

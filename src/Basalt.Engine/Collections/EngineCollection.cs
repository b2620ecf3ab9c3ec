using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Schemas;

namespace Basalt.Engine.Collections;

/// <summary>A collection that is open: its tree, its names, and how many records it has. Changed by the one writer; read by anybody.</summary>
internal sealed class EngineCollection(string name, CollectionEntry entry, LsmTree records, NameList names, long count)
{
    private long _count = count;

    public string Name { get; } = name;

    public CollectionEntry Entry { get; } = entry;

    public Schema Schema => Entry.Schema;

    public LsmTree Tree { get; } = records;

    public NameList Names { get; } = names;

    /// <summary>How many records are committed.</summary>
    public long Count
    {
        get => Interlocked.Read(ref _count);
        set => Interlocked.Exchange(ref _count, value);
    }
}

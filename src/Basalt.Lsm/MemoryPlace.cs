namespace Basalt.Lsm;

/// <summary>The place of an entry in a memtable, as <see cref="LsmMemtable"/> gives it: good as long as that memtable. The default value is the place before the first entry.</summary>
public readonly record struct MemoryPlace
{
    internal MemoryPlace(uint node) => Node = node;

    internal uint Node { get; }
}

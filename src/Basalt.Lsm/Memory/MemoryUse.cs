namespace Basalt.Lsm.Memory;

/// <summary>What memory of a store is used for.</summary>
public enum MemoryUse
{
    /// <summary>Writes that are not in tables yet.</summary>
    Memtables,

    /// <summary>Blocks of tables that were read: data, index and filter.</summary>
    BlockCache,

    /// <summary>What every open table keeps resident: the root of its index, its first and last key.</summary>
    Tables,

    /// <summary>Buffers of flushes, merges and loads.</summary>
    Builds,

    /// <summary>Sections of sidecars held in memory, and what their builders asked for.</summary>
    Sidecars,
}

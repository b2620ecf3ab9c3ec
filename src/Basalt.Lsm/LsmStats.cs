namespace Basalt.Lsm;

/// <summary>What a store holds, and what it wrote since it was opened. Bytes, unless said otherwise.</summary>
public sealed record LsmStats
{
    /// <summary>How many tables.</summary>
    public required int Tables { get; init; }

    /// <summary>The runs of the tree that has most: a read looks into each. A run is one table or several that share no key.</summary>
    public required int MostRuns { get; init; }

    /// <summary>Their size on disk.</summary>
    public required long TableBytes { get; init; }

    /// <summary>Entries in tables; a key counts once for each table that has it.</summary>
    public required long Entries { get; init; }

    /// <summary>Entries that say that a key was deleted.</summary>
    public required long Tombstones { get; init; }

    /// <summary>What the open tables keep in memory: the roots of their indexes, their first and last keys.</summary>
    public required long ResidentTableBytes { get; init; }

    /// <summary>Blocks in the cache.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>How often a block was found in the cache since the store was opened.</summary>
    public required long CacheHits { get; init; }

    /// <summary>How often it was not, and was read from the disk.</summary>
    public required long CacheMisses { get; init; }

    /// <summary>Writes in memory.</summary>
    public required long MemtableBytes { get; init; }

    /// <summary>Written to the log since the store was opened.</summary>
    public required long LoggedBytes { get; init; }

    /// <summary>Written to tables out of memtables since then.</summary>
    public required long FlushedBytes { get; init; }

    /// <summary>Written to tables by bulk loads since then.</summary>
    public required long LoadedBytes { get; init; }

    /// <summary>Written to tables by merges since then.</summary>
    public required long MergedBytes { get; init; }

    /// <summary>Which keys the files are encrypted under. A rotation is complete when only the current key is left; <see cref="LsmStore.Compact(CancellationToken)"/> completes it.</summary>
    public required IReadOnlyList<KeyUse> Keys { get; init; }

    /// <summary>Groups of batches written to the log since then.</summary>
    public required long CommitGroups { get; init; }

    /// <summary>Whether writers are held back now.</summary>
    public required WritePressure Pressure { get; init; }

    /// <summary>Why, in words; null when they are not.</summary>
    public required string? PressureReason { get; init; }

    /// <summary>How long writers waited for maintenance since the store was opened, all together.</summary>
    public required TimeSpan WriterWaits { get; init; }

    /// <summary>How long merges rested for the sake of <see cref="LsmOptions.MergeShare"/> since then.</summary>
    public required TimeSpan MergeRests { get; init; }

    /// <summary>Why the last flush or merge in the background failed, or what <see cref="LsmOptions.TablesChanged"/> threw when it was last told; null when nothing did. It is tried again.</summary>
    public required string? MaintenanceFailure { get; init; }

    /// <summary>Why writes are refused for want of space, or null: <see cref="LsmErrorCode.DiskFull"/>.</summary>
    public required string? DiskFull { get; init; }

    /// <summary>Why writes are refused until the store is opened again, or null: <see cref="LsmErrorCode.Poisoned"/>.</summary>
    public required string? Poisoned { get; init; }

    /// <summary>Paths of the tables that merges found damaged since then, and leave alone. <see cref="LsmStore.Verify"/> tells more.</summary>
    public required IReadOnlyList<string> DamagedTables { get; init; }
}

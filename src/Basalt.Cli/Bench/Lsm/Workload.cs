using Basalt.Lsm.Tables;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>What is measured. Equal workloads write equal bytes.</summary>
/// <param name="Count">How many entries are loaded, for each order of keys.</param>
/// <param name="KeyBytes">The length of a key: at least <see cref="EntrySource.LeastKeyBytes"/>.</param>
/// <param name="ValueBytes">The length of a value.</param>
/// <param name="BatchSize">Entries of a durable batch.</param>
/// <param name="Threads">How many concurrent writers.</param>
/// <param name="Durability">When a write is durable.</param>
/// <param name="CompressiblePercent">The share of a value that repeats what stands before it, in percent.</param>
/// <param name="Seed">Keys and values are made from it.</param>
internal sealed record Workload(long Count, int KeyBytes, int ValueBytes, int BatchSize, int Threads, Durability Durability, int CompressiblePercent, long Seed)
{
    /// <summary>Point reads of a measurement.</summary>
    public long Reads => Math.Min(Count, 300_000);

    /// <summary>What a store may keep in memory: memtables, cache and all; SQLite: its page cache.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>How tables are compressed.</summary>
    public TableCompression Compression { get; init; }

    /// <summary>Whether everything is encrypted on disk; SQLite cannot.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>How long single puts are measured at a time, unless as many as were loaded are done before.</summary>
    public TimeSpan PutTime { get; init; } = TimeSpan.FromMilliseconds(500);

    public int EntryBytes => KeyBytes + ValueBytes;
}

using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Wal;

namespace Basalt.Lsm;

/// <summary>How a store is opened. Checked by <see cref="LsmStore.Open"/>; nothing is clamped.</summary>
public sealed record LsmOptions
{
    /// <summary>The folder that the store lives in. Required.</summary>
    public required string Folder { get; init; }

    /// <summary>The disk. Default: this machine's.</summary>
    public IFileSystem FileSystem { get; init; } = LocalFileSystem.Instance;

    /// <summary>When an acknowledged write is durable. Default: always, before it is acknowledged.</summary>
    public SyncPolicy Sync { get; init; } = SyncPolicy.Always;

    /// <summary>
    /// How many bytes of writes are kept in memory before they become tables: 4 KiB to 512 MiB, default 32 MiB. Twice as much can be held while
    /// they are written out; then writers wait. It bounds the replay at open.
    /// </summary>
    public long MemtableBytes { get; init; } = 32L << 20;

    /// <summary>The size that a block of a table is closed at: 256 bytes to 1 MiB, default 4 KiB. A larger entry has a block of its own.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>Bits of the bloom filter per key: 0 (no filter) to 32, default 10 (about one false positive in a hundred).</summary>
    public int FilterBitsPerKey { get; init; } = 10;

    /// <summary>How blocks of new tables are compressed. Default: not.</summary>
    public TableCompression Compression { get; init; }

    /// <summary>
    /// The account that all memory of the store is taken from: the block cache has what memtables, builds and open tables leave of it. May be
    /// shared with other stores. Seven eighths of its limit must hold two memtables and 8 MiB more. Default: an own one of 256 MiB, or of two memtables and 128 MiB if that is more.
    /// </summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>
    /// The memory of a bulk load, in which it sorts: 64 KiB to 1 GiB, default 32 MiB; taken from <see cref="Memory"/> while the load is open. Keys in
    /// random order make one run for each time that it fills, and writers may wait until many runs are merged.
    /// </summary>
    public int LoadBytes { get; init; } = 32 << 20;

    /// <summary>
    /// How many runs of similar size are merged into one: 2 to 32, default 4. Writers are slowed when a tree has more than eight times as many
    /// runs, and stopped at sixteen times.
    /// </summary>
    public int MergeWidth { get; init; } = 4;

    /// <summary>
    /// How large a merge makes a table: 1 KiB to 1 TiB of entries, default 4 GiB. Each table is a step of its own: a merge that is stopped loses at
    /// most one, and the space that a merge needs on top is about that of one. A larger entry has a table of its own.
    /// </summary>
    public long MaxTableBytes { get; init; } = 4L << 30;

    /// <summary>
    /// What may be stored for nothing: 0.1 to 10, default 1. When the tables newer than the oldest run of a tree reach this many times its size, all of them are merged.
    /// So once merges have settled, the tables take at most (1 + ratio) times what their live entries need, and one memtable, as long as deleted
    /// and overwritten entries are not larger than the average. Less space costs more merging.
    /// </summary>
    public double SpaceRatio { get; init; } = 1;

    /// <summary>
    /// The share of the time that merges work while somebody writes or reads: above 0 to 1, default 0.5. With nobody there, when writers are slowed
    /// because merges are behind, and in an explicit compaction they work all the time.
    /// </summary>
    public double MergeShare { get; init; } = 0.5;

    /// <summary>
    /// Told when writers begin or cease to be held back, with the reason in words. Called by a writer before it waits, or by a thread of the store;
    /// it must be quick and must not use the store. What it throws fails that write or that step of maintenance.
    /// </summary>
    public Action<WritePressure, string> PressureChanged { get; init; } = static (_, _) => { };

    /// <summary>
    /// Told the name of each tree that has other tables, or other sidecars, than before: behind a flush, each step of a merge, a load, a drop, and what installs or
    /// drops sidecars, once readers see it, by the thread that did it. Not told of what the opening itself writes. It must be quick, and may read the store; it must not write
    /// to it, flush, merge or close it, as others may wait for its thread. Default: nobody is told.
    /// </summary>
    /// <remarks>
    /// What it throws undoes nothing and fails no call: it is named in <see cref="LsmStats.MaintenanceFailure"/>, and the same is told again by a thread of
    /// the store, at once and then after pauses that double from 100 ms to 30 s, until it does not throw.
    /// </remarks>
    public Action<string> TablesChanged { get; init; } = static _ => { };

    /// <summary>
    /// The keys that the store is encrypted with. Default: none, nothing is encrypted. New files are written under the current key; what is
    /// plain or under an older key is read as it is, and rewritten by <see cref="LsmStore.Compact(CancellationToken)"/>.
    /// </summary>
    public IKeyProvider? Keys { get; init; }

    /// <summary>The clock of <see cref="SyncPolicy.Interval"/>, of group commit, of writers that are held back, of retries and of the rests of merges.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Flushes and merges run on the thread of the writer that finds memory full, so that the order of operations is the same every time.</summary>
    internal bool RunsMaintenanceInline { get; init; }

    /// <summary>The sidecars of a keyspace, by its name: they write their sections into each of its tables from now on. Asked whenever a table is written. Default: none.</summary>
    public Func<string, IReadOnlyList<ISidecar>> Sidecars { get; init; } = static _ => [];

    private const long LeastBeside = 8L << 20;
    internal MemoryBudget DefaultMemory => new(Math.Max(256L << 20, 2 * MemtableBytes + (128L << 20)));

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Folder)) throw Invalid(nameof(Folder), "must name a folder");
        if (MemtableBytes is < 4096 or > 512L << 20) throw Invalid(nameof(MemtableBytes), $"must be 4096 to {512L << 20}, not {MemtableBytes}");
        if (BlockBytes is < 256 or > 1 << 20) throw Invalid(nameof(BlockBytes), $"must be 256 to {1 << 20}, not {BlockBytes}");
        if (FilterBitsPerKey is < 0 or > 32) throw Invalid(nameof(FilterBitsPerKey), $"must be 0 to 32, not {FilterBitsPerKey}");
        if (!Enum.IsDefined(Compression)) throw Invalid(nameof(Compression), $"has no such value as {(int)Compression}");
        if (Memory is not null && Memory.LeftBeside(2 * MemtableBytes) < LeastBeside) throw Invalid(nameof(Memory), $"must leave {LeastBeside} bytes beside two memtables and an eighth; of {Memory.Limit} it leaves {Memory.LeftBeside(2 * MemtableBytes)}");
        if (LoadBytes is < 64 << 10 or > 1 << 30) throw Invalid(nameof(LoadBytes), $"must be {64 << 10} to {1 << 30}, not {LoadBytes}");
        if (MergeWidth is < 2 or > 32) throw Invalid(nameof(MergeWidth), $"must be 2 to 32, not {MergeWidth}");
        if (MaxTableBytes is < 1024 or > 1L << 40) throw Invalid(nameof(MaxTableBytes), $"must be 1024 to {1L << 40}, not {MaxTableBytes}");
        if (SpaceRatio is not (>= 0.1 and <= 10)) throw Invalid(nameof(SpaceRatio), $"must be 0.1 to 10, not {SpaceRatio}");
        if (MergeShare is not (> 0 and <= 1)) throw Invalid(nameof(MergeShare), $"must be above 0 and at most 1, not {MergeShare}");
    }

    private static LsmException Invalid(string option, string what) => new(LsmErrorCode.InvalidOptions, $"The option {option} {what}.");
}

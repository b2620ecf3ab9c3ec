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

    /// <summary>How many bytes of writes are kept in memory before they become tables: 4 KiB to 512 MiB, default 64 MiB. Twice as much can be held while they are written out. It bounds the replay at open.</summary>
    public long MemtableBytes { get; init; } = 64L << 20;

    /// <summary>The size that a block of a table is closed at: 256 bytes to 1 MiB, default 4 KiB. A larger entry has a block of its own.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>Bits of the bloom filter per key: 0 (no filter) to 32, default 10 (about one false positive in a hundred).</summary>
    public int FilterBitsPerKey { get; init; } = 10;

    /// <summary>How blocks of new tables are compressed. Default: not.</summary>
    public TableCompression Compression { get; init; }

    /// <summary>
    /// The account that all memory of the store is taken from: the block cache has what memtables, builds and open tables leave of it. May be
    /// shared with other stores. Its limit must hold two memtables and 16 MiB more. Default: an own one of 256 MiB, or of two memtables and 128 MiB if that is more.
    /// </summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>How many tables of similar size are merged into one: 2 to 32, default 4.</summary>
    public int MergeWidth { get; init; } = 4;

    /// <summary>
    /// The keys that the store is encrypted with. Default: none, nothing is encrypted. New files are written under the current key; what is
    /// plain or under an older key is read as it is, and rewritten by <see cref="LsmStore.Compact(CancellationToken)"/>.
    /// </summary>
    public IKeyProvider? Keys { get; init; }

    /// <summary>The clock of <see cref="SyncPolicy.Interval"/> and of group commit.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The sidecars of a keyspace, by its name: they write their sections into each of its tables from now on. Asked whenever a table is written. Default: none.</summary>
    public Func<string, IReadOnlyList<ISidecar>> Sidecars { get; init; } = static _ => [];

    private const long LeastBeside = 16L << 20;
    internal MemoryBudget DefaultMemory => new(Math.Max(256L << 20, 2 * MemtableBytes + (128L << 20)));

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Folder)) throw Invalid(nameof(Folder), "must name a folder");
        if (MemtableBytes is < 4096 or > 512L << 20) throw Invalid(nameof(MemtableBytes), $"must be 4096 to {512L << 20}, not {MemtableBytes}");
        if (BlockBytes is < 256 or > 1 << 20) throw Invalid(nameof(BlockBytes), $"must be 256 to {1 << 20}, not {BlockBytes}");
        if (FilterBitsPerKey is < 0 or > 32) throw Invalid(nameof(FilterBitsPerKey), $"must be 0 to 32, not {FilterBitsPerKey}");
        if (!Enum.IsDefined(Compression)) throw Invalid(nameof(Compression), $"has no such value as {(int)Compression}");
        if (Memory is not null && Memory.Limit < 2 * MemtableBytes + LeastBeside) throw Invalid(nameof(Memory), $"must be at least {2 * MemtableBytes + LeastBeside} bytes, two memtables and {LeastBeside} more, not {Memory.Limit}");
        if (MergeWidth is < 2 or > 32) throw Invalid(nameof(MergeWidth), $"must be 2 to 32, not {MergeWidth}");
    }

    private static LsmException Invalid(string option, string what) => new(LsmErrorCode.InvalidOptions, $"The option {option} {what}.");
}

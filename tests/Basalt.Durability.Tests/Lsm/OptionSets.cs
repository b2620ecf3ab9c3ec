using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Wal;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// The ways to open a store that must not change an answer. A line for each; whoever adds an option adds a line, and every history and every
/// crash runs with it, too, plain and encrypted.
/// </summary>
internal static class OptionSets
{
    private const string UnderKeys = ", encrypted";
    private const long LeastMemory = (16L << 20) + 2 * 4096;
    private static readonly KeyRing[] Rings = [Ring("spring"), Ring("autumn")];
    private static readonly Dictionary<string, Func<LsmOptions, LsmOptions>> Sets = new(StringComparer.Ordinal)
    {
        ["tiny memtable"] = static options => options,
        ["large memtable"] = static options => options with { MemtableBytes = 1 << 20 },
        ["tiny memtable, wide merges"] = static options => options with { MergeWidth = 6 },
        ["small memtable, default blocks"] = static options => options with { MemtableBytes = 32 << 10, BlockBytes = 4096, MergeWidth = 4 },
        ["large blocks, no filter"] = static options => options with { BlockBytes = 64 << 10, FilterBitsPerKey = 0 },
        ["wide filter"] = static options => options with { FilterBitsPerKey = 32, MergeWidth = 3 },
        ["narrow filter"] = static options => options with { FilterBitsPerKey = 1, BlockBytes = 1024 },
        ["compressed"] = static options => options with { Compression = TableCompression.Brotli, BlockBytes = 1024 },
        ["little memory"] = static options => options with { Memory = new MemoryBudget(LeastMemory) },
        ["small slices"] = static options => options with { MaxTableBytes = 1024 },
        ["little space, slow merges"] = static options => options with { SpaceRatio = 0.1, MergeShare = 0.1 },
        ["maintenance inline"] = static options => options with { RunsMaintenanceInline = true },
        ["tables of a few entries"] = static options => options with { MaxTableBytes = 1024, MergeWidth = 3 },
        ["eager merges"] = static options => options with { SpaceRatio = 0.1, MergeShare = 1 },
        ["lazy merges"] = static options => options with { SpaceRatio = 10, MergeShare = 0.01, MergeWidth = 8 },
        ["synced at intervals"] = static options => options with { Sync = SyncPolicy.Interval(TimeSpan.FromMilliseconds(1)) },
        ["not synced, compressed"] = static options => options with { Sync = SyncPolicy.None, MemtableBytes = 8192, Compression = TableCompression.Brotli },
    };

    /// <summary>Every set, plain.</summary>
    public static IReadOnlyList<string> Plain { get; } = [.. Sets.Keys];

    /// <summary>Every set with keys; the current one differs, so that a store that goes from set to set has files of both.</summary>
    public static IReadOnlyList<string> Encrypted { get; } = [.. Sets.Keys.Select(static name => name + UnderKeys)];

    public static IReadOnlyList<string> Names { get; } = [.. Plain, .. Encrypted];

    /// <summary>Sets that one store may be opened with in turn: what is encrypted needs keys from then on.</summary>
    public static IReadOnlyList<string> Family(int number) => number % 2 == 0 ? Plain : Encrypted;

    /// <summary>A set by its name, over options that make a short history flush and merge often.</summary>
    public static LsmOptions Of(string name, string folder, IFileSystem disk)
    {
        var plain = name.EndsWith(UnderKeys, StringComparison.Ordinal) ? name[..^UnderKeys.Length] : name;
        var options = Sets[plain](new LsmOptions { Folder = folder, FileSystem = disk, MemtableBytes = 4096, BlockBytes = 256, MergeWidth = 2, LoadBytes = 64 << 10 });
        return plain == name ? options : options with { Keys = Rings[Plain.ToList().IndexOf(plain) % Rings.Length] };
    }

    private static KeyRing Ring(string current)
    {
        var ring = new KeyRing("spring", [.. Enumerable.Repeat((byte)7, KeyRing.KeyBytes)]);
        ring.Add("autumn", [.. Enumerable.Repeat((byte)9, KeyRing.KeyBytes)]);
        ring.Use(current);
        return ring;
    }
}

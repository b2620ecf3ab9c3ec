using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// The ways to open a store that must not change an answer. A line for each; whoever adds an option adds a line, and every history and every
/// crash runs with it, too.
/// </summary>
internal static class OptionSets
{
    private static readonly Dictionary<string, Func<LsmOptions, LsmOptions>> Sets = new(StringComparer.Ordinal)
    {
        ["tiny memtable"] = static options => options,
        ["large memtable"] = static options => options with { MemtableBytes = 1 << 20 },
        ["tiny memtable, wide merges"] = static options => options with { MergeWidth = 6 },
        ["small memtable, default blocks"] = static options => options with { MemtableBytes = 32 << 10, BlockBytes = 4096, MergeWidth = 4 },
        ["large blocks, no filter"] = static options => options with { BlockBytes = 64 << 10, FilterBitsPerKey = 0 },
        ["wide filter"] = static options => options with { FilterBitsPerKey = 32, MergeWidth = 3 },
        ["narrow filter"] = static options => options with { FilterBitsPerKey = 1, BlockBytes = 1024 },
        ["synced at intervals"] = static options => options with { Sync = SyncPolicy.Interval(TimeSpan.FromMilliseconds(1)) },
        ["not synced"] = static options => options with { Sync = SyncPolicy.None, MemtableBytes = 8192 },
    };

    public static IReadOnlyList<string> Names { get; } = [.. Sets.Keys];

    /// <summary>Those under which an acknowledged write survives a power cut.</summary>
    public static IReadOnlyList<string> Durable { get; } = [.. Names.Where(static name => Of(name, "x", new MemoryFileSystem()).Sync == SyncPolicy.Always)];

    /// <summary>A set by its name, over options that make a short history flush and merge often.</summary>
    public static LsmOptions Of(string name, string folder, IFileSystem disk) =>
        Sets[name](new LsmOptions { Folder = folder, FileSystem = disk, MemtableBytes = 4096, BlockBytes = 256, MergeWidth = 2 });
}

using System.Globalization;
using Basalt.Backends;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Wal;

namespace Basalt.Engine;

/// <summary>How a <see cref="EngineBackend"/> is opened. Checked at the opening; nothing is clamped.</summary>
public sealed record EngineOptions
{
    /// <summary>The least memory that can be asked for.</summary>
    public const long LeastMemoryBytes = 32L << 20;

    /// <summary>The folder, which is created if it is not there.</summary>
    public required string Path { get; init; }

    /// <summary>When an acknowledged write is durable. Default: always, before it is acknowledged.</summary>
    public SyncPolicy Sync { get; init; } = SyncPolicy.Always;

    /// <summary>The memory of blocks, memtables and builds together, in bytes: 32 MiB to 1 TiB, default 256 MiB. Memtables take at most a quarter of it.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>The clock of timestamps, waits and expiry.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The disk.</summary>
    internal IFileSystem FileSystem { get; init; } = LocalFileSystem.Instance;

    /// <summary>The account of the memory, for who wants to look into it; null: an own one of <see cref="MemoryBytes"/>.</summary>
    internal MemoryBudget? Budget { get; init; }

    /// <summary>Bytes of writes before they become a table; zero: an eighth of the memory, at most 32 MiB.</summary>
    internal long MemtableBytes { get; init; }

    internal LsmOptions ToLsm() => new()
    {
        Folder = Path,
        FileSystem = FileSystem,
        Sync = Sync,
        Memory = Budget ?? new MemoryBudget(MemoryBytes),
        MemtableBytes = MemtableBytes > 0 ? MemtableBytes : Math.Min(32L << 20, MemoryBytes / 8),
        LoadBytes = (int)Math.Min(32L << 20, MemoryBytes / 8),
        TimeProvider = TimeProvider,
    };

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Path)) throw Invalid("basalt: needs a folder, such as basalt:./data#movies.");
        if (Path.Contains('\0')) throw Invalid("The folder of basalt: has a NUL character.");
        if (MemoryBytes is < LeastMemoryBytes or > 1L << 40) throw Invalid($"The memory of basalt: must be 32 MiB to 1 TiB, not {MemoryBytes} bytes.");
    }

    /// <summary>
    /// What an address says: its path is a folder. Options: <c>sync</c> (<c>always</c>, <c>none</c>, or milliseconds such as <c>200ms</c>) and
    /// <c>memory</c> (bytes, or such as <c>512mb</c> and <c>2gb</c>, of 1024 and its powers).
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option is unknown or cannot be used.</exception>
    public static EngineOptions Of(StoreUri uri, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(timeProvider);
        uri.RequireOptions("sync", "memory");
        var engine = new EngineOptions { Path = uri.Path, TimeProvider = timeProvider };
        foreach (var (name, value) in uri.Options) engine = name == "sync" ? engine with { Sync = ParseSync(value) } : engine with { MemoryBytes = ParseBytes(value) };
        return engine;
    }

    /// <summary>Opens the database at an address.</summary>
    /// <inheritdoc cref="Of"/>
    public static ValueTask<IBackend> OpenAsync(StoreUri uri, DatabaseOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ValueTask.FromResult<IBackend>(EngineBackend.Open(Of(uri, options.TimeProvider), cancellationToken));
    }

    private static SyncPolicy ParseSync(string text) => text switch
    {
        "always" => SyncPolicy.Always,
        "none" => SyncPolicy.None,
        _ when text.EndsWith("ms", StringComparison.Ordinal) && int.TryParse(text.AsSpan(0, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is > 0 and <= 3_600_000 =>
            SyncPolicy.Interval(TimeSpan.FromMilliseconds(milliseconds)),
        _ => throw Invalid($"sync must be always, none, or 1ms to 3600000ms, not '{text}'."),
    };

    private static long ParseBytes(string text)
    {
        var digits = text.AsSpan().TrimEnd("bBkKmMgGtT");
        var shift = text[digits.Length..].ToLowerInvariant() switch { "" => 0, "kb" => 10, "mb" => 20, "gb" => 30, "tb" => 40, _ => -1 };
        return shift >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift
            ? number << shift
            : throw Invalid($"memory must be a number of bytes, such as 268435456, 512mb or 2gb, not '{text}'.");
    }

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message) { Backend = EngineFaults.Scheme };
}

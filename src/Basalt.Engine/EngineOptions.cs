using System.Globalization;
using Basalt.Backends;
using Basalt.Engine.Changes;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Wal;
using Basalt.Records;

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

    /// <summary>
    /// One search by vector of so many is run once more, exactly, in the background, to tell how much searches find (<see cref="Basalt.Indexes.IndexState.Recall"/>, and the metric <c>basalt.search.recall</c>):
    /// 0 to a million, default 0, none. It takes at most a twentieth of one processor.
    /// </summary>
    public int RecallEvery { get; init; }

    /// <summary>How long committed changes are kept; <see cref="ChangeRetention.None"/> for not at all. Null: as the database was last told, and not at all when it never was.</summary>
    public ChangeRetention? Changes { get; init; }

    /// <summary>
    /// The file of the keys that the database is encrypted with (AES-256-GCM); null for none. A key a line, as 64 hexadecimal digits or base64, with a name before it and the current one first when there are several.
    /// A database that is there already is encrypted as its files are written anew, all of it by a compaction.
    /// </summary>
    public string? KeyFile { get; init; }

    /// <summary>The environment variable that holds what a <see cref="KeyFile"/> holds; null for none. Not both.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>The clock of timestamps, waits and expiry.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The disk.</summary>
    internal IFileSystem FileSystem { get; init; } = LocalFileSystem.Instance;

    /// <summary>The account of the memory, for who wants to look into it; null: an own one of <see cref="MemoryBytes"/>.</summary>
    internal MemoryBudget? Budget { get; init; }

    /// <summary>Bytes of writes before they become a table; zero: an eighth of the memory, at most 32 MiB.</summary>
    internal long MemtableBytes { get; init; }

    /// <summary>Reads the keys; null when there are none. The caller disposes of them, behind the store.</summary>
    internal KeyRing? ReadKeys() => KeyFile is not null ? Engine.KeyFile.Read(KeyFile) : KeyVariable is not null ? Engine.KeyFile.ReadVariable(KeyVariable) : null;

    internal LsmOptions ToLsm(IKeyProvider? keys) => new()
    {
        Folder = Path,
        FileSystem = FileSystem,
        Sync = Sync,
        Keys = keys,
        Memory = Budget ?? new MemoryBudget(MemoryBytes),
        MemtableBytes = MemtableBytes > 0 ? MemtableBytes : Math.Min(32L << 20, MemoryBytes / 8),
        LoadBytes = (int)Math.Min(32L << 20, MemoryBytes / 8),
        TimeProvider = TimeProvider,
    };

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Path)) throw Invalid("basalt: needs a folder, such as basalt:./data#movies.");
        if (Path.Contains('\0')) throw Invalid("The folder of basalt: has a NUL character.");
        if (RecallEvery is < 0 or > 1_000_000) throw Invalid($"recall must be 0 to 1000000, not {RecallEvery}.");
        if (MemoryBytes is < LeastMemoryBytes or > 1L << 40) throw Invalid($"The memory of basalt: must be 32 MiB to 1 TiB, not {MemoryBytes} bytes.");
        if (KeyFile is not null && KeyVariable is not null) throw Invalid("The keys of basalt: come of a file or of an environment variable, not of both.");
        if (Changes?.Problem is { } problem) throw Invalid($"The option changes of basalt: cannot be used: {problem}.");
    }

    /// <summary>
    /// What an address says: its path is a folder. Options: <c>sync</c> (<c>always</c>, <c>none</c>, or milliseconds such as <c>200ms</c>),
    /// <c>memory</c> (bytes, or such as <c>512mb</c> and <c>2gb</c>, of 1024 and its powers) <c>recall</c> (measure one search by vector of so many; 0, none, unless given),
    /// <c>changes</c> (how long they are kept: bytes, a time such as <c>7d</c>, both with a comma, or <c>off</c>),
    /// and <c>key-file</c> or <c>key-env</c> (the file, or the environment variable, of the keys that it is encrypted with; never a key itself).
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option is unknown or cannot be used.</exception>
    public static EngineOptions Of(StoreUri uri, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(timeProvider);
        uri.RequireOptions("sync", "memory", "recall", "changes", "key-file", "key-env");
        var engine = new EngineOptions { Path = uri.Path, TimeProvider = timeProvider };
        foreach (var (name, value) in uri.Options)
        {
            engine = name switch
            {
                "sync" => engine with { Sync = ParseSync(value) },
                "recall" => engine with { RecallEvery = ParseCount(value) },
                "memory" => engine with { MemoryBytes = ParseBytes(value) ?? throw Invalid($"memory must be a number of bytes, such as 268435456, 512mb or 2gb, not '{value}'.") },
                "changes" => engine with { Changes = ParseChanges(value) },
                "key-file" => engine with { KeyFile = value },
                _ => engine with { KeyVariable = value },
            };
        }

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

    private static int ParseCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid($"recall must be a whole number, such as 100 for one search of a hundred, not '{text}'.");

    private static ChangeRetention ParseChanges(string text)
    {
        if (text == "off") return ChangeRetention.None;
        var retention = ChangeRetention.None;
        foreach (var part in text.Split(','))
        {
            if (retention.Age is null && DurationText.TryParse(part, out var age)) retention = retention with { Age = age };
            else if (retention.Bytes is null && ParseBytes(part) is { } bytes) retention = retention with { Bytes = bytes };
            else throw Invalid($"changes must be off, a number of bytes such as 1gb, a time such as 7d, or both with a comma, not '{text}'.");
        }

        return retention;
    }

    private static long? ParseBytes(string text)
    {
        var digits = text.AsSpan().TrimEnd("bBkKmMgGtT");
        var shift = text[digits.Length..].ToLowerInvariant() switch { "" => 0, "kb" => 10, "mb" => 20, "gb" => 30, "tb" => 40, _ => -1 };
        return shift >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift
            ? number << shift
            : null;
    }

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message) { Backend = EngineFaults.Scheme };
}

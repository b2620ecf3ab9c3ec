using System.Globalization;
using Basalt.Backends;
using Basalt.DuckDb.Connections;

namespace Basalt.DuckDb;

/// <summary>How a <see cref="DuckDbBackend"/> is opened. Checked at the opening; nothing is clamped.</summary>
public sealed record DuckDbOptions
{
    /// <summary>The file, which is created if it is not there, with the folders that it is in.</summary>
    public required string Path { get; init; }

    /// <summary>The memory of DuckDB's buffers and operators, in bytes: 64 MiB to 1 TiB, default 1 GiB. Larger sorts and joins are spilled to <see cref="SpillFolder"/>.</summary>
    public long MemoryBytes { get; init; } = DuckSettings.DefaultMemoryBytes;

    /// <summary>Threads of a query: 1 to 1024; by default as many as the machine has processors.</summary>
    public int Threads { get; init; } = new DuckSettings().Threads;

    /// <summary>Where what does not fit into memory is spilled; null: into a folder beside the file, which is gone afterwards.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>Whether writes are refused; then several processes may have the file open. Default: allowed.</summary>
    public bool ReadOnly { get; init; }

    internal DuckSettings Settings => new() { MemoryBytes = MemoryBytes, Threads = Threads, SpillFolder = SpillFolder, ReadOnly = ReadOnly };

    /// <summary>
    /// Opens the store at an address: its path is a file. Options: <c>memory</c> (bytes, or such as <c>512mb</c> and <c>2gb</c>, of 1024 and its powers), <c>threads</c>, <c>spill</c> (a folder)
    /// and <c>readonly</c> (<c>true</c> or <c>false</c>).
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option is unknown or cannot be used.</exception>
    public static ValueTask<IBackend> OpenAsync(StoreUri uri, DatabaseOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IBackend>(DuckDbBackend.Open(Of(uri)));
    }

    /// <summary>What an address says.</summary>
    internal static DuckDbOptions Of(StoreUri uri)
    {
        uri.RequireOptions("memory", "threads", "spill", "readonly");
        var duck = new DuckDbOptions { Path = uri.Path };
        foreach (var (name, value) in uri.Options)
        {
            duck = name switch
            {
                "memory" => duck with { MemoryBytes = ParseBytes(value) },
                "threads" => duck with { Threads = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) ? threads : throw DuckDbFaults.Invalid($"threads must be a number, not '{value}'.") },
                "spill" => duck with { SpillFolder = value },
                _ => duck with { ReadOnly = value switch { "true" => true, "false" => false, _ => throw DuckDbFaults.Invalid($"readonly must be true or false, not '{value}'.") } },
            };
        }

        return duck;
    }

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Path)) throw DuckDbFaults.Invalid("duckdb: needs a file, such as duckdb:movies.db#movies.");
        if (Path.Contains('\0')) throw DuckDbFaults.Invalid("The path of duckdb: has a NUL character.");
        if (Directory.Exists(Path)) throw DuckDbFaults.Invalid($"{Path} is a folder; duckdb: needs a file, such as duckdb:{System.IO.Path.Combine(Path, "movies.db")}#movies.");
        Settings.Validate();
    }

    /// <summary>A number of bytes, as options have it.</summary>
    internal static long ParseBytes(string text)
    {
        var digits = text.AsSpan().TrimEnd("bBkKmMgGtT");
        var shift = text[digits.Length..].ToLowerInvariant() switch { "" => 0, "kb" => 10, "mb" => 20, "gb" => 30, "tb" => 40, _ => -1 };
        return shift >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift
            ? number << shift
            : throw DuckDbFaults.Invalid($"memory must be a number of bytes, such as 268435456, 512mb or 2gb, not '{text}'.");
    }
}

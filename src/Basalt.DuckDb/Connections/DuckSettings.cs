using System.Globalization;

namespace Basalt.DuckDb.Connections;

/// <summary>What a database of DuckDB may take. Checked at the opening; nothing is clamped.</summary>
internal sealed record DuckSettings
{
    /// <summary>The memory of a database unless another is asked for, in bytes. The library's own default would be four fifths of the machine.</summary>
    public const long DefaultMemoryBytes = 1L << 30;

    /// <summary>The least memory that can be asked for, in bytes.</summary>
    public const long LeastMemoryBytes = 64L << 20;

    /// <summary>The most threads that can be asked for.</summary>
    public const int MostThreads = 1024;

    /// <summary>Memory for buffers and operators, in bytes: 64 MiB to 1 TiB. What does not fit is spilled to <see cref="SpillFolder"/>.</summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>Threads of a query: 1 to 1024; by default as many as the machine has processors.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, MostThreads);

    /// <summary>Where operators spill what does not fit; null: beside the file, or for a database in memory a folder of its own among the temporary files.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>Whether writing is refused; then several processes may have the file open.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Refuses settings that cannot be used.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the message names the setting.</exception>
    public void Validate()
    {
        if (MemoryBytes is < LeastMemoryBytes or > 1L << 40) throw DuckDbFaults.Invalid($"The memory of duckdb: must be 64 MiB to 1 TiB, not {MemoryBytes} bytes.");
        if (Threads is < 1 or > MostThreads) throw DuckDbFaults.Invalid($"The threads of duckdb: must be 1 to {MostThreads}, not {Threads}.");
        if (SpillFolder is { } folder && (folder.Length == 0 || folder.Contains('\0'))) throw DuckDbFaults.Invalid("The spill folder of duckdb: is not a path.");
    }

    /// <summary>The settings in the library's words. Extensions are neither downloaded nor loaded by themselves: a statement that needs one fails at once, without a journey.</summary>
    public IEnumerable<(string Name, string Value)> ToConfiguration()
    {
        yield return ("memory_limit", MemoryBytes.ToString(CultureInfo.InvariantCulture) + "B");
        yield return ("threads", Threads.ToString(CultureInfo.InvariantCulture));
        yield return ("access_mode", ReadOnly ? "READ_ONLY" : "AUTOMATIC");
        yield return ("autoinstall_known_extensions", "false");
        yield return ("autoload_known_extensions", "false");
        if (SpillFolder is { } folder) yield return ("temp_directory", folder);
    }
}

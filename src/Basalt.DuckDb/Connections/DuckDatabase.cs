using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Connections;

/// <summary>An open database of DuckDB, in a file or in memory. Thread-safe; its connections are not.</summary>
internal sealed class DuckDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;
    private readonly string? _ownSpillFolder;

    private DuckDatabase(DatabaseHandle handle, string name, string? ownSpillFolder) => (_handle, Name, _ownSpillFolder) = (handle, name, ownSpillFolder);

    /// <summary>The path of the file, for messages.</summary>
    public string Name { get; }

    /// <summary>Opens the database of a file, which is created if it is not there and writing is allowed.</summary>
    /// <exception cref="BasaltException">The library is missing, the file is locked, damaged or of another format, or a setting cannot be used.</exception>
    public static DuckDatabase Open(string path, DuckSettings settings) => Open(path, path, settings, null);

    /// <summary>Opens an empty database in memory, which is gone with it.</summary>
    /// <inheritdoc cref="Open(string, DuckSettings)"/>
    public static DuckDatabase OpenInMemory(DuckSettings settings)
    {
        if (settings.SpillFolder is not null) return Open(null, "memory", settings, null);
        var folder = Path.Combine(Path.GetTempPath(), "basalt-duckdb-" + Guid.NewGuid().ToString("N"));
        return Open(null, "memory", settings with { SpillFolder = folder }, folder);
    }

    private static DuckDatabase Open(string? path, string name, DuckSettings settings, string? ownSpillFolder)
    {
        settings.Validate();
        DuckDbLibrary.Require();
        if (NativeMethods.CreateConfig(out var config) != 0) throw new InvalidOperationException("The library made no configuration.");
        using (config)
        {
            foreach (var (setting, value) in settings.ToConfiguration())
                if (NativeMethods.SetConfig(config, setting, value) != 0) throw DuckDbFaults.Invalid($"DuckDB does not take {setting} = {value}.");
            var state = NativeMethods.Open(path, out var handle, config, out var error);
            var message = NativeMethods.TakeText(error);
            if (state == 0) return new DuckDatabase(handle, name, ownSpillFolder);
            handle.Dispose();
            throw DuckDbFaults.From(message, name);
        }
    }

    /// <summary>A new connection.</summary>
    public DuckConnection Connect()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (NativeMethods.Connect(_handle, out var connection) == 0) return new DuckConnection(connection, Name);
        connection.Dispose();
        throw new BasaltException(ErrorCode.Unavailable, $"{Name} takes no more connections.") { Backend = DuckDbFaults.Scheme, Target = Name };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        if (_ownSpillFolder is not null && Directory.Exists(_ownSpillFolder)) Directory.Delete(_ownSpillFolder, recursive: true);
    }
}

namespace Basalt.Backends.Files;

/// <summary>How a <see cref="FileBackend"/> is opened. Checked by <see cref="Validate"/> at the opening.</summary>
public sealed record FileOptions
{
    /// <summary>A file such as <c>people.jsonl</c> (one collection, named <c>people</c>), or a folder, in which every such file is a collection.</summary>
    public required string Path { get; init; }

    /// <summary>The format of the files of new collections in a folder; of a single file its name decides.</summary>
    public FileFormat Format { get; init; } = FileFormat.JsonLines;

    /// <summary>Whether writes are refused. Default: allowed.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long to wait for a lock that another process holds before it is an error. Default: 30 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock for waiting. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Called before each step that touches the disk: tests crash and fail there.</summary>
    internal Action<string>? OnStep { get; init; }

    /// <summary>The journal length in bytes from which new records are moved into the data file.</summary>
    internal long AppendThreshold { get; init; } = 4 << 20;

    /// <summary>The journal length in bytes from which the data file is rewritten.</summary>
    internal long RewriteThreshold { get; init; } = 16 << 20;

    /// <summary>Refuses settings that cannot be used.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the message names the setting.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Path)) throw Invalid("file: needs a path, such as file:people.jsonl or file:./data.");
        if (Path.Contains('\0')) throw Invalid("The path of file: has a NUL character.");
        if (Format is null || !Enum.IsDefined(Format.Layout)) throw Invalid("The format of new files is not one of the known layouts.");
        if (TimeProvider is null) throw Invalid("The clock of file: is null.");
        if (LockTimeout < TimeSpan.Zero || LockTimeout > TimeSpan.FromDays(1)) throw Invalid($"The lock timeout of file: must be between 0 and one day, not {LockTimeout}.");
    }

    /// <summary>
    /// Opens the store at an address: its path is a file or a folder. Options: <c>format</c> (of new collections in a folder, such as
    /// <c>csv</c> or <c>jsonl.gz</c>), <c>readonly</c> (<c>true</c> or <c>false</c>) and <c>lockTimeout</c> (seconds).
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option is unknown or cannot be used.</exception>
    public static ValueTask<IBackend> OpenAsync(StoreUri uri, DatabaseOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        uri.RequireOptions("format", "readonly", "lockTimeout");
        var files = new FileOptions { Path = uri.Path, TimeProvider = options.TimeProvider };
        foreach (var (name, value) in uri.Options)
        {
            files = name switch
            {
                "format" => files with { Format = FileFormat.Parse(value) },
                "readonly" => files with { ReadOnly = value switch { "true" => true, "false" => false, _ => throw Invalid($"readonly must be true or false, not '{value}'.") } },
                _ => files with { LockTimeout = Seconds(value) },
            };
        }

        return ValueTask.FromResult<IBackend>(FileBackend.Open(files));
    }

    private static TimeSpan Seconds(string text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86400
        ? TimeSpan.FromSeconds(seconds)
        : throw Invalid($"lockTimeout must be a number of seconds up to 86400, not '{text}'.");

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message) { Backend = "file" };
}

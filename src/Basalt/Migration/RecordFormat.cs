namespace Basalt.Migration;

/// <summary>A file format of records.</summary>
public enum RecordFormat
{
    /// <summary>One JSON array of objects: <c>.json</c>.</summary>
    Json,

    /// <summary>One JSON object per line: <c>.jsonl</c> or <c>.ndjson</c>. Blank lines are passed over.</summary>
    JsonLines,

    /// <summary>Comma-separated values after RFC 4180 with a header: <c>.csv</c>.</summary>
    Csv,

    /// <summary>The same with tabs for commas: <c>.tsv</c>.</summary>
    Tsv,
}

/// <summary>A format, and whether it is compressed by gzip, as the name of a file says.</summary>
internal readonly record struct FileFormat(RecordFormat Format, bool IsGzip)
{
    private static readonly (string Extension, RecordFormat Format)[] Extensions =
    [
        (".json", RecordFormat.Json), (".jsonl", RecordFormat.JsonLines), (".ndjson", RecordFormat.JsonLines), (".csv", RecordFormat.Csv), (".tsv", RecordFormat.Tsv),
    ];

    public static FileFormat Of(string path, RecordFormat? format, bool? isGzip)
    {
        if (format is { } given && !Enum.IsDefined(given)) throw new ArgumentOutOfRangeException(nameof(format));
        var gzip = isGzip ?? path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        return new FileFormat(format ?? FromName(path), gzip);
    }

    private static RecordFormat FromName(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        foreach (var (extension, format) in Extensions)
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) return format;
        throw new BasaltException(ErrorCode.InvalidOptions, path == RecordSource.StandardInput
            ? "The format of standard input must be named: json, jsonl, csv or tsv."
            : $"The format of '{path}' cannot be told from its name (.json, .jsonl, .ndjson, .csv or .tsv, each also with .gz); name it.") { Target = path };
    }
}

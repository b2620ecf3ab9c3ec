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

    /// <summary>Rows of float32, each behind its number of elements as int32, all little-endian: <c>.fvecs</c>. To be read, not written; not compressed.</summary>
    Fvecs,

    /// <summary>The same with bytes for elements, 0 to 255: <c>.bvecs</c>.</summary>
    Bvecs,
}

/// <summary>A format, and whether it is compressed by gzip, as the name of a file says.</summary>
internal readonly record struct FileFormat(RecordFormat Format, bool IsGzip)
{
    private static readonly (string Extension, RecordFormat Format)[] Extensions =
    [
        (".json", RecordFormat.Json), (".jsonl", RecordFormat.JsonLines), (".ndjson", RecordFormat.JsonLines), (".csv", RecordFormat.Csv), (".tsv", RecordFormat.Tsv),
        (".fvecs", RecordFormat.Fvecs), (".bvecs", RecordFormat.Bvecs),
    ];

    /// <summary>Whether its rows are vectors and nothing else.</summary>
    public bool IsOfVectors => Format is RecordFormat.Fvecs or RecordFormat.Bvecs;

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
            ? "The format of standard input must be named: json, jsonl, csv, tsv, fvecs or bvecs."
            : $"The format of '{path}' cannot be told from its name (.json, .jsonl, .ndjson, .csv or .tsv, each also with .gz; .fvecs or .bvecs); name it.") { Target = path };
    }
}

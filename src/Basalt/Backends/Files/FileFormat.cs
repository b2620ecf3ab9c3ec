using System.Diagnostics.CodeAnalysis;

namespace Basalt.Backends.Files;

/// <summary>How the records of a file are written.</summary>
public enum FileLayout
{
    /// <summary>One JSON object per line: <c>.jsonl</c>, also <c>.ndjson</c>.</summary>
    JsonLines,

    /// <summary>One JSON array of objects: <c>.json</c>.</summary>
    Json,

    /// <summary>Comma-separated cells with a header (RFC 4180): <c>.csv</c>.</summary>
    Csv,

    /// <summary>Tab-separated cells with a header: <c>.tsv</c>.</summary>
    Tsv,
}

/// <summary>The format of a file, as its name says: a layout, perhaps compressed.</summary>
/// <param name="Layout">How records are written.</param>
/// <param name="IsGzip">Whether the file is compressed with gzip.</param>
public sealed record FileFormat(FileLayout Layout, bool IsGzip = false)
{
    private static readonly (string Extension, FileLayout Layout)[] Extensions =
    [
        (".jsonl", FileLayout.JsonLines), (".ndjson", FileLayout.JsonLines), (".json", FileLayout.Json), (".csv", FileLayout.Csv), (".tsv", FileLayout.Tsv),
    ];

    /// <summary>JSON Lines, uncompressed: the format of new collections unless another one is asked for.</summary>
    public static FileFormat JsonLines { get; } = new(FileLayout.JsonLines);

    /// <summary>The extensions that name a format, for messages.</summary>
    internal const string Known = ".json, .jsonl, .ndjson, .csv, .tsv, each also with .gz";

    /// <summary>The extension of new files of this format, with its point.</summary>
    public string Extension => "." + ToString();

    internal bool IsCsv => Layout is FileLayout.Csv or FileLayout.Tsv;

    internal byte Delimiter => Layout == FileLayout.Tsv ? (byte)'\t' : (byte)',';

    /// <summary>A format from its extension without the point, such as <c>csv</c> or <c>jsonl.gz</c>.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: there is no such format.</exception>
    public static FileFormat Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryFromFileName("x." + text, out var format, out var stem) && stem == "x"
            ? format
            : throw new BasaltException(ErrorCode.InvalidOptions, $"There is no file format '{text}'; the formats are json, jsonl, ndjson, csv and tsv, each also with .gz.") { Backend = "file" };
    }

    /// <summary>The format that a file's name says, and the name without the extensions.</summary>
    public static bool TryFromFileName(string name, [NotNullWhen(true)] out FileFormat? format, [NotNullWhen(true)] out string? stem)
    {
        ArgumentNullException.ThrowIfNull(name);
        var isGzip = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        var plain = isGzip ? name[..^3] : name;
        foreach (var (extension, layout) in Extensions)
        {
            if (plain.Length <= extension.Length || !plain.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) continue;
            format = new FileFormat(layout, isGzip);
            stem = plain[..^extension.Length];
            return true;
        }

        format = null;
        stem = null;
        return false;
    }

    /// <summary>The extension without the point.</summary>
    public override string ToString() => Layout switch
    {
        FileLayout.JsonLines => "jsonl",
        FileLayout.Json => "json",
        FileLayout.Csv => "csv",
        _ => "tsv",
    } + (IsGzip ? ".gz" : "");
}

using System.Security.Cryptography;
using System.Text;
using Basalt.Catalog.Discovery;
using Basalt.Catalog.Statistics;
using Basalt.Records;

namespace Basalt.Catalog.Storage;

/// <summary>What the catalogue knows of a file: that it was read as what it then was, or why it could not be.</summary>
public sealed record StoredFile
{
    // A record's id has at most 512 bytes, a key up to 1024.
    private const int LongestId = 400;

    /// <summary>The dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>The name within the dataset.</summary>
    public required string Name { get; init; }

    /// <summary>The bytes of the object.</summary>
    public required long Bytes { get; init; }

    /// <summary>The ETag of the object.</summary>
    public required string ETag { get; init; }

    /// <summary>The format.</summary>
    public required DataFormat Format { get; init; }

    /// <summary>The declared columns of the key that it was read by.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>What it holds; null when it could not be read.</summary>
    public FileSummary? Summary { get; init; }

    /// <summary>Why it could not be read; null when it was.</summary>
    public FailureClass? Failure { get; init; }

    /// <summary>The fault in words.</summary>
    public string? Error { get; init; }

    /// <summary>How many records of its series there are.</summary>
    public int Chunks { get; init; }

    /// <summary>How many bytes were read for it.</summary>
    public long BytesRead { get; init; }

    /// <summary>How many requests were made for it.</summary>
    public int Requests { get; init; }

    internal string Id => IdOf(Dataset, Name);

    internal static string IdOf(string dataset, string name)
    {
        var id = $"{dataset}/{name}";
        return Encoding.UTF8.GetByteCount(id) <= LongestId ? id : $"{dataset}/#{Hash(id)}";
    }

    internal string ChunkId(int number) => $"{Hash(Id)}-{number:d6}";

    internal Record ToRecord() => new(Id, ValueMap.From(
    [
        new("dataset", Dataset), new("name", Name), new("format", Word(Format)), new("bytes", Bytes), new("etag", ETag),
        new("key", Value.FromList(Key.Select(static k => (Value)k))),
        new("state", Summary is null ? "failed" : "done"), new("failure", Failure is { } failure ? failure.ToString().ToLowerInvariant() : Value.Null), new("error", Error),
        new("records", Summary is { } s ? s.Rows : Value.Null), new("series", Summary is { } t ? t.Series : Value.Null),
        new("time_column", Summary?.TimeColumn), new("untimed", Summary is { } u ? u.Untimed : Value.Null),
        new("columns", Summary is { } v ? Value.FromList(v.Columns.Select(static c => (Value)ValueMap.From([new("name", c.Name), new("type", c.Type), new("nulls", c.Nulls), new("not_finite", c.NotFinite)]))) : Value.Null),
        new("chunks", Chunks), new("bytes_read", BytesRead), new("requests", Requests),
    ]));

    internal static StoredFile Of(Record record) => new()
    {
        Dataset = record["dataset"].AsString,
        Name = record["name"].AsString,
        Bytes = record["bytes"].AsInt64,
        ETag = record["etag"].AsString,
        Format = FormatOf(record["format"].AsString),
        Key = [.. record["key"].AsList.ToArray().Select(static k => k.AsString)],
        Failure = record["failure"] is { IsNull: false } failure ? Enum.Parse<FailureClass>(failure.AsString, ignoreCase: true) : null,
        Error = record["error"] is { IsNull: false } error ? error.AsString : null,
        Summary = record["state"].AsString == "done"
            ? new FileSummary(record["records"].AsInt64, record["series"].AsInt64,
                [.. record["columns"].AsList.ToArray().Select(static c => c.AsMap).Select(static c => new ColumnSummary(c["name"].AsString, c["type"].AsString, c["nulls"].AsInt64, c["not_finite"].AsInt64))],
                record["time_column"] is { IsNull: false } time ? time.AsString : null, record["untimed"].AsInt64)
            : null,
        Chunks = (int)record["chunks"].AsInt64,
        BytesRead = record["bytes_read"].AsInt64,
        Requests = (int)record["requests"].AsInt64,
    };

    private static string Word(DataFormat format) => format switch { DataFormat.Csv => "csv", DataFormat.GzipCsv => "csv.gz", _ => "parquet" };

    private static DataFormat FormatOf(string word) => word switch { "csv" => DataFormat.Csv, "csv.gz" => DataFormat.GzipCsv, _ => DataFormat.Parquet };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}

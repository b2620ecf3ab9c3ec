using System.Buffers;
using System.Text;
using System.Text.Json;
using Basalt.Backends.Files.Formats;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Files;

/// <summary>
/// What is known of a collection beside its records; kept in a JSON file next to the data file. Immutable. The text is fixed by
/// <c>docs/formats/file.md</c>.
/// </summary>
internal sealed record Sidecar
{
    private const int FormatVersion = 1;

    /// <summary>Grows with every fold of the journal; frames of an older one are folded already.</summary>
    public required long Generation { get; init; }

    /// <summary>The generation in which the data file was last written whole: since then it only grew.</summary>
    public required long Rewritten { get; init; }

    /// <summary>The last version given, not counting the journal.</summary>
    public long Version { get; init; }

    /// <summary>Whether the data file was written by this backend, and not by another program.</summary>
    public bool IsOwned { get; init; }

    /// <summary>The time that records carry which have none in the file.</summary>
    public DateTimeOffset Adopted { get; init; }

    /// <summary>The data file after the last fold: when it differs, another program changed the file.</summary>
    public FileStamp Stamp { get; init; }

    /// <summary>How many records the data file held then, or null when nobody counted.</summary>
    public long? Records { get; init; }

    /// <summary>The declared schema.</summary>
    public Schema Schema { get; init; } = Schema.Any;

    /// <summary>The columns of a CSV file.</summary>
    public IReadOnlyList<CsvColumn> Columns { get; init; } = [];

    public byte[] Print()
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("generation", Generation);
            json.WriteNumber("rewritten", Rewritten);
            json.WriteNumber("version", Version);
            json.WriteBoolean("owned", IsOwned);
            json.WriteString("adopted", RecordJson.FormatTime(Adopted));
            json.WriteNumber("length", Stamp.Length);
            json.WriteNumber("modified", Stamp.ModifiedTicks);
            if (Records is { } records) json.WriteNumber("records", records);
            json.WritePropertyName("schema");
            json.WriteRawValue(Compact(SchemaJson.Print(Schema)), skipInputValidation: true);
            json.WriteStartArray("columns");
            foreach (var column in Columns)
            {
                json.WriteStartObject();
                json.WriteString("header", column.Header);
                json.WriteString("type", CellTypes.Name(column.Type));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetBytes($"{{\"basalt\":\"file\",\"format\":{FormatVersion},\"crc32c\":\"{Crc32C.Of(body.WrittenSpan):x8}\",\"body\":{Encoding.UTF8.GetString(body.WrittenSpan)}}}\n");
    }

    public static Sidecar Parse(ReadOnlyMemory<byte> text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.GetProperty("basalt").GetString() != "file") throw FileFaults.Corrupt(path, "it is not the sidecar of a data file.");
            var format = root.GetProperty("format").GetInt32();
            if (format > FormatVersion) throw new BasaltException(ErrorCode.Unsupported, $"{path} has format {format}; this version reads up to {FormatVersion}. Use a newer version.") { Backend = "file", Target = path };
            var body = root.GetProperty("body");
            if (root.GetProperty("crc32c").GetString() != $"{Crc32C.Of(Encoding.UTF8.GetBytes(body.GetRawText())):x8}") throw FileFaults.Corrupt(path, "its checksum does not match its content.");
            return new Sidecar
            {
                Generation = body.GetProperty("generation").GetInt64(),
                Rewritten = body.GetProperty("rewritten").GetInt64(),
                Version = body.GetProperty("version").GetInt64(),
                IsOwned = body.GetProperty("owned").GetBoolean(),
                Adopted = body.GetProperty("adopted").GetDateTimeOffset(),
                Stamp = new FileStamp(body.GetProperty("length").GetInt64(), body.GetProperty("modified").GetInt64()),
                Records = body.TryGetProperty("records", out var records) ? records.GetInt64() : null,
                Schema = SchemaJson.Parse(body.GetProperty("schema").GetRawText()),
                Columns = [.. body.GetProperty("columns").EnumerateArray().Select(c => Column(c, path))],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw FileFaults.Corrupt(path, $"the sidecar cannot be read ({e.Message})", e);
        }
    }

    private static CsvColumn Column(JsonElement json, string path) =>
        CsvColumn.FromHeader(json.GetProperty("header").GetString()!, CellTypes.FromName(json.GetProperty("type").GetString()!) ?? throw FileFaults.Corrupt(path, "it names an unknown type of cells."));

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, RecordJson.WriterOptions)) document.RootElement.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

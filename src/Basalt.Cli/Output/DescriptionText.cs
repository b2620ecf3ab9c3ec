using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Basalt.Backends;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Cli.Output;

/// <summary>Prints what is known of a collection and what was seen in its records.</summary>
internal sealed class DescriptionText(CollectionDescription known, SchemaInference observed)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private bool HasSchema => known.Schema.Fields.Count > 0 || !known.Schema.IsOpen;

    public void Print(TextWriter output)
    {
        output.WriteLine($"collection  {Visible.Line(known.Name)}");
        if (known.Location is not null) output.WriteLine($"location    {Visible.Line(known.Location)}");
        output.WriteLine($"records     {known.Records:N0}");
        if (known.Bytes is not null) output.WriteLine($"bytes       {known.Bytes:N0}");
        output.WriteLine($"schema      {(HasSchema ? (known.Schema.IsOpen ? "open" : "closed") : "none, takes every record")}");
        if (HasSchema && known.Schema.IdField is { } id) output.WriteLine($"id field    {Visible.Line(id)}");
        output.WriteLine($"seen        {(observed.Records == known.Records ? "in all records" : $"in the first {observed.Records:N0} records by id")}");
        output.WriteLine();
        using var table = new TableWriter(output, [.. ColumnNames.Select(static name => Filters.FieldPath.Of(name))], withId: false);
        foreach (var row in Rows()) table.Write(row);
        table.Complete();
    }

    public void PrintJson(TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("collection", known.Name);
            writer.WriteString("location", known.Location);
            WriteNumber(writer, "records", known.Records);
            WriteNumber(writer, "bytes", known.Bytes);
            writer.WritePropertyName("schema");
            if (HasSchema) writer.WriteRawValue(Compact(SchemaJson.Print(known.Schema)));
            else writer.WriteNullValue();
            writer.WriteNumber("records_seen", observed.Records);
            writer.WriteStartArray("fields");
            foreach (var field in observed.Fields) Write(writer, field);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static readonly string[] ColumnNames = ["field", "declared", "seen", "present", "null", "values"];

    private IEnumerable<Record> Rows()
    {
        var seen = observed.Fields.ToDictionary(static field => field.Name);
        foreach (var name in known.Schema.Fields.Select(static field => field.Name).Union(seen.Keys))
        {
            var declared = known.Schema[name];
            var found = seen.GetValueOrDefault(name);
            yield return new Record(ValueMap.From(
            [
                new("field", name),
                new("declared", declared is null ? Value.Null : Declaration(declared)),
                new("seen", found is null ? Value.Null : TypeName(found.Type)),
                new("present", found?.Present ?? 0),
                new("null", found?.Nulls ?? observed.Records),
                new("values", found is { Types.Count: > 1 } ? Mixture(found) : Value.Null),
            ]));
        }
    }

    private static string Declaration(Field field) => TypeName(field.Type) + (field.IsRequired ? " required" : "");

    private static string Mixture(ObservedField field) => string.Join(", ", field.Types.Select(static type => $"{type.Value.ToString("N0", CultureInfo.InvariantCulture)} {TypeName(type.Key)}"));

    private static string TypeName(FieldType type) => type == FieldType.DateTime ? "date-time" : type.ToString().ToLowerInvariant();

    private static void Write(Utf8JsonWriter writer, ObservedField field)
    {
        writer.WriteStartObject();
        writer.WriteString("name", field.Name);
        writer.WriteString("type", TypeName(field.Type));
        writer.WriteNumber("present", field.Present);
        writer.WriteNumber("null", field.Nulls);
        writer.WriteStartObject("types");
        foreach (var (type, count) in field.Types) writer.WriteNumber(TypeName(type), count);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options)) document.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? number)
    {
        if (number is { } count) writer.WriteNumber(name, count);
        else writer.WriteNull(name);
    }
}

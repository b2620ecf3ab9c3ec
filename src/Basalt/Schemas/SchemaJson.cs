using System.Buffers;
using System.Text;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>The JSON form of schemas, as schema files have it. Static members are thread-safe.</summary>
/// <remarks>
/// <code>
/// { "idField": "id", "open": false, "fields": [
///     { "name": "id", "type": "guid" },
///     { "name": "age", "type": "int64", "required": true, "min": 0, "max": 150, "description": "in years" },
///     { "name": "mail", "type": "string", "email": true, "unique": true, "minLength": 3, "maxLength": 200, "pattern": "[^ ]+" },
///     { "name": "state", "type": "string", "oneOf": ["new", "done"], "default": "new" },
///     { "name": "face", "type": "vector", "dimension": 128 },
///     { "name": "tags", "type": "list", "element": { "type": "string" } },
///     { "name": "address", "type": "map", "fields": [ { "name": "city", "type": "string" } ] } ] }
/// </code>
/// <c>"timeToLive": "30d"</c> beside <c>idField</c> is how long a record lives: a whole number and ms, s, m, h or d.
/// Types: any (default), bool, int64, double, decimal, string, date-time, guid, bytes, vector, list, map. <c>open</c> is true by default.
/// Values are written as <see cref="RecordJson"/> writes them; text stands for a date-time, a guid or bytes where the type asks for it.
/// Everything but <see cref="Field.Check"/> is kept.
/// </remarks>
public static class SchemaJson
{
    private static readonly JsonWriterOptions WriterOptions = RecordJson.WriterOptions with { Indented = true };

    /// <summary>A schema from its JSON.</summary>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.InvalidData"/>: the text is not JSON, has an unknown or repeated property, or declares what contradicts
    /// itself; the message says where.
    /// </exception>
    public static Schema Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            return new SchemaJsonReader().ReadSchema(document.RootElement);
        }
        catch (JsonException e)
        {
            throw SchemaJsonReader.Malformed($"is not JSON: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw SchemaJsonReader.Malformed($"contradicts itself: {e.Message}", e);
        }
    }

    /// <summary>The schema as JSON, indented; <see cref="Parse"/> reads an equal schema back.</summary>
    /// <exception cref="NotSupportedException">A field has a <see cref="Field.Check"/>, which is code; the message names the field.</exception>
    public static string Print(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            if (schema.IdField is { } id) writer.WriteString("idField", id);
            if (schema.TimeToLive is { } lifetime) writer.WriteString("timeToLive", DurationText.Format(lifetime));
            if (!schema.IsOpen) writer.WriteBoolean("open", false);
            WriteFields(writer, schema.Fields);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<Field> fields)
    {
        writer.WriteStartArray("fields");
        foreach (var field in fields) WriteField(writer, field, isElement: false);
        writer.WriteEndArray();
    }

    private static void WriteField(Utf8JsonWriter writer, Field field, bool isElement)
    {
        if (field.Check is not null) throw new NotSupportedException($"The field '{field.Name}' has a check in code, which has no form in JSON.");
        writer.WriteStartObject();
        if (!isElement) writer.WriteString("name", field.Name);
        writer.WriteString("type", field.Type.Name());
        if (field.Description is { } description) writer.WriteString("description", description);
        if (field.IsRequired) writer.WriteBoolean("required", true);
        if (field.IsUnique) writer.WriteBoolean("unique", true);
        if (field.Dimension is { } dimension) writer.WriteNumber("dimension", dimension);
        WriteValue(writer, "min", field.Min);
        WriteValue(writer, "max", field.Max);
        if (field.MinLength is { } minLength) writer.WriteNumber("minLength", minLength);
        if (field.MaxLength is { } maxLength) writer.WriteNumber("maxLength", maxLength);
        if (field.Pattern is { } pattern) writer.WriteString("pattern", pattern);
        if (field.IsEmail) writer.WriteBoolean("email", true);
        if (field.OneOf is { } choices)
        {
            writer.WriteStartArray("oneOf");
            foreach (var choice in choices) RecordJson.WriteValue(writer, choice, JsonForm.Exact);
            writer.WriteEndArray();
        }

        WriteValue(writer, "default", field.Default);
        if (field.Element is { } element)
        {
            writer.WritePropertyName("element");
            WriteField(writer, element, isElement: true);
        }

        if (field.Fields is { } fields) WriteFields(writer, fields);
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, Value? value)
    {
        if (value is not { } given) return;
        writer.WritePropertyName(name);
        RecordJson.WriteValue(writer, given, JsonForm.Exact);
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Basalt.Records;

/// <summary>How a record is written as JSON.</summary>
public enum JsonForm
{
    /// <summary>
    /// Every type reads back as itself: what JSON cannot say is a tagged object such as <c>{"$decimal":"1.50"}</c>, and
    /// the store's properties are <c>$id</c>, <c>$version</c>, <c>$created</c>, <c>$updated</c>, <c>$expires</c> and <c>$meta</c>.
    /// </summary>
    Exact,

    /// <summary>For people and other programs: <c>$id</c> and the fields, decimals as numbers, the other types as text or arrays.</summary>
    Plain,
}

/// <summary>
/// The JSON form of records and values. Reading accepts both forms: a tagged object reads as its type, anything else as JSON says.
/// Static members are thread-safe.
/// </summary>
/// <remarks>
/// <para>Tags: <c>$int64</c> (text; written beyond ±2^53), <c>$double</c> (NaN and the infinities), <c>$decimal</c> (text with its scale),
/// <c>$datetime</c> (RFC 3339 with offset and up to seven fraction digits), <c>$guid</c>, <c>$bytes</c> (base64),
/// <c>$vector</c> (array of float32, each as the shortest text that reads back).</para>
/// <para>A name that starts with <c>$</c> is written with one more <c>$</c>. Integers without point or exponent read as int64, other
/// numbers as double where that keeps every digit and as decimal where only that does.</para>
/// </remarks>
public static class RecordJson
{
    internal const string IdName = "$id", VersionName = "$version", CreatedName = "$created", UpdatedName = "$updated", ExpiresName = "$expires", MetadataName = "$meta";
    internal const long LargestSafeInteger = 1L << 53;
    internal const int MaxDepth = 64;

    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The record as one line of JSON.</summary>
    public static string ToText(Record record, JsonForm form = JsonForm.Exact)
    {
        ArgumentNullException.ThrowIfNull(record);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) Write(writer, record, form);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The value as one line of JSON.</summary>
    public static string ToText(Value value, JsonForm form = JsonForm.Exact)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) WriteValue(writer, value, form);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A record from one JSON object.</summary>
    /// <exception cref="FormatException">The text is not one JSON object that stands for a record; the message says where and why.</exception>
    public static Record Parse(string json) => Parse(ToUtf8(json));

    /// <summary>A record from one JSON object in UTF-8.</summary>
    /// <exception cref="FormatException">The text is not one JSON object that stands for a record; the message says where and why.</exception>
    public static Record Parse(ReadOnlySpan<byte> json) => new RecordJsonReader().ReadRecord(json);

    /// <summary>A value from JSON.</summary>
    /// <exception cref="FormatException">The text is not one JSON value; the message says where and why.</exception>
    public static Value ParseValue(string json) => RecordJsonReader.ReadValue(ToUtf8(json));

    /// <summary>Writes a record as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, Record record, JsonForm form)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(record);
        writer.WriteStartObject();
        if (record.Id.Length > 0) writer.WriteString(IdName, record.Id);
        if (form == JsonForm.Exact)
        {
            if (record.Version != 0) writer.WriteNumber(VersionName, record.Version);
            if (record.Version != 0 || record.Created != default) WriteTime(writer, CreatedName, record.Created);
            if (record.Version != 0 || record.Updated != default) WriteTime(writer, UpdatedName, record.Updated);
            if (record.Expires is { } expires) WriteTime(writer, ExpiresName, expires);
        }

        if (form == JsonForm.Exact && record.Metadata.Count > 0)
        {
            writer.WritePropertyName(MetadataName);
            WriteValue(writer, Value.FromMap(record.Metadata), form);
        }

        WriteEntries(writer, record.Fields, form);
        writer.WriteEndObject();
    }

    /// <summary>Writes a value.</summary>
    public static void WriteValue(Utf8JsonWriter writer, Value value, JsonForm form)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (value.Kind)
        {
            case ValueKind.Null: writer.WriteNullValue(); break;
            case ValueKind.Bool: writer.WriteBooleanValue(value.AsBool); break;
            case ValueKind.String: writer.WriteStringValue(value.AsString); break;
            case ValueKind.Int64:
                if (form == JsonForm.Exact && Math.Abs((decimal)value.AsInt64) > LargestSafeInteger) Tagged(writer, "$int64", value.AsInt64.ToString(CultureInfo.InvariantCulture));
                else writer.WriteNumberValue(value.AsInt64);
                break;
            case ValueKind.Double: WriteDouble(writer, value.AsDouble, form); break;
            case ValueKind.Decimal:
                if (form == JsonForm.Exact) Tagged(writer, "$decimal", value.AsDecimal.ToString(CultureInfo.InvariantCulture));
                else writer.WriteNumberValue(value.AsDecimal);
                break;
            case ValueKind.DateTime: Scalar(writer, "$datetime", FormatTime(value.AsDateTime), form); break;
            case ValueKind.Guid: Scalar(writer, "$guid", value.AsGuid.ToString("D"), form); break;
            case ValueKind.Bytes: Scalar(writer, "$bytes", Convert.ToBase64String(value.AsBytes.Span), form); break;
            case ValueKind.Vector: WriteVector(writer, value.AsVector.Span, form); break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (var item in value.AsList.Span) WriteValue(writer, item, form);
                writer.WriteEndArray();
                break;
            case ValueKind.Map:
                writer.WriteStartObject();
                WriteEntries(writer, value.AsMap, form);
                writer.WriteEndObject();
                break;
            default: throw new InvalidOperationException($"No JSON form for {value.Kind}.");
        }
    }

    /// <summary>RFC 3339 with the offset (Z for zero) and as many fraction digits as are needed.</summary>
    internal static string FormatTime(DateTimeOffset time) => time.Offset == TimeSpan.Zero
        ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
        : time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);

    /// <summary>The shortest text that reads back as this finite double, with a point or an exponent so that it stays a double.</summary>
    internal static string FormatDouble(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : text + ".0";
    }

    private static byte[] ToUtf8(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var at = Text.FirstUnpairedSurrogate(json);
        if (at >= 0) throw new FormatException($"not valid Unicode at byte {Encoding.UTF8.GetByteCount(json.AsSpan(0, at))}");
        return Encoding.UTF8.GetBytes(json);
    }

    private static void WriteEntries(Utf8JsonWriter writer, ValueMap map, JsonForm form)
    {
        var names = map.Shape.Names;
        for (var i = 0; i < names.Length; i++)
        {
            writer.WritePropertyName(names[i].StartsWith('$') ? "$" + names[i] : names[i]);
            WriteValue(writer, map.RawValues[i], form);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset time) => writer.WriteString(name, FormatTime(time));

    private static void WriteDouble(Utf8JsonWriter writer, double value, JsonForm form)
    {
        if (double.IsFinite(value)) writer.WriteRawValue(FormatDouble(value), skipInputValidation: true);
        else Scalar(writer, "$double", value.ToString(CultureInfo.InvariantCulture), form);
    }

    private static void WriteVector(Utf8JsonWriter writer, ReadOnlySpan<float> vector, JsonForm form)
    {
        if (form == JsonForm.Exact)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("$vector");
        }

        writer.WriteStartArray();
        foreach (var component in vector)
        {
            if (float.IsFinite(component)) writer.WriteRawValue(component.ToString("R", CultureInfo.InvariantCulture), skipInputValidation: true);
            else writer.WriteStringValue(component.ToString(CultureInfo.InvariantCulture));
        }

        writer.WriteEndArray();
        if (form == JsonForm.Exact) writer.WriteEndObject();
    }

    private static void Scalar(Utf8JsonWriter writer, string tag, string text, JsonForm form)
    {
        if (form == JsonForm.Exact) Tagged(writer, tag, text);
        else writer.WriteStringValue(text);
    }

    private static void Tagged(Utf8JsonWriter writer, string tag, string text)
    {
        writer.WriteStartObject();
        writer.WriteString(tag, text);
        writer.WriteEndObject();
    }
}

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>
/// Prints records in the plain form of JSON, <c>$id</c> first: an array with a record per line, or a record per line alone. The store's
/// properties come along only when they are selected.
/// </summary>
internal sealed class JsonWriter(TextWriter output, IReadOnlyList<FieldPath>? fields, bool asArray) : RecordWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly FieldPath[] _properties = [.. (fields ?? []).Where(static path => path.Part is not (RecordPart.Fields or RecordPart.Id)).Distinct()];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private bool _isStarted;

    public override void Write(Record record, IReadOnlyList<Mark> marks)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (asArray) output.Write(_isStarted ? ",\n" : "[\n");
        else if (_isStarted) output.Write('\n');
        _isStarted = true;
        output.Write(_properties.Length == 0 && marks.Count == 0 ? RecordJson.ToText(record, JsonForm.Plain) : WithProperties(record, marks));
    }

    public override void Complete() => output.Write((asArray, _isStarted) switch
    {
        (true, true) => "\n]\n",
        (true, false) => "[]\n",
        (false, true) => "\n",
        _ => "",
    });

    private string WithProperties(Record record, IReadOnlyList<Mark> marks)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("$id", record.Id);
            foreach (var mark in marks) Write(writer, mark.Name, mark.Value);
            foreach (var path in _properties) Write(writer, path.ToString(), path.Resolve(record));
            foreach (var (name, value) in record.Fields) Write(writer, name.StartsWith('$') ? "$" + name : name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, Value value)
    {
        writer.WritePropertyName(name);
        RecordJson.WriteValue(writer, value, JsonForm.Plain);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Basalt.Records;

/// <summary>
/// Reads records from UTF-8 JSON. Keeps the names of the record before, because neighbours mostly have the same ones: then no name
/// is decoded twice. Not thread-safe.
/// </summary>
internal sealed class RecordJsonReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = RecordJson.MaxDepth };
    private string[] _expectedNames = [];

    public Record ReadRecord(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        return Guard(ref reader, (ref Utf8JsonReader r) =>
        {
            r.Read();
            var record = ReadRecord(ref r);
            if (r.Read()) throw At(ref r, "there is more after the object");
            return record;
        });
    }

    public static Value ReadValue(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        return Guard(ref reader, (ref Utf8JsonReader r) =>
        {
            r.Read();
            var value = ReadValue(ref r);
            if (r.Read()) throw At(ref r, "there is more after the value");
            return value;
        });
    }

    private delegate T Step<T>(ref Utf8JsonReader reader);

    private static T Guard<T>(ref Utf8JsonReader reader, Step<T> step)
    {
        try
        {
            return step(ref reader);
        }
        catch (JsonException e)
        {
            throw new FormatException($"not valid JSON at byte {reader.BytesConsumed}: {Problem(e)}", e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's word for bytes that are not UTF-8 or an escape that is half a surrogate pair.
            throw new FormatException($"not valid Unicode at byte {reader.TokenStartIndex}", e);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"at byte {reader.TokenStartIndex}: {FirstSentence(e.Message)}", e);
        }
    }

    private Record ReadRecord(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw At(ref reader, $"a record is a JSON object, not {Describe(reader.TokenType)}");
        string id = "";
        long version = 0;
        DateTimeOffset created = default, updated = default;
        DateTimeOffset? expires = null;
        var metadata = ValueMap.Empty;
        var seen = 0;
        var fields = new ValueMapBuilder(Math.Max(4, _expectedNames.Length));
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueSpan.Length > 0 && reader.ValueSpan[0] is (byte)'$' or (byte)'\\' && SystemProperty(ref reader) is { } system)
            {
                // Their second letters differ.
                var bit = 1 << (system[1] - 'a');
                if ((seen & bit) != 0) throw At(ref reader, $"the name '{system}' is there twice");
                seen |= bit;
                reader.Read();
                switch (system)
                {
                    case RecordJson.IdName: id = Expect(ref reader, ReadValue(ref reader), ValueKind.String, system).AsString; break;
                    case RecordJson.VersionName: version = Expect(ref reader, ReadValue(ref reader), ValueKind.Int64, system).AsInt64; break;
                    case RecordJson.CreatedName: created = Time(ref reader, system); break;
                    case RecordJson.UpdatedName: updated = Time(ref reader, system); break;
                    case RecordJson.ExpiresName: expires = Time(ref reader, system); break;
                    default: metadata = Expect(ref reader, ReadValue(ref reader), ValueKind.Map, system).AsMap; break;
                }

                continue;
            }

            var name = ReadName(ref reader, fields.Count);
            if (fields.Contains(name)) throw At(ref reader, $"the name '{name}' is there twice");
            reader.Read();
            fields.Set(name, ReadValue(ref reader));
        }

        var map = fields.Build();
        _expectedNames = map.Shape.Names;
        return new Record(id, map) { Version = version, Created = created, Updated = updated, Expires = expires, Metadata = metadata };
    }

    private string ReadName(ref Utf8JsonReader reader, int position)
    {
        if (position < _expectedNames.Length && _expectedNames[position] is var expected && !expected.StartsWith('$') && reader.ValueTextEquals(expected))
            return expected;
        return Unescape(reader.GetString()!);
    }

    private static string Unescape(string name) => name.StartsWith("$$", StringComparison.Ordinal) ? name[1..] : name;

    private static string? SystemProperty(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals(RecordJson.IdName) ? RecordJson.IdName
        : reader.ValueTextEquals(RecordJson.VersionName) ? RecordJson.VersionName
        : reader.ValueTextEquals(RecordJson.CreatedName) ? RecordJson.CreatedName
        : reader.ValueTextEquals(RecordJson.UpdatedName) ? RecordJson.UpdatedName
        : reader.ValueTextEquals(RecordJson.ExpiresName) ? RecordJson.ExpiresName
        : reader.ValueTextEquals(RecordJson.MetadataName) ? RecordJson.MetadataName
        : null;

    private static Value ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return default;
            case JsonTokenType.True: return true;
            case JsonTokenType.False: return false;
            case JsonTokenType.String: return Value.OwnText(reader.GetString()!);
            case JsonTokenType.Number: return ReadNumber(ref reader);
            case JsonTokenType.StartArray:
                var items = new List<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(ReadValue(ref reader));
                return Value.OwnList([.. items]);
            case JsonTokenType.StartObject: return ReadObject(ref reader);
            default: throw At(ref reader, $"expected a value, found {Describe(reader.TokenType)}");
        }
    }

    private static Value ReadNumber(ref Utf8JsonReader reader)
    {
        var text = reader.ValueSpan;
        if (text.Length < 18 && text[0] != (byte)'-' && reader.TryGetInt64(out var whole)) return whole;
        if (text.Length > 4096) throw At(ref reader, "the number is longer than 4096 characters");
        Span<char> chars = stackalloc char[Math.Min(text.Length, 256)];
        if (text.Length > 256) chars = new char[text.Length];
        Encoding.ASCII.GetChars(text, chars);
        return Number.TryParse(chars[..text.Length], out var value) ? value : throw At(ref reader, $"the number {chars} is out of range");
    }

    private static Value ReadObject(ref Utf8JsonReader reader)
    {
        var map = new ValueMapBuilder(4);
        string? firstRawName = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var raw = reader.GetString()!;
            firstRawName ??= raw;
            var name = Unescape(raw);
            if (map.Contains(name)) throw At(ref reader, $"the name '{name}' is there twice");
            reader.Read();
            map.Set(name, ReadValue(ref reader));
        }

        var built = map.Build();
        return built.Count == 1 && firstRawName!.StartsWith('$') && Untag(ref reader, firstRawName, built.RawValues[0]) is { } tagged ? tagged : built;
    }

    private static Value? Untag(ref Utf8JsonReader reader, string tag, Value payload)
    {
        switch (tag)
        {
            case "$int64" when payload.Kind == ValueKind.String && long.TryParse(payload.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                return whole;
            case "$double" when payload.Kind == ValueKind.String && double.TryParse(payload.AsString, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number;
            case "$decimal" when payload.Kind == ValueKind.String && Number.TryParseDecimal(payload.AsString, out var exact):
                return exact;
            case "$datetime" when payload.Kind == ValueKind.String && TimeText.TryParse(payload.AsString, out var time):
                return time;
            case "$guid" when payload.Kind == ValueKind.String && Guid.TryParseExact(payload.AsString, "D", out var guid):
                return guid;
            case "$bytes" when payload.Kind == ValueKind.String && TryBase64(payload.AsString, out var bytes):
                return Value.OwnBytes(bytes);
            case "$vector" when payload.Kind == ValueKind.List && TryVector(payload.AsList.Span, out var vector):
                return Value.OwnVector(vector);
            case "$int64" or "$double" or "$decimal" or "$datetime" or "$guid" or "$bytes" or "$vector":
                throw At(ref reader, $"{RecordJson.ToText(payload)} is not a {tag[1..]} as the tag {tag} says");
            default:
                return null;
        }
    }

    internal static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[(text.Length + 3) / 4 * 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return false;
        Array.Resize(ref bytes, length);
        return true;
    }

    private static bool TryVector(ReadOnlySpan<Value> items, out float[] vector)
    {
        vector = new float[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i];
            var text = item.Kind == ValueKind.String ? item.AsString : item.IsNumber ? item.ToString().TrimEnd('m') : null;
            if (text is null || !Number.TryParseFloat(text, out vector[i])) return false;
        }

        return true;
    }

    private static DateTimeOffset Time(ref Utf8JsonReader reader, string name)
    {
        var value = ReadValue(ref reader);
        return value.Kind == ValueKind.String && TimeText.TryParse(value.AsString, out var time) ? time : throw At(ref reader, $"{name} is not an RFC 3339 time");
    }

    private static Value Expect(ref Utf8JsonReader reader, Value value, ValueKind kind, string name) =>
        value.Kind == kind ? value : throw At(ref reader, $"{name} must be a {kind}, not a {value.Kind}");

    private static FormatException At(ref Utf8JsonReader reader, string problem) => new($"at byte {reader.TokenStartIndex}: {problem}");

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.None => "nothing",
        _ => token.ToString(),
    };

    /// <summary>What is wrong, without the rest of the text, which the platform's message about a literal quotes in full.</summary>
    internal static string Problem(JsonException e)
    {
        var sentence = FirstSentence(e.Message);
        var literal = sentence.LastIndexOf("' is an invalid JSON literal", StringComparison.Ordinal);
        return literal < 0 ? sentence : "an invalid JSON literal";
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }
}

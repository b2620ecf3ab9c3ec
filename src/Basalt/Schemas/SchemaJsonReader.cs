using System.Text.Json;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>Reads a schema from parsed JSON and knows where it is, for messages.</summary>
internal sealed class SchemaJsonReader
{
    private const string FieldProperties =
        "name, type, description, required, unique, dimension, min, max, minLength, maxLength, pattern, email, oneOf, default, element, fields";

    private readonly List<string> _where = [];

    public static BasaltException Malformed(string what, Exception? inner = null) => new(ErrorCode.InvalidData, $"The schema {what}", inner);

    public Schema ReadSchema(JsonElement json)
    {
        IReadOnlyList<Field> fields = [];
        string? idField = null;
        var isOpen = true;
        TimeSpan? timeToLive = null;
        Properties(json, "a schema", (name, value) =>
        {
            switch (name)
            {
                case "idField": idField = Text(value); break;
                case "open": isOpen = Bool(value); break;
                case "timeToLive": timeToLive = Duration(value); break;
                case "fields": fields = Items(value, element => ReadField(element, isElement: false)); break;
                default: throw Unknown(name, "idField, open, timeToLive, fields");
            }
        });
        return new Schema(fields, idField, isOpen, timeToLive);
    }

    private Field ReadField(JsonElement json, bool isElement)
    {
        var field = new Field();
        var isNamed = false;
        Properties(json, "a field", (name, value) =>
        {
            field = name switch
            {
                "name" when !isElement => field with { Name = Text(value) },
                "type" => field with { Type = Type(value) },
                "description" => field with { Description = Text(value) },
                "required" => field with { IsRequired = Bool(value) },
                "unique" => field with { IsUnique = Bool(value) },
                "dimension" => field with { Dimension = Int32(value) },
                "min" => field with { Min = Value(value) },
                "max" => field with { Max = Value(value) },
                "minLength" => field with { MinLength = Int32(value) },
                "maxLength" => field with { MaxLength = Int32(value) },
                "pattern" => field with { Pattern = Text(value) },
                "email" => field with { IsEmail = Bool(value) },
                "oneOf" => field with { OneOf = Items(value, Value) },
                "default" => field with { Default = Value(value) },
                "element" => field with { Element = ReadField(value, isElement: true) },
                "fields" => field with { Fields = Items(value, nested => ReadField(nested, isElement: false)) },
                _ => throw Unknown(name, FieldProperties),
            };
            isNamed |= name == "name";
        });
        return isNamed || isElement ? field : throw Wrong("has no name");
    }

    private void Properties(JsonElement json, string what, Action<string, JsonElement> read)
    {
        if (json.ValueKind != JsonValueKind.Object) throw Wrong($"must be {what}, which is an object, not {Kind(json)}");
        var seen = new HashSet<string>();
        foreach (var property in json.EnumerateObject())
        {
            var name = Guard(static p => p.Name, property);
            if (!seen.Add(name)) throw Wrong($"has '{name}' twice");
            Within(_where.Count == 0 ? name : $".{name}", () => read(name, property.Value));
        }
    }

    private T[] Items<T>(JsonElement json, Func<JsonElement, T> read)
    {
        if (json.ValueKind != JsonValueKind.Array) throw Wrong($"must be an array, not {Kind(json)}");
        var items = new T[json.GetArrayLength()];
        for (var i = 0; i < items.Length; i++) Within($"[{i}]", () => items[i] = read(json[i]));
        return items;
    }

    private void Within(string step, Action read)
    {
        _where.Add(step);
        read();
        _where.RemoveAt(_where.Count - 1);
    }

    private FieldType Type(JsonElement json)
    {
        var name = Text(json);
        if (FieldTypes.TryParse(name, out var type)) return type;
        var hint = EditDistance.Nearest(name, FieldTypes.All) is { } nearest ? $"; did you mean '{nearest}'?" : "";
        throw Wrong($"is '{name}', not one of {string.Join(", ", FieldTypes.All)}{hint}");
    }

    private string Text(JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? Guard(static j => j.GetString()!, json) : throw Wrong($"must be text, not {Kind(json)}");

    private bool Bool(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong($"must be true or false, not {Kind(json)}"),
    };

    private TimeSpan Duration(JsonElement json) =>
        DurationText.TryParse(Text(json), out var duration) ? duration : throw Wrong($"must be {DurationText.Form}, not {json.GetRawText()}");

    private int Int32(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var number)
            ? number
            : throw Wrong($"must be a whole number of 32 bits, not {json.GetRawText()}");

    private Value Value(JsonElement json)
    {
        try
        {
            return RecordJson.ParseValue(json.GetRawText());
        }
        catch (FormatException e)
        {
            throw Wrong($"is no value: {e.Message}", e);
        }
    }

    private TResult Guard<T, TResult>(Func<T, TResult> read, T json)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException e)
        {
            // The platform's word for an escape that is half a surrogate pair.
            throw Wrong("has text that is not valid Unicode", e);
        }
    }

    private BasaltException Unknown(string name, string known)
    {
        _where.RemoveAt(_where.Count - 1);
        return Wrong($"has an unknown property '{name}'; known are {known}");
    }

    private BasaltException Wrong(string what, Exception? inner = null) =>
        Malformed(_where.Count == 0 ? what : $"is wrong at {string.Concat(_where)}: it {what}", inner);

    private static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a bool",
    };
}

using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>A value as the text of a cell: as in plain JSON, but text and what JSON says as text stand without quotes, and null is empty.</summary>
internal static class CellText
{
    public static string Of(Value value)
    {
        if (value.IsNull) return "";
        if (value.Kind == ValueKind.String) return value.AsString;
        var json = RecordJson.ToText(value, JsonForm.Plain);
        // Times, guids, bytes, NaN and the infinities need no escapes.
        return json[0] == '"' ? json[1..^1] : json;
    }
}

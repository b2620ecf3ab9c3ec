using Basalt.Records;

namespace Basalt.PointClouds.Runs;

/// <summary>Reads fields of a kind that they must have.</summary>
internal static class Fields
{
    public static string Text(ValueMap map, string name) =>
        map[name] is { Kind: ValueKind.String } text ? text.AsString : throw new InvalidDataException($"it has no text '{name}'");

    public static long Number(ValueMap map, string name) =>
        map[name] is { IsNumber: true } number && number.TryGetInt64(out var value) && value >= 0 ? value : throw new InvalidDataException($"it has no number '{name}'");

    public static int Count(ValueMap map, string name) =>
        Number(map, name) is var number and <= int.MaxValue ? (int)number : throw new InvalidDataException($"its '{name}' is too large");

    public static ReadOnlySpan<Value> List(ValueMap map, string name) =>
        map[name] is { Kind: ValueKind.List } list ? list.AsList.Span : throw new InvalidDataException($"it has no list '{name}'");
}

using Basalt.PointClouds.Reading;
using Basalt.PointClouds.Runs;
using Basalt.Records;

namespace Basalt.PointClouds.Editing;

/// <summary>What an edit of labels does.</summary>
public enum EditKind
{
    /// <summary>Labels become part of another.</summary>
    Merge,

    /// <summary>Some points of a label become a new one.</summary>
    Split,

    /// <summary>An earlier edit counts no more.</summary>
    Undo,
}

/// <summary>Which points of a label are split off: those that satisfy all that is given, at least one of the three.</summary>
public sealed record SplitBy
{
    /// <summary>Points in this box.</summary>
    public Box? Box { get; init; }

    /// <summary>Points of these blocks.</summary>
    public IReadOnlyList<string>? Blocks { get; init; }

    /// <summary>Points whose attribute of this name has one of <see cref="Values"/>, such as the ids of supervoxels.</summary>
    public string? Attribute { get; init; }

    /// <summary>The values of <see cref="Attribute"/>.</summary>
    public IReadOnlyList<Value>? Values { get; init; }
}

/// <summary>One edit of labels. No point is moved: reads follow the edits.</summary>
/// <param name="Number">Which edit it is, from 1. Reads as of it see it and those before it.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Sources">The labels that are merged, or the one that is split.</param>
/// <param name="Target">The label that they become part of, or the new one.</param>
/// <param name="By">Which points are split off; null unless it is a split.</param>
/// <param name="Undoes">The edit that is undone; null unless it is an undo.</param>
/// <param name="At">When it was made.</param>
public sealed record LabelEdit(int Number, EditKind Kind, IReadOnlyList<ulong> Sources, ulong Target, SplitBy? By, int? Undoes, DateTimeOffset At)
{
    internal Record ToRecord(string id, Value previous)
    {
        // Labels above the range of int64 are decimals, which are equal and ordered by value like all numbers.
        var fields = new ValueMapBuilder().Set("kind", "edit").Set("edit", Kind.ToString().ToLowerInvariant()).Set("number", Number)
            .Set("sources", Value.FromList(Sources.Select(Columns.Bits.Unsigned))).Set("target", Columns.Bits.Unsigned(Target)).Set("at", At);
        if (Undoes is { } undone) fields.Set("undoes", undone);
        if (By?.Box is { } box) fields.Set("lowest", Value.FromList(box.Lowest)).Set("highest", Value.FromList(box.Highest));
        if (By?.Blocks is { } blocks) fields.Set("blocks", Value.FromList(blocks.Select(static block => (Value)block)));
        if (By?.Attribute is { } attribute) fields.Set("attribute", attribute).Set("values", Value.FromList(By.Values!));
        return new Record(id, fields.Set("previous", previous).Build());
    }

    /// <exception cref="InvalidDataException">The record is no edit.</exception>
    internal static LabelEdit Of(Record record)
    {
        var map = record.Fields;
        if (!Enum.TryParse<EditKind>(Fields.Text(map, "edit"), ignoreCase: true, out var kind)) throw new InvalidDataException("it is of a kind that is not known");
        var by = kind != EditKind.Split ? null : new SplitBy
        {
            Box = map.ContainsKey("lowest") ? new Box(Fields.List(map, "lowest").ToArray(), Fields.List(map, "highest").ToArray()) : null,
            Blocks = map.ContainsKey("blocks") ? Array.ConvertAll(Fields.List(map, "blocks").ToArray(), static block => block.AsString) : null,
            Attribute = map.ContainsKey("attribute") ? Fields.Text(map, "attribute") : null,
            Values = map.ContainsKey("values") ? Fields.List(map, "values").ToArray() : null,
        };
        var at = map["at"] is { Kind: ValueKind.DateTime } time ? time.AsDateTime : throw new InvalidDataException("it has no time");
        return new LabelEdit(Fields.Count(map, "number"), kind, Array.ConvertAll(Fields.List(map, "sources").ToArray(), Label), Label(map["target"]), by, map.ContainsKey("undoes") ? Fields.Count(map, "undoes") : null, at);
    }

    private static ulong Label(Value value) =>
        value.IsNumber && value.TryGetDecimal(out var number) && number is >= 0 and <= ulong.MaxValue ? (ulong)number : throw new InvalidDataException($"{value} is no label");
}

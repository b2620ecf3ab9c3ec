using Basalt.Expressions;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>Reads the JSON of a transform.</summary>
internal static class TransformParser
{
    private static readonly string[] Properties = ["where", "rename", "default", "set", "convert", "compute", "drop", "keep"];

    public static (Filter? Where, TransformStep[] Steps, string Text) Parse(string json)
    {
        Value whole;
        try
        {
            whole = RecordJson.ParseValue(json);
        }
        catch (FormatException e)
        {
            throw Refused($"is not valid: {e.Message}", e);
        }

        if (whole.Kind != ValueKind.Map) throw Refused($"must be a JSON object, not {whole.Kind}");
        var map = whole.AsMap;
        foreach (var name in map.Keys)
            if (!Properties.Contains(name)) throw Refused($"has no property '{name}'{Hint(name)}");

        var where = map.ContainsKey("where") ? Guard("where", () => Filter.Parse(Text("where", map["where"]))) : null;
        var steps = new List<TransformStep>();
        steps.AddRange(Entries(map, "rename").Select(static e => new RenameStep(e.Path, PathOf("rename", Text($"rename.{e.Path}", e.Value)))));
        RequireDistinctTargets(steps.Cast<RenameStep>());
        steps.AddRange(Entries(map, "default").Select(static e => new DefaultStep(e.Path, e.Value)));
        steps.AddRange(Entries(map, "set").Select(static e => new SetStep(e.Path, e.Value)));
        steps.AddRange(Entries(map, "convert").Select(static e => new ConvertStep(e.Path, TypeOf(e.Path, e.Value))));
        steps.AddRange(Entries(map, "compute").Select(static e => new ComputeStep(e.Path, ExpressionOf(e.Path, e.Value))));
        steps.AddRange(Paths(map, "drop").Select(static p => new DropStep(p)));
        var kept = Paths(map, "keep");
        if (kept.Any(static p => p.Part != RecordPart.Fields)) throw Refused("keeps fields only; metadata always stays");
        if (map.ContainsKey("keep")) steps.Add(kept.Count > 0 ? new KeepStep(kept) : throw Refused("keeps nothing: 'keep' is an empty list"));
        return (where, [.. steps], RecordJson.ToText(whole));
    }

    private static List<(FieldPath Path, Value Value)> Entries(ValueMap map, string property)
    {
        if (!map.TryGetValue(property, out var value)) return [];
        if (value.Kind != ValueKind.Map) throw Refused($"has a '{property}' that is {value.Kind}, not an object of fields");
        return [.. value.AsMap.Select(e => (PathOf(property, e.Key), e.Value))];
    }

    private static List<FieldPath> Paths(ValueMap map, string property)
    {
        if (!map.TryGetValue(property, out var value)) return [];
        if (value.Kind != ValueKind.List) throw Refused($"has a '{property}' that is {value.Kind}, not a list of fields");
        var paths = new List<FieldPath>();
        foreach (var item in value.AsList.Span) paths.Add(PathOf(property, Text(property, item)));
        return paths;
    }

    private static FieldPath PathOf(string property, string name)
    {
        var path = Guard($"{property}, '{name}'", () => FieldPath.Parse(name));
        return path.Part is RecordPart.Fields or RecordPart.Metadata ? path : throw Refused($"cannot {property} {path}: the store sets it");
    }

    private static FieldType TypeOf(FieldPath path, Value value)
    {
        var name = Text($"convert.{path}", value);
        return FieldTypes.TryParse(name, out var type) && type != FieldType.Any
            ? type
            : throw Refused($"cannot convert {path} to '{name}'; the types are {string.Join(", ", FieldTypes.All.Where(static t => t != FieldType.Any.Name()))}");
    }

    private static Expression ExpressionOf(FieldPath path, Value value)
    {
        var text = Text($"compute.{path}", value);
        return Guard($"compute.{path}", () => Expression.Parse(text));
    }

    private static void RequireDistinctTargets(IEnumerable<RenameStep> renames)
    {
        var targets = new HashSet<FieldPath>();
        foreach (var rename in renames)
            if (!targets.Add(rename.To)) throw Refused($"renames two fields to {rename.To}");
    }

    private static string Text(string where, Value value) =>
        value.Kind == ValueKind.String ? value.AsString : throw Refused($"has at {where} {value.Kind} {Expression.Show(value)}, not text");

    private static T Guard<T>(string where, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (BasaltException e) when (e.Code == ErrorCode.InvalidQuery)
        {
            throw Refused($"is wrong at {where}: {e.Message}", e);
        }
    }

    private static string Hint(string name) =>
        EditDistance.Nearest(name, Properties) is { } nearest ? $"; did you mean '{nearest}'?" : $"; its properties are {string.Join(", ", Properties)}";

    private static BasaltException Refused(string problem, Exception? cause = null) => new(ErrorCode.InvalidData, $"The transform {problem}{(problem.EndsWith('^') || problem.EndsWith('?') ? "" : ".")}", cause) { Operation = "transform" };
}

using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>One pass over one record: conversions, defaults and violations. Allocates only for what changes or is wrong.</summary>
/// <param name="mode">Which conversions are allowed.</param>
/// <param name="isOpen">Whether undeclared fields are allowed.</param>
/// <param name="suppliedField">The top-level field that may be null because the record's id stands for it, or null.</param>
internal struct Conforming(Validation mode, bool isOpen, string? suppliedField)
{
    private List<Violation>? _violations;

    /// <summary>What was found, with paths relative to where the pass began; null for nothing.</summary>
    public readonly List<Violation>? Violations => _violations;

    /// <summary>The map with every declared field conforming; the same instance when nothing changes.</summary>
    public ValueMap Conform(FieldSet fields, ValueMap map)
    {
        ValueMapBuilder? builder = null;
        var present = 0;
        foreach (var rule in fields.Rules)
        {
            var at = map.Shape.IndexOf(rule.Field.Name);
            if (at >= 0) present++;
            if (at < 0 && rule.Field.Default is { } missing)
            {
                (builder ??= new ValueMapBuilder(map)).Set(rule.Field.Name, missing);
                continue;
            }

            var value = at < 0 ? default : map.RawValues[at];
            if (value.IsNull && rule.Field.Name == suppliedField) continue;
            var before = _violations?.Count ?? 0;
            if (Conform(rule, value, out var changed))
                (builder ??= new ValueMapBuilder(map)).Set(rule.Field.Name, changed);
            MoveWithin(rule.PathName, before);
        }

        if (!isOpen && present < map.Count) ReportUndeclared(fields, map);
        return builder?.Build() ?? map;
    }

    /// <summary>Whether the value had to be changed to conform.</summary>
    public bool Conform(FieldRule rule, Value value, out Value changed)
    {
        changed = value;
        var field = rule.Field;
        if (value.IsNull)
        {
            if (field.IsRequired) Add("required", "is required and is null or missing");
            return false;
        }

        var outcome = Coercion.Convert(value, field.Type, mode, ref changed);
        if (outcome == CoercionOutcome.Refused)
        {
            Add("type", $"must be {field.Type.Name()}, but is {FieldTypes.Of(value.Kind).Name()} {Show(value)}");
            return false;
        }

        var isChanged = outcome == CoercionOutcome.Converted;
        if (rule.Element is { } element) isChanged |= ConformItems(element, changed.AsList.Span, ref changed);
        if (rule.Fields is { } fields) isChanged |= ConformNested(fields, changed.AsMap, ref changed);
        CheckConstraints(rule, changed);
        return isChanged;
    }

    private bool ConformItems(FieldRule element, ReadOnlySpan<Value> items, ref Value list)
    {
        Value[]? copy = null;
        for (var i = 0; i < items.Length; i++)
        {
            var before = _violations?.Count ?? 0;
            if (Conform(element, items[i], out var item)) (copy ??= items.ToArray())[i] = item;
            if (_violations is not null && _violations.Count > before) MoveWithin($"[{i}]", before);
        }

        if (copy is null) return false;
        list = Value.OwnList(copy);
        return true;
    }

    private bool ConformNested(FieldSet fields, ValueMap map, ref Value value)
    {
        var nested = new Conforming(mode, isOpen, null) { _violations = _violations };
        var result = nested.Conform(fields, map);
        _violations = nested._violations;
        if (ReferenceEquals(result, map)) return false;
        value = result;
        return true;
    }

    private void CheckConstraints(FieldRule rule, Value value)
    {
        var field = rule.Field;
        if (value.Kind == ValueKind.Vector && field.Type == FieldType.Vector) CheckVector(field, value.AsVector.Span);
        if (field.Min is { } min && (value < min || IsNaN(value))) Add("min", $"must be at least {Show(min)}, but is {Show(value)}");
        if (field.Max is { } max && value > max) Add("max", $"must be at most {Show(max)}, but is {Show(value)}");
        if ((field.MinLength ?? field.MaxLength) is not null) CheckLength(field, value);
        if (rule.Pattern is { } pattern && !pattern.IsMatch(value.AsString)) Add("pattern", $"must match {field.Pattern}, but is {Show(value)}");
        if (field.IsEmail && !EmailAddress.IsValid(value.AsString)) Add("email", $"must be an e-mail address, but is {Show(value)}");
        if (rule.OneOf is { } choices && !choices.Contains(value)) Add("oneOf", $"must be one of {ShowAll(field.OneOf!)}, but is {Show(value)}");
        if (field.Check?.Invoke(value) is { } complaint) Add("check", complaint);
    }

    private void CheckVector(Field field, ReadOnlySpan<float> components)
    {
        if (components.Length == 0) Add("dimension", "must have at least one component");
        else if (field.Dimension is { } wanted && components.Length != wanted) Add("dimension", $"must have {wanted} components, but has {components.Length}");
        for (var i = 0; i < components.Length; i++)
        {
            if (float.IsFinite(components[i])) continue;
            Add("finite", $"must have finite components, but component {i} is {components[i]}");
            return;
        }
    }

    private void CheckLength(Field field, Value value)
    {
        var (length, unit) = value.Kind switch
        {
            ValueKind.String => (CodePoints(value.AsString), "characters"),
            ValueKind.Bytes => (value.AsBytes.Length, "bytes"),
            _ => (value.AsList.Length, "items"),
        };
        if (length < field.MinLength) Add("minLength", $"must have at least {field.MinLength} {unit}, but has {length}");
        if (length > field.MaxLength) Add("maxLength", $"must have at most {field.MaxLength} {unit}, but has {length}");
    }

    private void ReportUndeclared(FieldSet fields, ValueMap map)
    {
        foreach (var name in map.Shape.Names)
        {
            if (fields.Find(name) is not null) continue;
            var hint = fields.Nearest(name) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            Add("undeclared", $"is not a field of the schema{hint}", Filters.FilterText.PrintName(name));
        }
    }

    private void Add(string rule, string message, string path = "") => (_violations ??= []).Add(new Violation(path, rule, message));

    private readonly void MoveWithin(string outer, int from)
    {
        if (_violations is null) return;
        for (var i = from; i < _violations.Count; i++) _violations[i] = _violations[i].Within(outer);
    }

    private static bool IsNaN(Value value) => value.Kind == ValueKind.Double && double.IsNaN(value.AsDouble);

    private static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
            if (char.IsLowSurrogate(c)) count--;
        return count;
    }

    private static string ShowAll(IReadOnlyList<Value> values) =>
        string.Join(", ", values.Take(10).Select(Show)) + (values.Count > 10 ? $", ... ({values.Count} in all)" : "");

    private static string Show(Value value)
    {
        const int longest = 60;
        if (value.Kind is ValueKind.Map or ValueKind.List or ValueKind.Vector or ValueKind.Bytes) return $"({FieldTypes.Of(value.Kind).Name()})";
        var text = value.ToString();
        return text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…";
    }
}

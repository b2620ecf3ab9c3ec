using System.Text.RegularExpressions;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>Proves that declarations do not contradict themselves, and makes them ready to run.</summary>
internal static class FieldDeclaration
{
    private const int MaxDepth = 32;

    public static FieldSet Prove(Field[] fields, bool isOpen) => Prove(fields, isOpen, "", 0);

    public static void ProveId(Schema schema, string idField)
    {
        var field = schema[idField];
        if (field is null)
        {
            if (!schema.IsOpen) throw new ArgumentException($"The id field '{idField}' is not declared, and the schema is closed.", nameof(idField));
            return;
        }

        if (field.Type is not (FieldType.Any or FieldType.String or FieldType.Int64 or FieldType.Guid))
            throw Refuse(idField, $"cannot be the id as {field.Type.Name()}: an id is string, int64 or guid");
        if (field.Default is not null) throw Refuse(idField, "is the id and cannot have a default: records would share it");
    }

    private static FieldSet Prove(IReadOnlyList<Field> fields, bool isOpen, string outer, int depth)
    {
        if (depth > MaxDepth) throw Refuse(outer, $"nests deeper than {MaxDepth} levels");
        var rules = new FieldRule[fields.Count];
        var names = new HashSet<string>();
        for (var i = 0; i < rules.Length; i++)
        {
            var field = fields[i] ?? throw new ArgumentException($"A field{(outer.Length > 0 ? $" of '{outer}'" : "")} is null.", nameof(fields));
            if (field.Name is null) throw new ArgumentException("A field has no name.", nameof(fields));
            Text.RequireWellFormed(field.Name, nameof(fields));
            var path = outer.Length == 0 ? FilterText.PrintName(field.Name) : $"{outer}.{FilterText.PrintName(field.Name)}";
            if (!names.Add(field.Name)) throw Refuse(path, "is declared twice");
            rules[i] = Prove(field, isOpen, path, depth);
        }

        return new FieldSet(rules);
    }

    private static FieldRule Prove(Field field, bool isOpen, string path, int depth)
    {
        if (!Enum.IsDefined(field.Type)) throw Refuse(path, $"has no such type: {(int)field.Type}");
        ProveFit(field, path);
        ProveLengths(field, path);
        var element = field.Element is { } item ? ProveElement(item, isOpen, path + "[]", depth + 1) : null;
        var fields = field.Fields is { } nested ? Prove(nested, isOpen, path, depth + 1) : null;
        var bare = field with { Element = element?.Field, Fields = fields?.Fields };
        var min = bare.Min is { } low ? Bound(bare, low, "min", path) : (Value?)null;
        var max = bare.Max is { } high ? Bound(bare, high, "max", path) : (Value?)null;
        if (min is { } a && max is { } b && a > b) throw Refuse(path, $"has a min of {a} above its max of {b}");

        var rule = new FieldRule
        {
            Field = bare with { Min = min, Max = max, OneOf = Choices(bare, isOpen, path) },
            Pattern = Compile(field.Pattern, path),
            Element = element,
            Fields = fields,
        };
        if (rule.Field.OneOf is { } choices) rule = Copy(rule, rule.Field, [.. choices]);
        return bare.Default is { } value ? Copy(rule, rule.Field with { Default = Default(rule, value, isOpen, path) }, rule.OneOf) : rule;
    }

    private static FieldRule ProveElement(Field element, bool isOpen, string path, int depth)
    {
        if (depth > MaxDepth) throw Refuse(path, $"nests deeper than {MaxDepth} levels");
        if (element.Default is not null) throw Refuse(path, "cannot have a default: an item of a list is never missing");
        if (HasUnique(element)) throw Refuse(path, "cannot be unique: uniqueness is of one value for each record");
        return Prove(element, isOpen, path, depth);
    }

    private static bool HasUnique(Field field) =>
        field.IsUnique || (field.Fields?.Any(static f => f is not null && HasUnique(f)) ?? false) || (field.Element is { } element && HasUnique(element));

    private static void ProveFit(Field field, string path)
    {
        var type = field.Type;
        Require(field.Dimension is null || type == FieldType.Vector, "dimension");
        Require(field.Element is null || type == FieldType.List, "element");
        Require(field.Fields is null || type == FieldType.Map, "fields");
        Require((field.Min ?? field.Max) is null || type.IsNumber() || type is FieldType.DateTime or FieldType.String, "min or max");
        Require((field.MinLength ?? field.MaxLength) is null || type is FieldType.String or FieldType.Bytes or FieldType.List, "length");
        Require(field.Pattern is null || type == FieldType.String, "pattern");
        Require(!field.IsEmail || type == FieldType.String, "email");
        if (field.Dimension < 1) throw Refuse(path, $"has a dimension of {field.Dimension}; the least is 1");

        void Require(bool fits, string constraint)
        {
            if (!fits) throw Refuse(path, $"is {type.Name()} and cannot have a constraint on {constraint}");
        }
    }

    private static void ProveLengths(Field field, string path)
    {
        if (field.MinLength < 0 || field.MaxLength < 0) throw Refuse(path, "has a negative length");
        if (field.MinLength > field.MaxLength) throw Refuse(path, $"has a least length of {field.MinLength} above its greatest of {field.MaxLength}");
    }

    private static Value Bound(Field field, Value bound, string name, string path)
    {
        if (!TryConvert(field, bound, out var converted)) throw Refuse(path, $"is {field.Type.Name()} and cannot have a {name} of {bound}");
        if (converted.Kind == ValueKind.Double && double.IsNaN(converted.AsDouble)) throw Refuse(path, $"has a {name} that is not a number");
        return converted;
    }

    private static Value[]? Choices(Field field, bool isOpen, string path)
    {
        if (field.OneOf is null) return null;
        if (field.OneOf.Count == 0) throw Refuse(path, "allows no value: its choices are empty");
        var unconstrained = Prove(new Field(field.Name, field.Type) { Element = field.Element, Fields = field.Fields, Dimension = field.Dimension }, isOpen, path, 0);
        return [.. field.OneOf.Select(choice =>
        {
            if (choice.IsNull) throw Refuse(path, "has null among its choices; null is allowed unless the field is required");
            return Conformed(unconstrained, choice, isOpen, path, "choice");
        })];
    }

    private static Value Default(FieldRule rule, Value value, bool isOpen, string path)
    {
        if (value.IsNull) throw Refuse(path, "has null as its default; leave the default out");
        return Conformed(rule, value, isOpen, path, "default");
    }

    private static Value Conformed(FieldRule rule, Value value, bool isOpen, string path, string what)
    {
        if (!TryConvert(rule.Field, value, out var converted)) converted = value;
        var conforming = new Conforming(Validation.Strict, isOpen, null);
        if (conforming.Conform(rule, converted, out var changed)) converted = changed;
        if (conforming.Violations is [var first, ..]) throw Refuse(path, $"has {what} {value}, which breaks it: {first.Within(rule.PathName)}");
        return converted;
    }

    /// <summary>Bounds and defaults in a program are often written as another kind of number, so any exact one will do.</summary>
    private static bool TryConvert(Field field, Value value, out Value converted)
    {
        var mode = value.IsNumber && field.Type.IsNumber() ? Validation.Lenient : Validation.Strict;
        converted = value;
        return Coercion.Convert(value, field.Type, mode, ref converted) != CoercionOutcome.Refused;
    }

    private static Regex? Compile(string? pattern, string path)
    {
        if (pattern is null) return null;
        const RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        try
        {
            // By itself first: a stray parenthesis could otherwise close the group around it.
            _ = new Regex(pattern, options);
            return new Regex($@"\A(?:{pattern})\z", options);
        }
        catch (ArgumentException e)
        {
            throw Refuse(path, $"has a pattern that is not a regular expression: {e.Message}", e);
        }
        catch (NotSupportedException e)
        {
            throw Refuse(path, $"has a pattern that cannot run in linear time (look-around, back-reference or atomic group): {pattern}", e);
        }
    }

    private static FieldRule Copy(FieldRule rule, Field field, HashSet<Value>? oneOf) =>
        new() { Field = field, Pattern = rule.Pattern, Element = rule.Element, Fields = rule.Fields, OneOf = oneOf };

    private static ArgumentException Refuse(string field, string why, Exception? inner = null) =>
        new($"The field '{field}' {why}.", nameof(field), inner);
}

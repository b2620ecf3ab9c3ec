using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>Sibling fields, ready to be found by name and run over values.</summary>
internal sealed class FieldSet
{
    private readonly FrozenDictionary<string, FieldRule> _byName;

    public FieldSet(FieldRule[] rules)
    {
        Rules = rules;
        Fields = Array.AsReadOnly(Array.ConvertAll(rules, static rule => rule.Field));
        _byName = rules.ToFrozenDictionary(static rule => rule.Field.Name);
    }

    public FieldRule[] Rules { get; }

    public IReadOnlyList<Field> Fields { get; }

    public FieldRule? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The declared name that is nearest to a mistyped one, or null when none is near.</summary>
    public string? Nearest(string name) => EditDistance.Nearest(name, Fields.Select(static field => field.Name));
}

/// <summary>A field with what its constraints need at run time.</summary>
internal sealed class FieldRule
{
    public required Field Field { get; init; }

    /// <summary>The name as a path prints it.</summary>
    public string PathName => field ??= FilterText.PrintName(Field.Name);

    public Regex? Pattern { get; init; }

    public HashSet<Value>? OneOf { get; init; }

    public FieldRule? Element { get; init; }

    public FieldSet? Fields { get; init; }
}

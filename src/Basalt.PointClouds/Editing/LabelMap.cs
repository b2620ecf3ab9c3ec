using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Editing;

/// <summary>A condition of an edit, as points are tested by it.</summary>
internal sealed record PartCondition(Extent? Box, bool HasBox, IReadOnlySet<string>? Blocks, int Attribute, IReadOnlySet<ulong>? Values, bool IsNegated)
{
    public static PartCondition Of(SplitBy by, PointSchema schema, bool isNegated)
    {
        var attribute = by.Attribute is null ? -1 : schema.IndexOfAttribute(by.Attribute);
        return new PartCondition(by.Box?.ToExtent(schema), by.Box is not null, by.Blocks?.ToHashSet(StringComparer.Ordinal), attribute,
            attribute < 0 ? null : by.Values!.Select(value => AttributeBits.Of(schema.Attributes[attribute].Type, value)).OfType<ulong>().ToHashSet(), isNegated);
    }
}

/// <summary>Points of one stored label, those that satisfy all conditions.</summary>
internal sealed record Part(ulong Stored, IReadOnlyList<PartCondition> Conditions);

/// <summary>What labels are after some edits: which parts of which stored labels. Labels that no edit names are themselves. Immutable and thread-safe.</summary>
internal sealed class LabelMap
{
    private static readonly Part[] Nothing = [];
    private readonly SortedDictionary<ulong, IReadOnlyList<Part>> _parts = [];
    private readonly Dictionary<ulong, List<(ulong Label, Part Part)>> _labels = [];

    private LabelMap()
    {
    }

    /// <summary>No edits.</summary>
    public static LabelMap Identity { get; } = new();

    /// <summary>The labels that edits name, ascending, and what they are now; without parts they are gone.</summary>
    public IReadOnlyDictionary<ulong, IReadOnlyList<Part>> Edited => _parts;

    public static LabelMap Of(IReadOnlyList<LabelEdit> edits, PointSchema schema)
    {
        if (edits.Count == 0) return Identity;
        var map = new LabelMap();
        var undone = edits.Where(static edit => edit.Kind == EditKind.Undo).Select(static edit => edit.Undoes!.Value).ToHashSet();
        foreach (var edit in edits.Where(edit => edit.Kind != EditKind.Undo && !undone.Contains(edit.Number))) map.Apply(edit, schema);
        foreach (var (label, parts) in map._parts)
        foreach (var part in parts)
        {
            if (!map._labels.TryGetValue(part.Stored, out var labels)) map._labels.Add(part.Stored, labels = []);
            labels.Add((label, part));
        }

        return map;
    }

    /// <summary>The parts of a label.</summary>
    public IReadOnlyList<Part> PartsOf(ulong label) => _parts.TryGetValue(label, out var parts) ? parts : [new Part(label, [])];

    /// <summary>What the points of a stored label belong to: one label and no condition unless edits say otherwise.</summary>
    public IReadOnlyList<(ulong Label, Part Part)> LabelsOf(ulong stored)
    {
        if (_labels.TryGetValue(stored, out var labels)) return labels;
        // An edited label that nothing is part of any more would have been found above: each stored label stays part of something.
        return [(stored, new Part(stored, []))];
    }

    /// <summary>Whether edits say anything of a stored label.</summary>
    public bool Knows(ulong stored) => _labels.ContainsKey(stored) || _parts.ContainsKey(stored);

    private void Apply(LabelEdit edit, PointSchema schema)
    {
        if (edit.Kind == EditKind.Merge)
        {
            var all = PartsOf(edit.Target).Concat(edit.Sources.SelectMany(PartsOf)).ToList();
            foreach (var source in edit.Sources) _parts[source] = Nothing;
            _parts[edit.Target] = all;
            return;
        }

        var parts = PartsOf(edit.Sources[0]);
        var (inside, outside) = (PartCondition.Of(edit.By!, schema, isNegated: false), PartCondition.Of(edit.By!, schema, isNegated: true));
        _parts[edit.Target] = [.. PartsOf(edit.Target).Where(part => part.Stored != edit.Target || _parts.ContainsKey(edit.Target)), .. parts.Select(part => part with { Conditions = [.. part.Conditions, inside] })];
        _parts[edit.Sources[0]] = [.. parts.Select(part => part with { Conditions = [.. part.Conditions, outside] })];
    }
}

using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>The columns of a table or a CSV file: the id, then the marks of an answer, then the selected paths, or else every field in the order of first sight.</summary>
internal sealed class Columns
{
    private readonly List<FieldPath> _paths;
    private readonly HashSet<string> _names = [];
    private readonly List<string> _marks = [];
    private readonly bool _areSelected;
    private readonly int _first;

    public Columns(IReadOnlyList<FieldPath>? selected, bool withId = true)
    {
        _paths = withId ? [FieldPath.Id] : [];
        _first = _paths.Count;
        _areSelected = selected is not null;
        foreach (var path in selected ?? [])
            if (!_paths.Contains(path)) _paths.Add(path);
    }

    public IEnumerable<string> Titles => [.. _paths.Take(_first).Select(Title), .. _marks, .. _paths.Skip(_first).Select(Title)];

    /// <summary>The values of a row, in the order of the titles.</summary>
    public Value[] Row(Record record, IReadOnlyList<Mark> marks)
    {
        var beside = _marks.Select(name => marks.FirstOrDefault(mark => mark.Name == name).Value);
        return [.. _paths.Take(_first).Select(path => path.Resolve(record)), .. beside, .. _paths.Skip(_first).Select(path => path.Resolve(record))];
    }

    /// <summary>Adds the marks and fields of a record that were not seen before.</summary>
    public void Observe(Record record, IReadOnlyList<Mark> marks)
    {
        foreach (var mark in marks)
            if (!_marks.Contains(mark.Name)) _marks.Add(mark.Name);
        if (_areSelected) return;
        foreach (var name in record.Fields.Keys)
            if (_names.Add(name)) _paths.Add(FieldPath.Of(name));
    }

    // A plain field goes by its own name, with the $ of its name doubled as in JSON; anything else as a query would say it.
    private static string Title(FieldPath path) => path switch
    {
        { Part: RecordPart.Fields, Segments: [var name] } => name.StartsWith('$') ? "$" + name : name,
        _ => path.ToString(),
    };
}

using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>The columns of a table or a CSV file: the id, then the selected paths, or else every field in the order of first sight.</summary>
internal sealed class Columns
{
    private readonly List<FieldPath> _paths;
    private readonly HashSet<string> _names = [];
    private readonly bool _areSelected;

    public Columns(IReadOnlyList<FieldPath>? selected, bool withId = true)
    {
        _paths = withId ? [FieldPath.Id] : [];
        _areSelected = selected is not null;
        foreach (var path in selected ?? [])
            if (!_paths.Contains(path)) _paths.Add(path);
    }

    public IReadOnlyList<FieldPath> Paths => _paths;

    public IEnumerable<string> Titles => _paths.Select(Title);

    /// <summary>Adds the fields of a record that were not seen before.</summary>
    public void Observe(Record record)
    {
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

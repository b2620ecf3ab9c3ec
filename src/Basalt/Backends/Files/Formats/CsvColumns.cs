using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>What a column holds.</summary>
internal enum ColumnRole
{
    Field,
    Id,
    Version,
    Created,
    Updated,
    Metadata,
}

/// <summary>A column of a CSV file.</summary>
/// <param name="Role">What it holds.</param>
/// <param name="Name">The field's name; of another role its header.</param>
/// <param name="Type">How its cells are written.</param>
internal sealed record CsvColumn(ColumnRole Role, string Name, CellType Type)
{
    public string Header => Role == ColumnRole.Field ? EscapeName(Name) : Name;

    /// <summary>A column from its header: <c>$id</c> and its like are the store's, other names that start with $ have one more.</summary>
    public static CsvColumn FromHeader(string header, CellType type) => header switch
    {
        RecordJson.IdName => new CsvColumn(ColumnRole.Id, header, CellType.Text),
        RecordJson.VersionName => new CsvColumn(ColumnRole.Version, header, CellType.Int64),
        RecordJson.CreatedName => new CsvColumn(ColumnRole.Created, header, CellType.DateTime),
        RecordJson.UpdatedName => new CsvColumn(ColumnRole.Updated, header, CellType.DateTime),
        RecordJson.MetadataName => new CsvColumn(ColumnRole.Metadata, header, CellType.Json),
        _ => new CsvColumn(ColumnRole.Field, header.StartsWith("$$", StringComparison.Ordinal) ? header[1..] : header == "$" ? "" : header, type),
    };

    // A header must not be empty, and a field's name may be.
    private static string EscapeName(string name) => name.Length == 0 || name.StartsWith('$') ? "$" + name : name;
}

/// <summary>The columns of a CSV file. Immutable.</summary>
internal sealed class CsvColumns
{
    private static readonly CsvColumn[] System =
    [
        CsvColumn.FromHeader(RecordJson.IdName, default), CsvColumn.FromHeader(RecordJson.VersionName, default), CsvColumn.FromHeader(RecordJson.CreatedName, default),
        CsvColumn.FromHeader(RecordJson.UpdatedName, default), CsvColumn.FromHeader(RecordJson.MetadataName, default),
    ];

    public CsvColumns(CsvColumn[] columns, bool hasNulls)
    {
        Columns = columns;
        HasNulls = hasNulls;
    }

    public static CsvColumns None { get; } = new([], hasNulls: false);

    public CsvColumn[] Columns { get; }

    /// <summary>Whether an unquoted <c>\N</c> is a null that is present; in the file of another program it is text.</summary>
    public bool HasNulls { get; }

    /// <summary>These columns when they hold the records, else the ones that do: with the store's columns, with new fields, or with cells as JSON.</summary>
    public CsvColumns Covering(IEnumerable<Record> records)
    {
        var columns = Columns.ToList();
        var missing = System.Where(s => !columns.Exists(c => c.Role == s.Role)).ToArray();
        columns.InsertRange(0, missing);
        var changed = missing.Length > 0 || !HasNulls;
        var places = new Dictionary<string, int>();
        for (var i = 0; i < columns.Count; i++)
            if (columns[i].Role == ColumnRole.Field) places.Add(columns[i].Name, i);
        foreach (var record in records)
        {
            foreach (var (name, value) in record.Fields)
            {
                if (!places.TryGetValue(name, out var at))
                {
                    places.Add(name, columns.Count);
                    columns.Add(new CsvColumn(ColumnRole.Field, name, CellTypes.Of(value)));
                    changed = true;
                }
                else if (!CellTypes.Holds(columns[at].Type, value))
                {
                    columns[at] = columns[at] with { Type = CellType.Json };
                    changed = true;
                }
            }
        }

        return changed ? new CsvColumns([.. columns], hasNulls: true) : this;
    }

    /// <summary>Reads the header of a file and finds the types of its columns: the declared ones, else by looking at every cell.</summary>
    public static CsvColumns Discover(Func<Stream> open, byte delimiter, IReadOnlyList<CsvColumn> declared, bool hasNulls, CancellationToken cancellationToken)
    {
        using var csv = new CsvReader(open(), delimiter);
        if (!csv.ReadRow()) return None;
        var headers = new string[csv.Count];
        var columns = new CsvColumn?[csv.Count];
        for (var i = 0; i < headers.Length; i++)
        {
            headers[i] = csv.Text(i);
            if (headers[i].Length == 0) throw csv.Fault(i, $"column {i + 1} has no name in the header");
            var first = Array.IndexOf(headers, headers[i], 0, i);
            if (first >= 0) throw csv.Fault(i, $"the header names '{headers[i]}' twice, as columns {first + 1} and {i + 1}");
            var header = headers[i];
            columns[i] = declared.FirstOrDefault(c => c.Header == header) ?? (CsvColumn.FromHeader(header, default) is { Role: not ColumnRole.Field } system ? system : null);
        }

        if (Array.Exists(columns, static c => c is null)) Infer(csv, headers, columns, cancellationToken);
        return new CsvColumns(columns!, hasNulls);
    }

    private static void Infer(CsvReader csv, string[] headers, CsvColumn?[] columns, CancellationToken cancellationToken)
    {
        var inferences = new CellTypeInference[headers.Length];
        while (csv.ReadRow())
        {
            if ((csv.Line & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (csv.IsBlank && headers.Length > 1) continue;
            RequireCount(csv, headers.Length);
            for (var i = 0; i < headers.Length; i++)
            {
                if (columns[i] is not null) continue;
                var cell = csv[i];
                if (cell.Length > 0 || csv.IsQuoted(i)) inferences[i].See(cell);
            }
        }

        for (var i = 0; i < headers.Length; i++) columns[i] ??= CsvColumn.FromHeader(headers[i], inferences[i].Type);
    }

    public static void RequireCount(CsvReader csv, int count)
    {
        if (csv.Count != count) throw csv.Fault(Math.Min(count, csv.Count), $"the row has {csv.Count} cells, the header has {count}");
    }
}

using System.Collections.Frozen;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Tables;

/// <summary>
/// How the records of a collection lie in a table: <c>$id</c>, <c>$version</c>, <c>$created</c>, <c>$updated</c>, <c>$rest</c>, and a column for each field that holds one type. The rest is the exact JSON
/// of what no column holds to the last bit, with the metadata; null when nothing is left. Immutable.
/// </summary>
internal sealed record TableLayout(string Collection, string Table, Schema Schema, IReadOnlyList<TableColumn> Columns, bool HasMetadata, bool HasOddTimes)
{
    public const string Id = "$id", Version = "$version", Created = "$created", Updated = "$updated", Rest = "$rest";

    /// <summary>How many columns stand before those of the fields.</summary>
    public const int OwnColumns = 5;

    /// <summary>From so many fields on, new ones go to the rest: their names may be data.</summary>
    public const int MostColumns = 256;

    private const int LongestName = 512;

    private static readonly FrozenSet<string> OwnNames = FrozenSet.ToFrozenSet([Id, Version, Created, Updated, Rest, "rowid"], StringComparer.OrdinalIgnoreCase);

    private FrozenDictionary<string, int> Positions { get; } = Columns.Select(static (column, i) => KeyValuePair.Create(column.Field, i)).ToFrozenDictionary();

    /// <summary>The names as the database compares them: upper and lower case are one.</summary>
    private FrozenSet<string> Folded { get; } = Columns.Select(static column => column.Field).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The position of a field's column among those of the fields, or -1.</summary>
    public int IndexOf(string field) => Positions.GetValueOrDefault(field, -1);

    /// <summary>Whether a field can get a column: its name is one that the database tells from all others.</summary>
    public bool CanAdd(string field) =>
        Columns.Count < MostColumns && field.Length is > 0 and <= LongestName && !field.Contains('\0') && !OwnNames.Contains(field) && !Folded.Contains(field);

    /// <summary>The layout with one more column.</summary>
    public TableLayout With(TableColumn column) => new(Collection, Table, Schema, [.. Columns, column], HasMetadata, HasOddTimes);

    /// <summary>The layout with other columns in the place of these.</summary>
    public TableLayout WithColumns(IReadOnlyList<TableColumn> columns, bool hasMetadata, bool hasOddTimes) => new(Collection, Table, Schema, columns, hasMetadata, hasOddTimes);

    /// <summary>The layout of a new collection: a column for each declared field that can have one.</summary>
    public static TableLayout Of(string collection, string table, Schema schema)
    {
        var layout = new TableLayout(collection, table, schema, [], false, false);
        foreach (var field in schema.Fields)
            if (TableColumn.Holds(field.Type) && layout.CanAdd(field.Name)) layout = layout.With(new TableColumn(field.Name, field.Type, field.Dimension));
        return layout;
    }

    /// <summary>What the catalogue keeps of the columns.</summary>
    public string Describe() => RecordJson.ToText(Value.FromMap(new ValueMapBuilder()
        .Set("metadata", HasMetadata).Set("oddTimes", HasOddTimes)
        .Set("columns", Value.FromList(Columns.Select(static column => Value.FromMap(new ValueMapBuilder()
            .Set("field", column.Field).Set("type", column.Type.Name()).Set("dimension", column.Dimension is { } dimension ? dimension : Value.Null)
            .Set("strays", column.HasStrays).Set("forms", column.HasForms).Build()))))
        .Build()));

    /// <summary>The layout that the catalogue keeps.</summary>
    /// <exception cref="FormatException">The text is not what <see cref="Describe"/> writes.</exception>
    public static TableLayout Parse(string collection, string table, Schema schema, string description)
    {
        var map = RecordJson.ParseValue(description) is { Kind: ValueKind.Map } value ? value.AsMap : throw new FormatException("not an object");
        try
        {
            return new TableLayout(collection, table, schema, [.. map["columns"].AsList.ToArray().Select(static column => Column(column.AsMap))], map["metadata"].AsBool, map["oddTimes"].AsBool);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static TableColumn Column(ValueMap map) => FieldTypes.TryParse(map["type"].AsString, out var type) && TableColumn.Holds(type)
        ? new TableColumn(map["field"].AsString, type, map["dimension"].IsNull ? null : (int)map["dimension"].AsInt64, map["strays"].AsBool, map["forms"].AsBool)
        : throw new FormatException($"there is no column of type '{map["type"].AsString}'");
}

using Basalt.DuckDb.Columns;

namespace Basalt.DuckDb.Tables;

/// <summary>The statements over a collection's table.</summary>
internal static class TableSql
{
    /// <summary>The names as SQL writes them.</summary>
    public static readonly string Id = SqlText.Name(TableLayout.Id), Version = SqlText.Name(TableLayout.Version), Created = SqlText.Name(TableLayout.Created),
        Updated = SqlText.Name(TableLayout.Updated), Rest = SqlText.Name(TableLayout.Rest);

    public static string Name(TableLayout layout) => $"main.{SqlText.Name(layout.Table)}";

    /// <summary>The rest stands before the fields, so that new columns come at the end.</summary>
    public static string Create(TableLayout layout) =>
        $"CREATE TABLE {Name(layout)} ({Id} VARCHAR PRIMARY KEY, {Version} BIGINT NOT NULL, {Created} TIMESTAMP_NS, {Updated} TIMESTAMP_NS, {Rest} VARCHAR{string.Concat(layout.Columns.Select(static column => $", {Column(column)}"))})";

    public static string AddColumn(TableLayout layout, TableColumn column) => $"ALTER TABLE {Name(layout)} ADD COLUMN {Column(column)}";

    public static string Drop(TableLayout layout) => $"DROP TABLE {Name(layout)}";

    /// <summary>What must be known of the records with some ids, to decide a write: the rest only where it has the time of creation.</summary>
    public static string Heads(TableLayout layout, bool isOne) =>
        $"SELECT {Id}, {Version}, {Created}, CASE WHEN {Created} IS NULL THEN {Rest} END FROM {Name(layout)} WHERE {ById(isOne)}";

    public static string Delete(TableLayout layout, bool isOne) => $"DELETE FROM {Name(layout)} WHERE {ById(isOne)}";

    private static string ById(bool isOne) => isOne ? $"{Id} = $1" : $"{Id} IN (SELECT unnest($1))";

    public static string ByIds(RowReader reader, bool isOne) => $"SELECT {reader.Selected} FROM {Name(reader.Layout)} WHERE {ById(isOne)}";

    public static string Count(TableLayout layout, string condition) => $"SELECT count(*) FROM {Name(layout)} WHERE {condition}";

    private static string Column(TableColumn column) => $"{SqlText.Name(column.Field)} {column.DuckType}";
}

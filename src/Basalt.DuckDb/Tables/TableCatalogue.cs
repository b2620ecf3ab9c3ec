using System.Collections.Immutable;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Tables;

/// <summary>
/// Which collections a file holds, in tables of the schema <c>basalt</c>: <c>format</c> (a version of this arrangement, and the versions of records that are spoken for) and <c>collections</c>
/// (name, table, schema as JSON, layout as JSON). Tables that are not listed there are none of ours. All of it is read at the opening; changes are written by the one writer.
/// </summary>
internal sealed class TableCatalogue
{
    private const long FormatVersion = 1;

    // So many versions are spoken for at once, so that not every batch writes where the counter is.
    private const long VersionsAtOnce = 4096;

    private readonly bool _isThere;
    private volatile ImmutableDictionary<string, TableLayout> _layouts;
    private long _lastVersion, _spokenFor;

    private TableCatalogue(ImmutableDictionary<string, TableLayout> layouts, long spokenFor, bool isThere) => (_layouts, _lastVersion, _spokenFor, _isThere) = (layouts, spokenFor, spokenFor, isThere);

    /// <summary>The collections as they are now.</summary>
    public ImmutableDictionary<string, TableLayout> Layouts => _layouts;

    /// <summary>Reads the catalogue of a file, and makes it where there is none, unless the file may not be written.</summary>
    /// <exception cref="BasaltException">It is damaged, or of a newer format.</exception>
    public static TableCatalogue Open(DuckConnection connection, bool readOnly)
    {
        var isThere = Rows(connection, "SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'basalt' AND database_name = current_database()").Count > 0;
        if (!isThere && readOnly) return new TableCatalogue(ImmutableDictionary<string, TableLayout>.Empty, 0, false);
        if (!isThere)
            connection.Execute($"BEGIN; CREATE SCHEMA basalt; CREATE TABLE basalt.format (version BIGINT NOT NULL, versions BIGINT NOT NULL); INSERT INTO basalt.format VALUES ({FormatVersion}, 0); CREATE TABLE basalt.collections (name VARCHAR NOT NULL, \"table\" VARCHAR NOT NULL, schema VARCHAR NOT NULL, layout VARCHAR NOT NULL); COMMIT");
        var format = Rows(connection, "SELECT version, versions FROM basalt.format");
        if (format is not [[{ Kind: ValueKind.Int64 } version, { Kind: ValueKind.Int64 } versions]]) throw DuckDbFaults.Corrupt(connection.Name, "basalt.format has not one row.");
        if (version.AsInt64 != FormatVersion) throw DuckDbFaults.Corrupt(connection.Name, $"its collections are of format {version}, and this version knows format {FormatVersion} only.");
        var layouts = Rows(connection, "SELECT name, \"table\", schema, layout FROM basalt.collections").Select(row => Read(connection.Name, row)).ToImmutableDictionary(static layout => layout.Collection);
        return new TableCatalogue(layouts, versions.AsInt64, true);
    }

    /// <summary>A version that no record had before. The caller writes <see cref="SpeakFor"/> in the same transaction.</summary>
    public long NextVersion() => ++_lastVersion;

    /// <summary>Has the file know that the versions given out are used, also after a crash.</summary>
    public void SpeakFor(DuckConnection connection)
    {
        if (_lastVersion <= _spokenFor) return;
        _spokenFor = _lastVersion + VersionsAtOnce;
        using var update = connection.Prepare("UPDATE basalt.format SET versions = $1");
        update.Bind(_spokenFor).Execute();
    }

    /// <summary>After a rollback the file knows nothing of what was spoken for; the versions stay used.</summary>
    public void ForgetSpokenFor() => _spokenFor = 0;

    /// <summary>A name for the table of a new collection: its own, unless the database takes another's for the same.</summary>
    public static string FreeTable(DuckConnection connection, string collection)
    {
        var taken = Rows(connection, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' UNION ALL SELECT view_name FROM duckdb_views() WHERE schema_name = 'main'")
            .Select(static row => row[0].AsString).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var name = collection;
        for (var i = 2; taken.Contains(name); i++) name = $"{collection}~{i}";
        return name;
    }

    /// <summary>Writes a layout where the file keeps them.</summary>
    public static void Write(DuckConnection connection, TableLayout layout, bool isNew)
    {
        using var write = connection.Prepare(isNew
            ? "INSERT INTO basalt.collections (name, \"table\", schema, layout) VALUES ($1, $2, $3, $4)"
            : "UPDATE basalt.collections SET \"table\" = $2, schema = $3, layout = $4 WHERE name = $1");
        write.Bind(layout.Collection, layout.Table, SchemaJson.Print(layout.Schema), layout.Describe()).Execute();
    }

    /// <summary>Removes a collection from where the file keeps them.</summary>
    public static void Delete(DuckConnection connection, TableLayout layout)
    {
        using var delete = connection.Prepare("DELETE FROM basalt.collections WHERE name = $1");
        delete.Bind(layout.Collection).Execute();
    }

    /// <summary>Shows a layout to readers; the transaction that wrote it has committed.</summary>
    public void Show(TableLayout layout) => _layouts = _layouts.SetItem(layout.Collection, layout);

    /// <summary>Hides a collection from readers; the transaction that dropped it has committed.</summary>
    public void Hide(string collection) => _layouts = _layouts.Remove(collection);

    /// <summary>Makes the first access of a transaction, which fixes what it sees.</summary>
    public void Touch(DuckConnection connection)
    {
        if (_isThere) connection.Execute("SELECT version FROM basalt.format");
    }

    private static TableLayout Read(string file, Value[] row)
    {
        try
        {
            return TableLayout.Parse(row[0].AsString, row[1].AsString, SchemaJson.Parse(row[2].AsString), row[3].AsString);
        }
        catch (Exception e) when (e is FormatException or BasaltException or InvalidOperationException)
        {
            throw DuckDbFaults.Corrupt(file, $"what basalt.collections has of '{row[0]}' cannot be read: {e.Message}", e);
        }
    }

    private static List<Value[]> Rows(DuckConnection connection, string sql)
    {
        var all = new List<Value[]>();
        using var rows = connection.Query(sql);
        while (rows.Next())
            for (var row = 0; row < rows.Count; row++)
            {
                var values = new Value[rows.Fields.Count];
                for (var i = 0; i < values.Length; i++) values[i] = ColumnValues.Read(rows[i], row);
                all.Add(values);
            }

        return all;
    }
}

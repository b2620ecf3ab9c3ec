using System.Text;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Feeds;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Schemas;

namespace Basalt.DuckDb.Sql;

/// <summary>
/// SQL over collections of any backend: each is attached under a name, and statements read it as a table while its records stream through. Nothing is copied first, and memory stays within the
/// settings. What statements create is in memory and gone with the session, but for files that they write. Not thread-safe.
/// </summary>
internal sealed class SqlSession : IDisposable
{
    /// <summary>From so many records a schema is inferred, unless another number is asked for.</summary>
    public const int DefaultSample = 10_000;

    private readonly DuckDatabase _database;
    private readonly DuckConnection _connection;
    private readonly List<AttachedTable> _tables = [];
    private readonly List<TableFunction> _functions = [];

    /// <summary>A session without tables.</summary>
    public SqlSession(DuckSettings settings)
    {
        _database = DuckDatabase.OpenInMemory(settings);
        _connection = _database.Connect();
    }

    /// <summary>What is attached, in order.</summary>
    public IReadOnlyList<AttachedTable> Tables => _tables;

    /// <summary>Attaches a collection. Fields of an open schema that are not declared get the types that the first records have.</summary>
    /// <param name="name">Its name in SQL, upper and lower case alike.</param>
    /// <param name="collection">The collection; it must stay open as long as the session.</param>
    /// <param name="sample">How many records to look at for the types of what no schema declares; <see cref="long.MaxValue"/> for all.</param>
    /// <param name="cancellationToken">Ends this, and later all reading of the collection.</param>
    /// <exception cref="BasaltException">The name is taken or is no name, or the collection cannot be read.</exception>
    public async ValueTask AttachAsync(string name, Collection collection, long sample, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || name.Contains('\0')) throw DuckDbFaults.Invalid("A table needs a name without NUL characters.");
        if (_tables.Exists(table => string.Equals(table.Name, name, StringComparison.OrdinalIgnoreCase))) throw DuckDbFaults.Invalid($"Two tables are named '{name}'; SQL takes upper and lower case for the same.");
        var declared = await collection.SchemaAsync(cancellationToken).ConfigureAwait(false);
        var (schema, types) = declared.IsOpen ? await InferAsync(collection, declared, sample, cancellationToken).ConfigureAwait(false) : (declared, "The schema of the collection says so.");
        var plan = await collection.ExplainAsync(Query.All, cancellationToken).ConfigureAwait(false);
        var table = new AttachedTable(name, collection, schema, types, plan.Cost?.Records, cancellationToken);
        var function = $"basalt {name}";
        _functions.Add(TableFunction.Register(_connection, function, table));
        _connection.Execute($"CREATE VIEW {SqlText.Name(name)} AS SELECT * FROM {SqlText.Name(function)}()", cancellationToken);
        _tables.Add(table);
    }

    /// <summary>Runs statements and streams the answer of the last one.</summary>
    public SqlAnswer Run(string sql, CancellationToken cancellationToken)
    {
        Push(sql);
        return new SqlAnswer(Guarded(() => _connection.Query(sql, cancellationToken)), this);
    }

    /// <summary>How a statement would run: what each backend is asked for and does, what the door tests after it, and DuckDB's plan of the rest.</summary>
    public async ValueTask<string> ExplainAsync(string sql, CancellationToken cancellationToken)
    {
        if (_connection.CountStatements(sql) != 1) throw new BasaltException(ErrorCode.InvalidQuery, "A plan is of one statement; the text has none or several.") { Backend = DuckDbFaults.Scheme };
        Push(sql);
        var text = new StringBuilder();
        foreach (var table in _tables) text.Append("table     ").Append(table.Name).AppendLine().Append(await table.ExplainAsync(cancellationToken).ConfigureAwait(false)).AppendLine().AppendLine();
        using var rows = Guarded(() => _connection.Query("EXPLAIN " + sql, cancellationToken));
        text.AppendLine("then, in DuckDB");
        while (rows.Next())
            for (var row = 0; row < rows.Count; row++) text.Append(rows[rows.Fields.Count - 1].Text(row).TrimEnd()).AppendLine();
        return text.ToString().TrimEnd();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    /// <summary>Runs what meets the library; a fault of a collection comes as it was, not in the library's words.</summary>
    internal T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is BasaltException or OperationCanceledException)
        {
            foreach (var function in _functions) function.Failure?.Throw();
            throw;
        }
    }

    private void Push(string sql)
    {
        var filters = HasOnlyOwnViews() ? PushedConditions.Of(_connection, sql, _tables) : new Dictionary<string, Filter>();
        foreach (var table in _tables) table.Pushed = filters.GetValueOrDefault(table.Name, Filter.True);
        foreach (var function in _functions) function.ForgetFailure();
    }

    /// <summary>Whether no view or macro was made by a statement: it could read a table that the next statement names once.</summary>
    private bool HasOnlyOwnViews()
    {
        using var rows = _connection.Query("SELECT (SELECT count(*) FROM duckdb_views() WHERE NOT internal) + (SELECT count(*) FROM duckdb_functions() WHERE NOT internal AND function_type IN ('macro', 'table_macro'))");
        return rows.Next() && rows[0].Values<long>()[0] == _tables.Count;
    }

    private static async ValueTask<(Schema Schema, string Types)> InferAsync(Collection collection, Schema declared, long sample, CancellationToken cancellationToken)
    {
        var inference = new SchemaInference();
        var query = sample == long.MaxValue ? Query.All : Query.All.Take(sample);
        await foreach (var record in collection.StreamAsync(query, cancellationToken).ConfigureAwait(false)) inference.Observe(record);
        var known = declared.Fields.Select(static field => field.Name).ToHashSet();
        var fields = declared.Fields.Concat(inference.Infer().Fields.Where(field => !known.Contains(field.Name)).Select(static field => field with { Dimension = null }));
        var what = inference.Records < sample ? "all of its records" : $"its first {inference.Records:N0} records";
        return (new Schema(fields), $"Its type was inferred from {what}; look at more of them, or declare a schema.");
    }
}

using System.Text.Json;
using Basalt.DuckDb.Connections;
using Basalt.Filters;

namespace Basalt.DuckDb.Sql;

/// <summary>
/// What of a statement's WHERE can be tested where the records are. DuckDB parses the statement (<c>json_serialize_sql</c>) and still evaluates the whole of it: a pushed filter only leaves out
/// records that it would leave out. So a condition is pushed when it is one of a SELECT's conjuncts, about the columns of one attached table and constants only; the statement names that table
/// once; and no outer join, sample or other construct stands between them for which a missing row would be a difference.
/// </summary>
internal static class PushedConditions
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1000 };

    /// <summary>The filter for each table that one was found for, by the name of the table.</summary>
    public static IReadOnlyDictionary<string, Filter> Of(DuckConnection connection, string sql, IReadOnlyList<AttachedTable> tables)
    {
        var filters = new Dictionary<string, Filter>(StringComparer.OrdinalIgnoreCase);
        if (tables.Count == 0) return filters;
        using var tree = Parse(connection, sql);
        if (tree is null) return filters;
        foreach (var table in tables.Where(table => CountNames(tree.RootElement, table.Name) == 1))
        {
            var conjuncts = new List<Filter>();
            Collect(tree.RootElement, table, conjuncts);
            if (conjuncts.Count > 0) filters.Add(table.Name, Filter.And(conjuncts));
        }

        return filters;
    }

    /// <summary>The statement as a tree; null when it is no SELECT, of which the library then says why when it runs.</summary>
    private static JsonDocument? Parse(DuckConnection connection, string sql)
    {
        using var statement = connection.Prepare("SELECT json_serialize_sql($1::VARCHAR, skip_empty := true)::VARCHAR");
        using var rows = statement.Bind(sql).Stream();
        if (!rows.Next()) return null;
        var tree = JsonDocument.Parse(rows[0].Text(0), Deep);
        if (!tree.RootElement.GetProperty("error").GetBoolean()) return tree;
        tree.Dispose();
        return null;
    }

    /// <summary>How many times a name is used as that of a table, or given to a common table expression, which hides the table.</summary>
    private static int CountNames(JsonElement at, string name)
    {
        switch (at.ValueKind)
        {
            case JsonValueKind.Array: return at.EnumerateArray().Sum(item => CountNames(item, name));
            case JsonValueKind.Object:
                var here = IsText(at, "type", "BASE_TABLE") && IsText(at, "table_name", name) ? 1 : 0;
                // A common table expression: {"key": name, "value": {"query": …}}.
                if (IsText(at, "key", name) && at.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Object && value.TryGetProperty("query", out _)) here += 2;
                // The text of a table that a function will name is not seen.
                if (at.TryGetProperty("function_name", out var function) && function.GetString() is "query" or "query_table") here += 2;
                return here + at.EnumerateObject().Sum(property => CountNames(property.Value, name));
            default: return 0;
        }
    }

    private static void Collect(JsonElement at, AttachedTable table, List<Filter> conjuncts)
    {
        if (at.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in at.EnumerateArray()) Collect(item, table, conjuncts);
            return;
        }

        if (at.ValueKind != JsonValueKind.Object) return;
        if (IsText(at, "type", "SELECT_NODE")) CollectOfSelect(at, table, conjuncts);
        foreach (var property in at.EnumerateObject()) Collect(property.Value, table, conjuncts);
    }

    private static void CollectOfSelect(JsonElement select, AttachedTable table, List<Filter> conjuncts)
    {
        if (!select.TryGetProperty("from_table", out var from) || !select.TryGetProperty("where_clause", out var where) || where.ValueKind != JsonValueKind.Object || !IsAbsent(select, "sample")) return;
        if (Find(from, table.Name) is not { } reference) return;
        var alias = reference.TryGetProperty("alias", out var given) ? given.GetString()! : table.Name;
        var conditions = new ConditionReader(table, alias, isOnly: from.ValueEquals(reference));
        foreach (var conjunct in Conjuncts(where))
            if (conditions.Read(conjunct) is { } filter) conjuncts.Add(filter);
    }

    /// <summary>The reference to a table among those that a FROM joins so that its rows can be left out early; or null.</summary>
    private static JsonElement? Find(JsonElement from, string name)
    {
        if (!IsAbsent(from, "sample")) return null;
        if (IsText(from, "type", "BASE_TABLE"))
            return IsText(from, "table_name", name) && IsAbsent(from, "column_name_alias") && IsAbsent(from, "at_clause") && IsAbsent(from, "catalog_name") && (IsAbsent(from, "schema_name") || IsText(from, "schema_name", "main")) ? from : null;
        if (!IsText(from, "type", "JOIN") || !(IsText(from, "ref_type", "REGULAR") || IsText(from, "ref_type", "CROSS") || IsText(from, "ref_type", "NATURAL"))) return null;
        var isInner = IsText(from, "join_type", "INNER");
        if (!isInner && !IsText(from, "join_type", "LEFT")) return null;
        return Find(from.GetProperty("left"), name) ?? (isInner ? Find(from.GetProperty("right"), name) : null);
    }

    private static IEnumerable<JsonElement> Conjuncts(JsonElement condition) =>
        IsText(condition, "type", "CONJUNCTION_AND") ? condition.GetProperty("children").EnumerateArray().SelectMany(Conjuncts) : [condition];

    private static bool ValueEquals(this JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);

    private static bool IsText(JsonElement at, string property, string text) =>
        at.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && string.Equals(value.GetString(), text, StringComparison.OrdinalIgnoreCase);

    private static bool IsAbsent(JsonElement at, string property) => !at.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null;
}

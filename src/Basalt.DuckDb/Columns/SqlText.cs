namespace Basalt.DuckDb.Columns;

/// <summary>Names and texts as SQL writes them.</summary>
internal static class SqlText
{
    /// <summary>A name in double quotes, whatever it holds but NUL.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in single quotes.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

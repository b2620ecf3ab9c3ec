namespace Basalt.DuckDb.Columns;

/// <summary>How well a column holds a value.</summary>
internal enum Fit : byte
{
    /// <summary>It does not: the row is null there.</summary>
    None,

    /// <summary>It holds an equal value, of another kind or form: 1.50 as 1.5, an instant without its offset.</summary>
    Equal,

    /// <summary>It holds the value to the last bit.</summary>
    Exact,
}

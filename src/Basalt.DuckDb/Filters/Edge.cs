using Basalt.DuckDb.Connections;

namespace Basalt.DuckDb.Filters;

/// <summary>The value of a column that is next to a literal on one side: none, one, or all of them are on that side and none is next.</summary>
internal readonly struct Edge
{
    private Edge(bool isAll, Parameter? value) => (IsAll, Value) = (isAll, value);

    /// <summary>No value of the column is on that side.</summary>
    public static Edge None => default;

    /// <summary>Every value of the column is on that side.</summary>
    public static Edge All => new(true, null);

    /// <summary>This value is the next on that side.</summary>
    public static Edge At(Parameter value) => new(false, value);

    public bool IsAll { get; }

    public Parameter? Value { get; }
}

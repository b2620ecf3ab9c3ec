namespace Basalt.Catalog.Statistics;

/// <summary>A column as it is in a file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its cells are: <c>text</c>, <c>int64</c>, <c>double</c>, <c>decimal</c>, <c>bool</c> or <c>time</c>.</param>
/// <param name="Nulls">How many rows have no value of it.</param>
/// <param name="NotFinite">How many rows have NaN or an infinity.</param>
public sealed record ColumnSummary(string Name, string Type, long Nulls, long NotFinite);

/// <summary>What a file holds, exactly.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Series">How many series they belong to.</param>
/// <param name="Columns">Its columns, in their order.</param>
/// <param name="TimeColumn">The column that times were taken from; null when there is none.</param>
/// <param name="Untimed">How many rows have no time, or none that can be read, in a file with such a column.</param>
public sealed record FileSummary(long Rows, long Series, IReadOnlyList<ColumnSummary> Columns, string? TimeColumn, long Untimed);

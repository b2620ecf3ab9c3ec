using System.Globalization;
using System.Text;
using Basalt.Backends;
using Basalt.Filters;

namespace Basalt.Queries;

/// <summary>Who does a step of a query.</summary>
public enum Place
{
    /// <summary>The step is not needed.</summary>
    Nowhere,

    /// <summary>The backend.</summary>
    Backend,

    /// <summary>The door, in this process.</summary>
    Door,
}

/// <summary>How a query runs: what the backend answers and what remains. Printable.</summary>
/// <param name="Backend">The backend's scheme.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Query">The query.</param>
/// <param name="Pushed">What the backend answers.</param>
/// <param name="Residual">What the door tests on each record that the backend returns; <see cref="Filter.True"/> for nothing.</param>
/// <param name="SortedBy">Who sorts.</param>
public sealed record QueryPlan(string Backend, string Collection, Query Query, PushedQuery Pushed, Filter Residual, Place SortedBy)
{
    /// <summary>Whether the backend stops at the limit by itself.</summary>
    public bool IsLimitPushed => Pushed.Limit is not null;

    /// <summary>What the backend expects the scan to cost; null before it was asked.</summary>
    public ScanCost? Cost { get; init; }

    /// <summary>The plan, a line per step.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"scan      {Backend}: {Collection}").AppendLine();
        if (Cost?.Way is { } way) text.Append(CultureInfo.InvariantCulture, $"way       {way}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"pushed    {Pushed.Filter}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"residual  {(Residual == Filter.True ? "nothing" : Residual.ToString())}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"sort      {DescribeSort()}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"page      {DescribePage()}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"fields    {(Query.Fields is null ? "all" : string.Join(", ", Query.Fields))}").AppendLine();
        if (Cost is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"cost      {Known(Cost.Requests)} requests, {Known(Cost.Bytes)} bytes, {Known(Cost.Records)} records looked at").AppendLine();
        }

        return text.ToString().TrimEnd();
    }

    private string DescribeSort()
    {
        var keys = Query.Sort.Count == 0 ? "id" : string.Join(", ", Query.Sort) + ", id";
        return SortedBy switch
        {
            Place.Backend => $"{keys} by the backend",
            Place.Door => $"{keys} by the door, " + (Query.Limit is { } limit && limit < QueryExecution.LargestHeap && Query.Offset < QueryExecution.LargestHeap - limit ? $"keeping the first {limit + Query.Offset}" : "spilling to disk beyond its memory"),
            _ => "none",
        };
    }

    private string DescribePage()
    {
        var parts = new List<string>();
        if (Query.Cursor is not null) parts.Add(Pushed.AfterId is not null ? "after the cursor, pushed" : "after the cursor");
        if (Query.Offset > 0) parts.Add($"skip {Query.Offset}");
        if (Query.Limit is { } limit) parts.Add($"at most {limit}" + (IsLimitPushed ? ", pushed" : ""));
        return parts.Count == 0 ? "everything" : string.Join("; ", parts);
    }

    private static string Known(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "unknown";
}

using Basalt.Filters;

namespace Basalt.Queries;

/// <summary>
/// What to find: a filter, a sort, a projection and a page. Immutable; each method returns a changed copy. Without sort keys the order is that
/// of ids, and ties are broken by id, so that every answer has one order.
/// </summary>
/// <example><code>Query.Where("year &gt;= 1990").OrderByDescending("rating").Take(10).Select("title", "year")</code></example>
public sealed record Query
{
    /// <summary>Every record.</summary>
    public static Query All { get; } = new();

    /// <summary>The condition.</summary>
    public Filter Filter { get; init; } = Filter.True;

    /// <summary>The sort keys, the most significant first.</summary>
    public IReadOnlyList<SortKey> Sort { get; init; } = [];

    /// <summary>The fields to return, or null for all. Nested paths return nested maps; id, version, timestamps and metadata always come along.</summary>
    public IReadOnlyList<FieldPath>? Fields { get; init; }

    /// <summary>At most so many records; null for all of them. 0 is an empty answer.</summary>
    public long? Limit { get; init => field = value is null or >= 0 ? value : throw Negative("limit", value.Value); }

    /// <summary>How many of the first records to leave out.</summary>
    public long Offset { get; init => field = value >= 0 ? value : throw Negative("offset", value); }

    /// <summary>Where to continue: the cursor of the page before, for the same filter and sort. Refused together with an offset.</summary>
    public string? Cursor { get; init; }

    /// <summary>The records that satisfy the filter.</summary>
    public static Query Where(Filter filter) => new() { Filter = filter };

    /// <summary>The records that satisfy the filter, given as text.</summary>
    public static Query Where(string filter) => new() { Filter = Filter.Parse(filter) };

    /// <summary>And this condition, too.</summary>
    public Query And(Filter filter) => this with { Filter = Filter & filter };

    /// <summary>Then by this path, the smallest first.</summary>
    public Query OrderBy(FieldPath path) => this with { Sort = [.. Sort, new SortKey(path)] };

    /// <summary>Then by this path, the greatest first.</summary>
    public Query OrderByDescending(FieldPath path) => this with { Sort = [.. Sort, new SortKey(path, true)] };

    /// <summary>Only these fields.</summary>
    public Query Select(params FieldPath[] fields) => this with { Fields = fields };

    /// <summary>At most so many.</summary>
    public Query Take(long limit) => this with { Limit = limit };

    /// <summary>Not the first so many.</summary>
    public Query Skip(long offset) => this with { Offset = offset };

    /// <summary>From where the page with this cursor ended: an offset counted from the first page and is gone. Null keeps the query as it is.</summary>
    public Query After(string? cursor) => cursor is null ? this : this with { Cursor = cursor, Offset = 0 };

    private static BasaltException Negative(string what, long value) =>
        new(ErrorCode.InvalidQuery, $"The {what} is {value}; it must be 0 or more.");
}

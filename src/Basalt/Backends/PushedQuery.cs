using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Backends;

/// <summary>The part of a query that a backend answers. The planner puts in only what the backend declared.</summary>
public sealed record PushedQuery
{
    /// <summary>Every record, in the order of ids.</summary>
    public static PushedQuery Everything { get; } = new();

    /// <summary>The pushed filter; its leaves are declared exact or inexact.</summary>
    public Filter Filter { get; init; } = Filter.True;

    /// <summary>The sort keys; empty where the order of ids is asked for, and always empty without <see cref="Capabilities.Sorts"/>.</summary>
    public IReadOnlyList<SortKey> Sort { get; init; } = [];

    /// <summary>Whether any order will do, because the door sorts or order does not matter. Then <see cref="Sort"/> is empty.</summary>
    public bool AnyOrder { get; init; }

    /// <summary>At most so many records, or null; never set with an inexact filter or when the door sorts.</summary>
    public long? Limit { get; init; }

    /// <summary>Only ids greater than this one, or null. With <see cref="AfterKeys"/> it is the id of a place in the order of <see cref="Sort"/>.</summary>
    public string? AfterId { get; init; }

    /// <summary>The sort keys of a place, one for each of <see cref="Sort"/>: only records behind it, where <see cref="AfterId"/> breaks ties. Null where ids alone are the order.</summary>
    public IReadOnlyList<Value>? AfterKeys { get; init; }

    /// <summary>
    /// The fields that the door will look at, or null for all: a backend that saves work by leaving others out may do so. Id, version,
    /// timestamps and metadata are always delivered.
    /// </summary>
    public IReadOnlyList<FieldPath>? Fields { get; init; }
}

namespace Basalt.Conformance;

/// <summary>What a query means, written as plainly as can be over a list of records, and what "the same" means for a stored value.</summary>
public static class Oracle
{
    /// <summary>The answer to a query without a cursor.</summary>
    public static IReadOnlyList<Record> Answer(IEnumerable<Record> stored, Query query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var matches = stored.Where(query.Filter.Matches).ToList();
        matches.Sort(Order(query.Sort));
        var page = matches.Skip((int)Math.Min(query.Offset, int.MaxValue)).Take((int)Math.Min(query.Limit ?? int.MaxValue, int.MaxValue));
        return [.. page.Select(record => Project(record, query.Fields))];
    }

    /// <summary>The order of an answer: by the keys, ties by id.</summary>
    public static Comparison<Record> Order(IReadOnlyList<SortKey> keys) => (x, y) =>
    {
        foreach (var key in keys)
        {
            var order = key.Path.Resolve(x).CompareTo(key.Path.Resolve(y));
            if (order != 0) return key.Descending ? -order : order;
        }

        return Value.From(x.Id).CompareTo(y.Id);
    };

    /// <summary>The record with only those fields; with all of them for null.</summary>
    public static Record Project(Record record, IReadOnlyList<FieldPath>? fields)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (fields is null) return record;
        var paths = fields.Where(static path => path.Part == RecordPart.Fields).Select(static path => path.Segments.ToArray());
        return record with { Fields = Keep(record.Fields, [.. paths]) };
    }

    /// <summary>Whether both hold the same, to the last bit: kinds, the scale of decimals, the offset of date-times, the sign of zeros. The order of names is free.</summary>
    public static bool AreSame(Value left, Value right)
    {
        if (left.Kind != right.Kind) return false;
        return left.Kind switch
        {
            ValueKind.List => left.AsList.Length == right.AsList.Length && left.AsList.ToArray().Zip(right.AsList.ToArray()).All(static pair => AreSame(pair.First, pair.Second)),
            ValueKind.Map => AreSame(left.AsMap, right.AsMap),
            _ => RecordJson.ToText(left) == RecordJson.ToText(right),
        };
    }

    /// <summary>Whether both have the same names with the same values, to the last bit.</summary>
    public static bool AreSame(ValueMap left, ValueMap right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && AreSame(entry.Value, other));
    }

    /// <summary>Whether both are the same record, content and the store's properties alike.</summary>
    public static bool AreSame(Record left, Record right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.Id == right.Id && left.Version == right.Version && left.Created == right.Created && left.Updated == right.Updated && left.Expires == right.Expires
            && AreSame(left.Fields, right.Fields) && AreSame(left.Metadata, right.Metadata);
    }

    private static ValueMap Keep(ValueMap map, string[][] paths)
    {
        var kept = new ValueMapBuilder();
        foreach (var (name, value) in map)
        {
            var here = paths.Where(path => path[0] == name).ToArray();
            if (here.Length == 0) continue;
            if (here.Any(static path => path.Length == 1))
            {
                kept.Set(name, value);
                continue;
            }

            if (value.Kind != ValueKind.Map) continue;
            var inner = Keep(value.AsMap, [.. here.Select(static path => path[1..])]);
            if (inner.Count > 0) kept.Set(name, inner);
        }

        return kept.Build();
    }
}

using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Queries;

/// <summary>Leaves out of a record the fields that a query did not ask for.</summary>
internal static class Projection
{
    public static Record Apply(Record record, IReadOnlyList<FieldPath>? fields)
    {
        if (fields is null) return record;
        var kept = new ValueMapBuilder(fields.Count);
        foreach (var path in fields)
        {
            // The store's own properties always come along.
            if (path.Part == RecordPart.Fields) Keep(kept, record.Fields, path.Segments, 0);
        }

        return record with { Fields = kept.Build() };
    }

    private static void Keep(ValueMapBuilder kept, ValueMap source, IReadOnlyList<string> segments, int at)
    {
        var name = segments[at];
        if (!source.TryGetValue(name, out var value)) return;
        if (at == segments.Count - 1)
        {
            kept.Set(name, value);
            return;
        }

        if (value.Kind != ValueKind.Map) return;
        var nested = kept.TryGet(name, out var before) && before.Kind == ValueKind.Map ? new ValueMapBuilder(before.AsMap) : new ValueMapBuilder();
        Keep(nested, value.AsMap, segments, at + 1);
        var map = nested.Build();
        if (map.Count > 0) kept.Set(name, map);
    }
}

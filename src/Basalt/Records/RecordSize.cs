namespace Basalt.Records;

/// <summary>The memory that a record takes, near enough for budgets.</summary>
internal static class RecordSize
{
    private const int ObjectOverhead = 24;

    public static long Estimate(Record record) => 120 + Estimate(record.Id) + Estimate(record.Fields) + (record.Metadata.Count == 0 ? 0 : Estimate(record.Metadata));

    private static long Estimate(string text) => ObjectOverhead + 2L * text.Length;

    private static long Estimate(ValueMap map)
    {
        long bytes = 2 * ObjectOverhead;
        foreach (var value in map.RawValues) bytes += 24 + Payload(value);
        return bytes;
    }

    private static long Payload(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.String: return Estimate(value.AsString);
            case ValueKind.Decimal or ValueKind.Guid: return ObjectOverhead + 16;
            case ValueKind.Bytes: return ObjectOverhead + value.AsBytes.Length;
            case ValueKind.Vector: return ObjectOverhead + 4L * value.AsVector.Length;
            case ValueKind.Map: return Estimate(value.AsMap);
            case ValueKind.List:
                long bytes = ObjectOverhead;
                foreach (var item in value.AsList.Span) bytes += 24 + Payload(item);
                return bytes;
            default: return 0;
        }
    }
}

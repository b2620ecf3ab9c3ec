namespace Basalt.Records;

/// <summary>The memory that a record takes, near enough for budgets.</summary>
internal static class RecordSize
{
    private const int ObjectOverhead = 24;

    public static long Estimate(Record record) => 120 + Estimate(record.Id) + Estimate(record.Fields) + (record.Metadata.Count == 0 ? 0 : Estimate(record.Metadata));

    /// <summary>
    /// No less than the bytes of the record's exact JSON: what is within a limit by this need not be written to be measured. A UTF-16 unit takes
    /// six bytes at most (an escape), and the longest number, time or guid stays below 64 with its tag.
    /// </summary>
    public static long JsonBound(Record record) => 512 + JsonBound(record.Id) + JsonBound(record.Fields) + JsonBound(record.Metadata);

    private static long JsonBound(string text) => 6L * text.Length + 8;

    private static long JsonBound(ValueMap map)
    {
        long bytes = 8;
        foreach (var name in map.Shape.Names) bytes += JsonBound(name);
        foreach (var value in map.RawValues) bytes += JsonBound(value);
        return bytes;
    }

    private static long JsonBound(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.String: return JsonBound(value.AsString);
            case ValueKind.Bytes: return 64 + 2L * value.AsBytes.Length;
            case ValueKind.Vector: return 64 + 32L * value.AsVector.Length;
            case ValueKind.Map: return JsonBound(value.AsMap);
            case ValueKind.List:
                long bytes = 8;
                foreach (var item in value.AsList.Span) bytes += JsonBound(item);
                return bytes;
            default: return 64;
        }
    }

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

using System.Text;
using Basalt.Backends;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt;

/// <summary>What a record must pass before a backend sees it: an id, the schema, and the limits.</summary>
internal static class Admission
{
    // Two levels of JSON go to the record and to a tagged value.
    private const int MaxDepth = RecordJson.MaxDepth - 4;

    /// <summary>The record as it will be written, or why it cannot be.</summary>
    public static (Record Record, string? Problem) Admit(Record record, WriteKind kind, Schema schema, Database database)
    {
        var (problem, conformed) = Conform(record, schema, database.Options.Validation);
        if (problem is not null) return (record, problem);
        record = conformed;
        if (record.Id.Length == 0)
        {
            if (ResolveId(record, kind, schema, database, out var id) is { } missing) return (record, missing);
            record = record with { Id = id };
        }

        if (schema.TimeToLive is { } lifetime && record.Expires is null && kind != WriteKind.Delete) record = record with { Expires = database.Options.TimeProvider.GetUtcNow() + lifetime };
        if (record.Expires is not null && !database.Capabilities.Expiry) throw database.Unsupported($"keeps no expiry, and the record '{record.Id}' carries an instant at which it expires", "write");
        if (TooDeep(record)) return (record, $"The record '{record.Id}' nests deeper than {MaxDepth} levels.");
        if (database.Capabilities.MaxRecordBytes is { } limit && RecordSize.JsonBound(record) > limit && Encoding.UTF8.GetByteCount(RecordJson.ToText(record)) > limit)
            return (record, $"The record '{record.Id}' is larger than the {limit} bytes that {database.Capabilities.Scheme}: takes.");
        return (record, null);
    }

    private static (string? Problem, Record Record) Conform(Record record, Schema schema, Validation mode)
    {
        if (schema.Fields.Count == 0 && schema.IsOpen) return (null, record);
        var violations = new List<Violation>();
        var conformed = schema.Conform(record, mode, violations);
        if (violations.Count == 0) return (null, conformed);
        var which = record.Id.Length > 0 ? $"The record '{record.Id}'" : "The record";
        return ($"{which} breaks the schema: {string.Join("; ", violations)}", record);
    }

    private static string? ResolveId(Record record, WriteKind kind, Schema schema, Database database, out string id)
    {
        id = "";
        if (schema.IdField is { } field && record[field] is { IsNull: false } value && value != "")
        {
            var resolved = RecordId.FromValue(value);
            if (resolved is null) return $"The id field '{field}' holds {value}, a {value.Kind}; an id is text, an integer or a guid.";
            if (RecordId.IsTooLong(resolved)) return $"The id field '{field}' holds more than the {Record.MaxIdBytes} bytes of UTF-8 that an id may have.";
            id = resolved;
            return null;
        }

        if (kind == WriteKind.Update) return "An update needs the record's id.";
        id = database.Minter.Mint();
        return null;
    }

    private static bool TooDeep(Record record) => TooDeep(record.Fields, MaxDepth) || (record.Metadata.Count > 0 && TooDeep(record.Metadata, MaxDepth));

    private static bool TooDeep(ValueMap map, int levels)
    {
        foreach (ref readonly var value in map.RawValues.AsSpan())
            if (value.Kind is ValueKind.List or ValueKind.Map && TooDeep(value, levels)) return true;
        return false;
    }

    private static bool TooDeep(Value value, int levels)
    {
        if (value.Kind is not (ValueKind.Map or ValueKind.List)) return false;
        if (levels == 0) return true;
        if (value.Kind == ValueKind.Map) return TooDeep(value.AsMap, levels - 1);
        foreach (var item in value.AsList.Span)
            if (TooDeep(item, levels - 1)) return true;
        return false;
    }
}

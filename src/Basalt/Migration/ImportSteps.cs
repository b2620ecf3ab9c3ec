using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>
/// What happens to a record of a file before it is written: transform, vector, schema, id. The same record at the same row of the same import
/// always comes out the same.
/// </summary>
internal sealed class ImportSteps(RecordSource source, ImportOptions options, Schema schema, Validation validation, MoveState state)
{
    private const int CounterBits = 30;

    /// <summary>The record as it will be written, or null when the transform leaves it out.</summary>
    public Record? Prepare(SourceRecord item)
    {
        try
        {
            var record = options.Transform is { } transform ? transform.Apply(item.Record) : item.Record;
            if (record is null) return null;
            if (options.VectorField is { } field) record = record with { Fields = record.Fields.With(field, ToVector(record, field)) };
            if (options.TimeToLive is { } lifetime && record.Expires is null) record = record with { Expires = DateTimeOffset.FromUnixTimeMilliseconds(state.Milliseconds) + lifetime };
            return Conform(Identify(record, item.Row));
        }
        catch (BasaltException e)
        {
            throw new BasaltException(e.Code, $"{Place(item)}: {e.Message}", e) { Operation = "import", Target = source.Name };
        }
        catch (ArgumentException e)
        {
            // Without the name of the parameter, which says nothing to whoever wrote the file.
            throw new BasaltException(ErrorCode.InvalidRecord, $"{Place(item)}: {e.Message.Split(" (Parameter ")[0]}", e) { Operation = "import", Target = source.Name };
        }
    }

    public string Place(SourceRecord item) => $"{source.Name}, {source.Place(item)}";

    private Record Identify(Record record, long row)
    {
        var field = options.IdField ?? schema.IdField;
        if (options.IdField is null && record.Id.Length > 0) return record;
        var value = field is null ? default : record[field];
        if (value.IsNull || value == "")
        {
            if (options.IdField is not null) throw Refused($"the id field '{field}' is {(record.Fields.ContainsKey(field!) ? value.IsNull ? "null" : "empty" : "missing")}");
            // The counter of an id has its bits; what is beyond them moves the time.
            var ordinal = row - 1;
            return record with { Id = RecordIdMinter.Compose(state.Milliseconds + (ordinal >> CounterBits), ordinal & ((1L << CounterBits) - 1), state.Origin) };
        }

        var id = RecordId.FromValue(value) ?? throw Refused($"the id field '{field}' holds {value}, a {value.Kind}; an id is text, an integer or a guid");
        return record with { Id = id };
    }

    private Record Conform(Record record)
    {
        if (schema.Fields.Count == 0 && schema.IsOpen) return record;
        var violations = new List<Violation>();
        var conformed = schema.Conform(record, validation, violations);
        return violations.Count == 0 ? conformed : throw Refused($"the record breaks the schema: {string.Join("; ", violations)}");
    }

    private static Value ToVector(Record record, string field)
    {
        var value = record[field];
        switch (value.Kind)
        {
            case ValueKind.Vector: return value;
            case ValueKind.Null: throw Refused($"the vector field '{field}' is {(record.Fields.ContainsKey(field) ? "null" : "missing")}");
            case ValueKind.List:
                Value vector = default;
                if (Coercion.Convert(value, FieldType.Vector, Validation.Strict, ref vector) == CoercionOutcome.Converted && vector.AsVector.Length > 0) return vector;
                break;
            case ValueKind.String when VectorText.TryParse(value.AsString, out var parsed): return parsed;
        }

        throw Refused($"the vector field '{field}' is not a list of finite numbers");
    }

    private static BasaltException Refused(string problem) => new(ErrorCode.InvalidRecord, problem + ".");
}

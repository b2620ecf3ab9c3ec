using Basalt.Filters;

namespace Basalt.Records;

/// <summary>
/// Explicit changes to a record, applied in order: nothing that is not named changes. Immutable; each method returns a longer patch.
/// </summary>
/// <example><code>await films.PatchAsync(id, Patch.Set("rating", 8.5).ThenRemove("draft").ThenAdd("views", 1));</code></example>
public sealed class Patch
{
    private readonly Change[] _changes;

    private Patch(Change[] changes) => _changes = changes;

    private sealed record Change(FieldPath Path, Func<Value, Value> Next, bool Removes);

    /// <summary>The patch that changes nothing.</summary>
    public static Patch Nothing { get; } = new([]);

    /// <summary>Starts with setting a field.</summary>
    public static Patch Set(FieldPath path, Value value) => Nothing.ThenSet(path, value);

    /// <summary>Starts with removing a field.</summary>
    public static Patch Remove(FieldPath path) => Nothing.ThenRemove(path);

    /// <summary>Starts with adding to a number.</summary>
    public static Patch Add(FieldPath path, Value amount) => Nothing.ThenAdd(path, amount);

    /// <summary>Sets a field, whatever it was; missing maps on the way are made.</summary>
    public Patch ThenSet(FieldPath path, Value value) => With(path, _ => value, removes: false);

    /// <summary>Removes a field; a field that is not there is no error.</summary>
    public Patch ThenRemove(FieldPath path) => With(path, static _ => default, removes: true);

    /// <summary>Adds to a number; a missing or null field counts as 0. Integers stay integers, and an overflow is refused.</summary>
    public Patch ThenAdd(FieldPath path, Value amount)
    {
        if (!amount.IsNumber) throw new ArgumentException($"Only a number can be added, not {amount.Kind}.", nameof(amount));
        return With(path, before => Sum(path, before, amount), removes: false);
    }

    /// <summary>The record with the changes; the given one stays as it is.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidRecord"/>: a change does not fit the record.</exception>
    public Record Apply(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        foreach (var change in _changes)
        {
            record = change.Path.Part == RecordPart.Metadata
                ? record with { Metadata = Apply(record.Metadata, change, 0) }
                : record with { Fields = Apply(record.Fields, change, 0) };
        }

        return record;
    }

    private Patch With(FieldPath path, Func<Value, Value> next, bool removes)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Part is not (RecordPart.Fields or RecordPart.Metadata)) throw new ArgumentException($"{path} is set by the store.", nameof(path));
        return new Patch([.. _changes, new Change(path, next, removes)]);
    }

    private static ValueMap Apply(ValueMap map, Change change, int at)
    {
        var name = change.Path.Segments[at];
        var isLast = at == change.Path.Segments.Count - 1;
        if (change.Removes && !map.ContainsKey(name)) return map;
        if (isLast) return change.Removes ? map.Without(name) : map.With(name, change.Next(map[name]));
        var step = map[name];
        if (step.Kind == ValueKind.Map) return map.With(name, Apply(step.AsMap, change, at + 1));
        if (change.Removes) return map;
        if (!step.IsNull) throw new BasaltException(ErrorCode.InvalidRecord, $"Cannot set {change.Path}: '{name}' is a {step.Kind}, not a map.");
        return map.With(name, Apply(ValueMap.Empty, change, at + 1));
    }

    private static Value Sum(FieldPath path, Value before, Value amount)
    {
        if (before.IsNull) return amount;
        try
        {
            if (before.Kind == ValueKind.Int64 && amount.Kind == ValueKind.Int64) return checked(before.AsInt64 + amount.AsInt64);
            if (before.Kind != ValueKind.Double && amount.Kind != ValueKind.Double && before.TryGetDecimal(out var x) && amount.TryGetDecimal(out var y)) return x + y;
            if (before.IsNumber) return Floating(before) + Floating(amount);
        }
        catch (OverflowException e)
        {
            throw new BasaltException(ErrorCode.InvalidRecord, $"Adding {amount} to {path} = {before} overflows.", e);
        }

        throw new BasaltException(ErrorCode.InvalidRecord, $"Cannot add {amount} to {path}: it is a {before.Kind}, not a number.");
    }

    private static double Floating(Value value) => value.Kind switch
    {
        ValueKind.Double => value.AsDouble,
        ValueKind.Int64 => value.AsInt64,
        _ => (double)value.AsDecimal,
    };
}

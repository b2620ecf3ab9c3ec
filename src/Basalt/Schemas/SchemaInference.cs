using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>
/// Learns a schema from records, one at a time. Memory grows with the number of distinct names, which is limited, and not with the number
/// of records. Not thread-safe.
/// </summary>
/// <remarks>
/// The inferred schema is open and accepts every record that was observed, strictly. A field is required when no record lacked it. Integers beside
/// doubles make a double where that is exact, beside decimals a decimal; any other mixture is <see cref="FieldType.Any"/>.
/// </remarks>
public sealed class SchemaInference
{
    private readonly ObservedFields _fields = new(0);

    /// <summary>How many records were observed.</summary>
    public long Records { get; private set; }

    /// <summary>What was seen of each top-level field, in order of first sight; at most 1,000 names are followed.</summary>
    public IReadOnlyList<ObservedField> Fields => [.. _fields.Entries.Select(entry => entry.Value.Describe(entry.Key, Records))];

    /// <summary>Takes one more record into account.</summary>
    public void Observe(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Records++;
        _fields.Observe(record.Fields);
    }

    /// <summary>The narrowest schema that the records so far satisfy.</summary>
    public Schema Infer() => new(_fields.Infer(Records) ?? []);
}

/// <summary>What was seen of one field.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type that all its values fit.</param>
/// <param name="Present">How many records had a value that is not null.</param>
/// <param name="Nulls">How many had null or nothing.</param>
/// <param name="Types">How many values were of each type.</param>
public sealed record ObservedField(string Name, FieldType Type, long Present, long Nulls, IReadOnlyDictionary<FieldType, long> Types);

/// <summary>What was seen of the names of one map.</summary>
internal sealed class ObservedFields(int depth)
{
    private const int MostNames = 1_000;
    private readonly Dictionary<string, ObservedValue> _byName = [];
    private readonly List<KeyValuePair<string, ObservedValue>> _entries = [];
    private bool _overflowed;

    public IReadOnlyList<KeyValuePair<string, ObservedValue>> Entries => _entries;

    public void Observe(ValueMap map)
    {
        var names = map.Shape.Names;
        for (var i = 0; i < names.Length; i++)
        {
            if (!_byName.TryGetValue(names[i], out var observed))
            {
                _overflowed |= _entries.Count >= MostNames;
                if (_overflowed) continue;
                _byName.Add(names[i], observed = new ObservedValue(depth));
                _entries.Add(new(names[i], observed));
            }

            observed.Observe(map.RawValues[i]);
        }
    }

    /// <summary>The fields, or null for a nested map whose names are so many that they must be data.</summary>
    public Field[]? Infer(long maps) =>
        _overflowed && depth > 0 ? null : [.. _entries.Select(entry => entry.Value.Infer(entry.Key, maps))];
}

/// <summary>What was seen of the values in one place.</summary>
internal sealed class ObservedValue(int depth)
{
    private const int MostDepth = 24;
    private readonly long[] _kinds = new long[(int)ValueKind.Map + 1];
    private bool _inexactAsDouble;
    private int? _dimension;
    private bool _unusableVector, _mixedDimensions;
    private ObservedValue? _items;
    private ObservedFields? _fields;

    private long Present => _kinds.Sum() - _kinds[(int)ValueKind.Null];

    public void Observe(Value value)
    {
        _kinds[(int)value.Kind]++;
        switch (value.Kind)
        {
            case ValueKind.Int64: _inexactAsDouble |= !value.TryGetDouble(out _); break;
            case ValueKind.Vector: ObserveVector(value.AsVector.Span); break;
            case ValueKind.List when depth < MostDepth:
                _items ??= new ObservedValue(depth + 1);
                foreach (var item in value.AsList.Span) _items.Observe(item);
                break;
            case ValueKind.Map when depth < MostDepth: (_fields ??= new ObservedFields(depth + 1)).Observe(value.AsMap); break;
        }
    }

    public Field Infer(string name, long places)
    {
        var type = Type();
        var items = _items is null ? 0 : _items._kinds.Sum();
        return new Field(name, type)
        {
            IsRequired = places > 0 && Present == places,
            Dimension = type == FieldType.Vector && !_mixedDimensions ? _dimension : null,
            Element = type == FieldType.List && items > 0 ? _items!.Infer("", items) : null,
            Fields = type == FieldType.Map ? _fields?.Infer(_kinds[(int)ValueKind.Map]) : null,
        };
    }

    public ObservedField Describe(string name, long places)
    {
        var types = new Dictionary<FieldType, long>();
        for (var kind = ValueKind.Bool; kind <= ValueKind.Map; kind++)
            if (_kinds[(int)kind] > 0) types.Add(FieldTypes.Of(kind), _kinds[(int)kind]);
        return new ObservedField(name, Type(), Present, places - Present, types);
    }

    private void ObserveVector(ReadOnlySpan<float> components)
    {
        _dimension ??= components.Length;
        _mixedDimensions |= _dimension != components.Length;
        _unusableVector |= components.Length == 0;
        foreach (var component in components) _unusableVector |= !float.IsFinite(component);
    }

    private FieldType Type()
    {
        long integers = _kinds[(int)ValueKind.Int64], doubles = _kinds[(int)ValueKind.Double], decimals = _kinds[(int)ValueKind.Decimal];
        if (integers + doubles == Present && doubles > 0) return integers > 0 && _inexactAsDouble ? FieldType.Any : FieldType.Double;
        if (integers + decimals == Present && decimals > 0) return FieldType.Decimal;
        for (var kind = ValueKind.Bool; kind <= ValueKind.Map; kind++)
        {
            if (_kinds[(int)kind] == 0 || _kinds[(int)kind] != Present) continue;
            return kind == ValueKind.Vector && _unusableVector ? FieldType.Any : FieldTypes.Of(kind);
        }

        return FieldType.Any;
    }
}

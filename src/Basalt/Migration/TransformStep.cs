using Basalt.Expressions;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>One change to a record.</summary>
/// <param name="Name">The property of the transform that says so.</param>
/// <param name="Path">The field concerned.</param>
internal abstract record TransformStep(string Name, FieldPath Path)
{
    public abstract Record Apply(Record record);

    /// <summary>Whether there is a value at a path, a null included.</summary>
    protected static bool IsThere(Record record, FieldPath path)
    {
        var map = path.Part == RecordPart.Metadata ? record.Metadata : record.Fields;
        for (var i = 0; i < path.Segments.Count - 1; i++)
        {
            if (map[path.Segments[i]] is not { Kind: ValueKind.Map } step) return false;
            map = step.AsMap;
        }

        return map.ContainsKey(path.Segments[^1]);
    }
}

/// <summary>Moves a value to another name; what is not there is not moved, and nothing is overwritten.</summary>
internal sealed record RenameStep(FieldPath Path, FieldPath To) : TransformStep("rename", Path)
{
    public override Record Apply(Record record)
    {
        if (!IsThere(record, Path)) return record;
        if (IsThere(record, To)) throw Expression.Refused($"the record has a field {To} already");
        if (Path is { Part: RecordPart.Fields, Segments.Count: 1 } && To is { Part: RecordPart.Fields, Segments.Count: 1 }) return record with { Fields = InPlace(record.Fields) };
        return Patch.Remove(Path).ThenSet(To, Path.Resolve(record)).Apply(record);
    }

    private ValueMap InPlace(ValueMap fields)
    {
        var renamed = new ValueMapBuilder(fields.Count);
        foreach (var (name, value) in fields) renamed.Set(name == Path.Segments[0] ? To.Segments[0] : name, value);
        return renamed.Build();
    }
}

/// <summary>Sets what is null or missing.</summary>
internal sealed record DefaultStep(FieldPath Path, Value Value) : TransformStep("default", Path)
{
    public override Record Apply(Record record) => Path.Resolve(record).IsNull ? Patch.Set(Path, Value).Apply(record) : record;
}

/// <summary>Sets a constant, whatever was there.</summary>
internal sealed record SetStep(FieldPath Path, Value Value) : TransformStep("set", Path)
{
    public override Record Apply(Record record) => Patch.Set(Path, Value).Apply(record);
}

/// <summary>Converts a value without loss; null and missing stay.</summary>
internal sealed record ConvertStep(FieldPath Path, FieldType Type) : TransformStep("convert", Path)
{
    public override Record Apply(Record record)
    {
        var value = Path.Resolve(record);
        if (value.IsNull || FieldTypes.Of(value.Kind) == Type) return record;
        return Conversion.TryConvert(value, Type, out var converted)
            ? Patch.Set(Path, converted).Apply(record)
            : throw Expression.Refused($"{Expression.Show(value)} ({value.Kind}) cannot become {Type.Name()} without loss");
    }
}

/// <summary>Sets a computed value; a null result is a null.</summary>
internal sealed record ComputeStep(FieldPath Path, Expression Expression) : TransformStep("compute", Path)
{
    public override Record Apply(Record record) => Patch.Set(Path, Expression.Evaluate(record)).Apply(record);
}

/// <summary>Removes a field.</summary>
internal sealed record DropStep(FieldPath Path) : TransformStep("drop", Path)
{
    public override Record Apply(Record record) => Patch.Remove(Path).Apply(record);
}

/// <summary>Removes all fields but these.</summary>
internal sealed record KeepStep(IReadOnlyList<FieldPath> Paths) : TransformStep("keep", Paths[0])
{
    public override Record Apply(Record record) => Projection.Apply(record, Paths);
}

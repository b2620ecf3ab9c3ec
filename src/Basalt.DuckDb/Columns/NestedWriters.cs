using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>A list that grows behind a column of lists or maps.</summary>
internal sealed unsafe class ListGrowth
{
    private nint _vector;
    private ulong _capacity;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    public void Attach(nint vector) => (_vector, _capacity, Count) = (vector, NativeMethods.VectorSize(), 0);

    /// <summary>Room for so many more items; true when they were moved for it.</summary>
    public bool Reserve(int more)
    {
        var needed = (ulong)Count + (ulong)more;
        if (needed <= _capacity) return false;
        _capacity = Math.Max(needed, _capacity * 2);
        if (NativeMethods.ReserveListVector(_vector, _capacity) != 0) throw new InvalidOperationException("The vector is not one of lists.");
        return true;
    }

    /// <summary>Gives the last items to a row.</summary>
    public void Give(byte* values, int row, int items)
    {
        ((ListEntry*)values)[row] = new ListEntry((ulong)Count, (ulong)items);
        Count += items;
        if (NativeMethods.SetListVectorSize(_vector, (ulong)Count) != 0) throw new InvalidOperationException("The vector is not one of lists.");
    }
}

/// <summary>A vector into FLOAT[]. Compression may lose the sign of a zero and which NaN it was.</summary>
internal sealed unsafe class VectorListWriter : ValueWriter
{
    private readonly ListGrowth _growth = new();

    public override DuckType Type { get; } = DuckType.List(DuckType.Of(DuckTypeId.Float));

    public override Fit Judge(in Value value) => value.Kind == ValueKind.Vector ? JudgeComponents(value.AsVector.Span) : Fit.None;

    internal static Fit JudgeComponents(ReadOnlySpan<float> components)
    {
        foreach (var component in components)
            if (float.IsNaN(component) || (component == 0 && float.IsNegative(component))) return Fit.Equal;
        return Fit.Exact;
    }

    protected override void AttachParts() => _growth.Attach(Vector);

    protected override void WriteNullParts(int row) => ((ListEntry*)Values)[row] = new ListEntry((ulong)_growth.Count, 0);

    protected override Fit WriteValue(int row, in Value value)
    {
        if (value.Kind != ValueKind.Vector) return Fit.None;
        var components = value.AsVector.Span;
        _growth.Reserve(components.Length);
        components.CopyTo(new Span<float>((float*)NativeMethods.VectorValues(NativeMethods.ListVectorChild(Vector)) + _growth.Count, components.Length));
        _growth.Give(Values, row, components.Length);
        return JudgeComponents(components);
    }
}

/// <summary>A vector of the declared dimension into FLOAT[n].</summary>
internal sealed unsafe class VectorArrayWriter(DuckType type) : ValueWriter
{
    private float* _components;

    public override DuckType Type => type;

    public override Fit Judge(in Value value) => value.Kind == ValueKind.Vector && value.AsVector.Length == type.Size ? VectorListWriter.JudgeComponents(value.AsVector.Span) : Fit.None;

    protected override void AttachParts() => _components = (float*)NativeMethods.VectorValues(NativeMethods.ArrayVectorChild(Vector));

    // The array lies there all the same.
    protected override void WriteNullParts(int row) => new Span<float>(_components + (long)row * type.Size, type.Size).Clear();

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value);
        if (fit != Fit.None) value.AsVector.Span.CopyTo(new Span<float>(_components + (long)row * type.Size, type.Size));
        return fit;
    }
}

/// <summary>A list whose items all fit into T[].</summary>
internal sealed unsafe class ListWriter(DuckType type) : ValueWriter
{
    private readonly ListGrowth _growth = new();
    private readonly ValueWriter _items = Of(type.Parts[0].Type);

    public override DuckType Type => type;

    public override Fit Judge(in Value value)
    {
        if (value.Kind != ValueKind.List) return Fit.None;
        var fit = Fit.Exact;
        foreach (ref readonly var item in value.AsList.Span)
            if (!item.IsNull) fit = (Fit)Math.Min((int)fit, (int)_items.Judge(item));
        return fit;
    }

    protected override void AttachParts()
    {
        _growth.Attach(Vector);
        _items.Attach(NativeMethods.ListVectorChild(Vector));
    }

    protected override void WriteNullParts(int row) => ((ListEntry*)Values)[row] = new ListEntry((ulong)_growth.Count, 0);

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value);
        if (fit == Fit.None) return fit;
        var items = value.AsList.Span;
        if (_growth.Reserve(items.Length)) _items.Relocate();
        for (var i = 0; i < items.Length; i++) _items.Write(_growth.Count + i, items[i]);
        _growth.Give(Values, row, items.Length);
        return fit;
    }
}

/// <summary>A map whose names are all members into STRUCT; members that it lacks are null.</summary>
internal sealed class StructWriter : ValueWriter
{
    private readonly DuckType _type;
    private readonly ValueWriter[] _members;

    public StructWriter(DuckType type)
    {
        _type = type;
        _members = [.. type.Parts.Select(static part => Of(part.Type))];
    }

    public override DuckType Type => _type;

    public override Fit Judge(in Value value)
    {
        if (value.Kind != ValueKind.Map) return Fit.None;
        var map = value.AsMap;
        var fit = Fit.Exact;
        var known = 0;
        for (var i = 0; i < _members.Length; i++)
        {
            if (map.TryGetValue(_type.Parts[i].Name, out var member)) known++;
            // What is null there and what is missing look alike.
            fit = (Fit)Math.Min((int)fit, (int)(member.IsNull ? Fit.Equal : _members[i].Judge(member)));
        }

        return known == map.Count ? fit : Fit.None;
    }

    protected override void AttachParts()
    {
        for (var i = 0; i < _members.Length; i++) _members[i].Attach(NativeMethods.StructVectorChild(Vector, (ulong)i));
    }

    protected override void WriteNullParts(int row)
    {
        foreach (var member in _members) member.WriteNull(row);
    }

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value);
        if (fit == Fit.None) return fit;
        var map = value.AsMap;
        for (var i = 0; i < _members.Length; i++) _members[i].Write(row, map[_type.Parts[i].Name]);
        return fit;
    }
}

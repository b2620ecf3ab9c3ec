using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>Writes values into one column, chunk by chunk: <see cref="Attach"/> to the vector of each chunk, then write row by row, in order. Not thread-safe.</summary>
internal abstract unsafe class ValueWriter
{
    private ulong* _validity;

    /// <summary>The type of the column.</summary>
    public abstract DuckType Type { get; }

    protected nint Vector { get; private set; }

    protected byte* Values { get; private set; }

    /// <summary>A writer of values into a column of that type.</summary>
    /// <exception cref="NotSupportedException">Values are not written into columns of that type.</exception>
    public static ValueWriter Of(DuckType type) => type.Id switch
    {
        DuckTypeId.Boolean => new BoolWriter(),
        DuckTypeId.BigInt => new Int64Writer(),
        DuckTypeId.Double => new DoubleWriter(),
        DuckTypeId.Float => new FloatWriter(),
        DuckTypeId.Decimal when type.Width == Scalars.DecimalDigits => new DecimalWriter(type),
        DuckTypeId.Varchar when type.Alias.Length > 0 => new JsonTextWriter(),
        DuckTypeId.Varchar => new TextWriter(),
        DuckTypeId.Blob => new BytesWriter(),
        DuckTypeId.Uuid => new GuidWriter(),
        DuckTypeId.TimestampTz => new TimeWriter(),
        DuckTypeId.TimestampNanos => new NanosWriter(),
        DuckTypeId.List when type.Parts[0].Type.Id == DuckTypeId.Float => new VectorListWriter(),
        DuckTypeId.Array when type.Parts[0].Type.Id == DuckTypeId.Float => new VectorArrayWriter(type),
        DuckTypeId.List => new ListWriter(type),
        DuckTypeId.Struct => new StructWriter(type),
        _ => throw new NotSupportedException($"Values are not written into columns of {type}."),
    };

    /// <summary>Goes on with the vector of another chunk.</summary>
    public void Attach(nint vector)
    {
        Vector = vector;
        Relocate();
        AttachParts();
    }

    /// <summary>Writes a value, or null for the null value and for what the column cannot hold.</summary>
    public Fit Write(int row, in Value value)
    {
        if (value.IsNull)
        {
            WriteNull(row);
            return Fit.Exact;
        }

        var fit = WriteValue(row, value);
        if (fit == Fit.None) WriteNull(row);
        else if (_validity is not null) _validity[row >> 6] |= 1UL << (row & 63);
        return fit;
    }

    /// <summary>Whether the column would hold the value, without writing it.</summary>
    public abstract Fit Judge(in Value value);

    /// <summary>Writes null.</summary>
    public void WriteNull(int row)
    {
        if (_validity is null)
        {
            NativeMethods.EnsureValidityWritable(Vector);
            _validity = NativeMethods.VectorValidity(Vector);
        }

        _validity[row >> 6] &= ~(1UL << (row & 63));
        WriteNullParts(row);
    }

    /// <summary>Writes a value that is not null; <see cref="Fit.None"/> leaves the row to be null.</summary>
    protected abstract Fit WriteValue(int row, in Value value);

    protected virtual void AttachParts()
    {
    }

    protected virtual void WriteNullParts(int row)
    {
    }

    /// <summary>After the vector was enlarged, its memory is elsewhere.</summary>
    protected internal void Relocate()
    {
        Values = NativeMethods.VectorValues(Vector);
        _validity = NativeMethods.VectorValidity(Vector);
    }
}

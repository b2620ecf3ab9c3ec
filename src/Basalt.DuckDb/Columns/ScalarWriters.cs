using System.Buffers;
using System.Text;
using System.Text.Json;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>A bool into BOOLEAN.</summary>
internal sealed unsafe class BoolWriter : ValueWriter
{
    public override DuckType Type => DuckType.Boolean;

    public override Fit Judge(in Value value) => value.Kind == ValueKind.Bool ? Fit.Exact : Fit.None;

    protected override Fit WriteValue(int row, in Value value)
    {
        if (value.Kind != ValueKind.Bool) return Fit.None;
        Values[row] = value.AsBool ? (byte)1 : (byte)0;
        return Fit.Exact;
    }
}

/// <summary>A whole number of any kind into BIGINT.</summary>
internal sealed unsafe class Int64Writer : ValueWriter
{
    public override DuckType Type => DuckType.BigInt;

    public override Fit Judge(in Value value) => Judge(value, out _);

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value, out var number);
        if (fit != Fit.None) ((long*)Values)[row] = number;
        return fit;
    }

    private static Fit Judge(in Value value, out long number)
    {
        if (value.Kind != ValueKind.Int64) return value.TryGetInt64(out number) ? Fit.Equal : Fit.None;
        number = value.AsInt64;
        return Fit.Exact;
    }
}

/// <summary>A number of any kind that a double stands for into DOUBLE. Compression may lose the sign of a zero and which NaN it was.</summary>
internal sealed unsafe class DoubleWriter : ValueWriter
{
    private static readonly long MinusZero = BitConverter.DoubleToInt64Bits(-0.0), CanonicalNaN = BitConverter.DoubleToInt64Bits(double.NaN);

    public override DuckType Type => DuckType.Double;

    public override Fit Judge(in Value value) => Judge(value, out _);

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value, out var number);
        if (fit != Fit.None) ((double*)Values)[row] = double.IsNaN(number) ? double.NaN : number;
        return fit;
    }

    private static Fit Judge(in Value value, out double number)
    {
        if (value.Kind != ValueKind.Double) return value.TryGetDouble(out number) ? Fit.Equal : Fit.None;
        number = value.AsDouble;
        var bits = BitConverter.DoubleToInt64Bits(number);
        return bits == MinusZero || (double.IsNaN(number) && bits != CanonicalNaN) ? Fit.Equal : Fit.Exact;
    }
}

/// <summary>A number that a float32 holds exactly into FLOAT, as an item of a list of floats is.</summary>
internal sealed unsafe class FloatWriter : ValueWriter
{
    public override DuckType Type { get; } = DuckType.Of(DuckTypeId.Float);

    public override Fit Judge(in Value value) => value.TryGetDouble(out var number) && ((float)number == number || double.IsNaN(number)) ? Fit.Equal : Fit.None;

    protected override Fit WriteValue(int row, in Value value)
    {
        if (Judge(value) == Fit.None || !value.TryGetDouble(out var number)) return Fit.None;
        ((float*)Values)[row] = (float)number;
        return Fit.Equal;
    }
}

/// <summary>A number into DECIMAL(38, s), when it has no more digits behind the point. It is read without zeros at its end.</summary>
internal sealed unsafe class DecimalWriter(DuckType type) : ValueWriter
{
    public override DuckType Type => type;

    public override Fit Judge(in Value value) => Judge(value, out _);

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value, out var unscaled);
        if (fit != Fit.None) ((HugeInt*)Values)[row] = unscaled;
        return fit;
    }

    private Fit Judge(in Value value, out Int128 unscaled)
    {
        unscaled = 0;
        if (!value.TryGetDecimal(out var number) || !Scalars.TryToUnscaled(number, type.Scale, out unscaled)) return Fit.None;
        if (value.Kind != ValueKind.Decimal || !Scalars.TryToDecimal(unscaled, type.Scale, out var read)) return Fit.Equal;
        return number.Scale == read.Scale && (number != 0 || !decimal.IsNegative(number)) ? Fit.Exact : Fit.Equal;
    }
}

/// <summary>Text into VARCHAR.</summary>
internal sealed unsafe class TextWriter : ValueWriter
{
    public override DuckType Type => DuckType.Varchar;

    public override Fit Judge(in Value value) => value.Kind == ValueKind.String ? Fit.Exact : Fit.None;

    protected override Fit WriteValue(int row, in Value value)
    {
        if (value.Kind != ValueKind.String) return Fit.None;
        Put(Vector, Values, row, value.AsString);
        return Fit.Exact;
    }

    /// <summary>Puts text into a VARCHAR vector: a short one in place, a longer one into memory of the vector's.</summary>
    internal static void Put(nint vector, byte* values, int row, string text)
    {
        if (text.Length <= NativeString.MostInPlace)
        {
            var place = (NativeString*)values + row;
            var inPlace = NativeString.InPlace(place);
            if (Encoding.UTF8.TryGetBytes(text, inPlace, out var length))
            {
                inPlace[length..].Clear();
                place->Length = (uint)length;
                return;
            }
        }

        const int onStack = 1024;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= onStack)
        {
            var bytes = stackalloc byte[onStack];
            NativeMethods.AssignString(vector, (ulong)row, bytes, (ulong)Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, onStack)));
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        var count = Encoding.UTF8.GetBytes(text, rented);
        fixed (byte* start = rented) NativeMethods.AssignString(vector, (ulong)row, start, (ulong)count);
        ArrayPool<byte>.Shared.Return(rented);
    }
}

/// <summary>Any value into JSON: the plain form, for people and for functions of SQL.</summary>
internal sealed unsafe class JsonTextWriter : ValueWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public override DuckType Type => DuckType.Json;

    public override Fit Judge(in Value value) => Fit.Equal;

    protected override Fit WriteValue(int row, in Value value)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, RecordJson.WriterOptions)) RecordJson.WriteValue(json, value, JsonForm.Plain);
        fixed (byte* start = _buffer.WrittenSpan) NativeMethods.AssignString(Vector, (ulong)row, start, (ulong)_buffer.WrittenCount);
        return Fit.Equal;
    }
}

/// <summary>Bytes into BLOB.</summary>
internal sealed unsafe class BytesWriter : ValueWriter
{
    public override DuckType Type => DuckType.Blob;

    public override Fit Judge(in Value value) => value.Kind == ValueKind.Bytes ? Fit.Exact : Fit.None;

    protected override Fit WriteValue(int row, in Value value)
    {
        if (value.Kind != ValueKind.Bytes) return Fit.None;
        var bytes = value.AsBytes.Span;
        fixed (byte* start = bytes) NativeMethods.AssignString(Vector, (ulong)row, start, (ulong)bytes.Length);
        return Fit.Exact;
    }
}

/// <summary>A guid into UUID.</summary>
internal sealed unsafe class GuidWriter : ValueWriter
{
    public override DuckType Type => DuckType.Uuid;

    public override Fit Judge(in Value value) => value.Kind == ValueKind.Guid ? Fit.Exact : Fit.None;

    protected override Fit WriteValue(int row, in Value value)
    {
        if (value.Kind != ValueKind.Guid) return Fit.None;
        ((HugeInt*)Values)[row] = Scalars.ToHugeInt(value.AsGuid, isOrdered: true);
        return Fit.Exact;
    }
}

/// <summary>An instant into TIMESTAMPTZ, which counts microseconds and has no offset.</summary>
internal sealed unsafe class TimeWriter : ValueWriter
{
    public override DuckType Type => DuckType.TimestampTz;

    public override Fit Judge(in Value value)
    {
        if (value.Kind != ValueKind.DateTime) return Fit.None;
        var time = value.AsDateTime;
        if (time.UtcTicks % Scalars.TicksPerMicrosecond != 0) return Fit.None;
        return time.Offset == TimeSpan.Zero ? Fit.Exact : Fit.Equal;
    }

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value);
        if (fit != Fit.None) ((long*)Values)[row] = (value.AsDateTime.UtcTicks - Scalars.EpochTicks) / Scalars.TicksPerMicrosecond;
        return fit;
    }
}

/// <summary>An instant of the years 1678 to 2261 into TIMESTAMP_NS, as UTC.</summary>
internal sealed unsafe class NanosWriter : ValueWriter
{
    private const long MostTicks = (long.MaxValue - 1) / Scalars.NanosPerTick;

    public override DuckType Type => DuckType.TimestampNanos;

    public override Fit Judge(in Value value)
    {
        if (value.Kind != ValueKind.DateTime) return Fit.None;
        var time = value.AsDateTime;
        if (Math.Abs(time.UtcTicks - Scalars.EpochTicks) > MostTicks) return Fit.None;
        return time.Offset == TimeSpan.Zero ? Fit.Exact : Fit.Equal;
    }

    protected override Fit WriteValue(int row, in Value value)
    {
        var fit = Judge(value);
        if (fit != Fit.None) ((long*)Values)[row] = (value.AsDateTime.UtcTicks - Scalars.EpochTicks) * Scalars.NanosPerTick;
        return fit;
    }
}

using System.Text;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Connections;

/// <summary>A value to be bound: never a part of the SQL. Immutable.</summary>
internal readonly struct Parameter
{
    private readonly Func<ValueHandle>? _create;
    private readonly object? _object;
    private readonly long _bits;
    private readonly Form _form;

    private Parameter(Form form, object? payload = null, long bits = 0, Func<ValueHandle>? create = null) => (_form, _object, _bits, _create) = (form, payload, bits, create);

    private enum Form : byte
    {
        Null, Boolean, Int64, Double, Text, Blob, Value,
    }

    public static Parameter Null => default;

    public static implicit operator Parameter(bool value) => new(Form.Boolean, bits: value ? 1 : 0);

    public static implicit operator Parameter(long value) => new(Form.Int64, bits: value);

    public static implicit operator Parameter(double value) => new(Form.Double, bits: BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Parameter(string? value) => value is null ? Null : new(Form.Text, value);

    public static implicit operator Parameter(byte[]? value) => value is null ? Null : new(Form.Blob, value);

    public static implicit operator Parameter(Guid value) => new(Form.Value, create: () => NativeMethods.CreateUuid(Scalars.ToHugeInt(value, isOrdered: false)));

    public static implicit operator Parameter(Int128 value) => new(Form.Value, create: () => NativeMethods.CreateHugeInt(value));

    /// <summary>A DECIMAL of 38 digits, <paramref name="unscaled"/> / 10^<paramref name="scale"/>.</summary>
    public static Parameter Decimal(Int128 unscaled, byte scale) => new(Form.Value, create: () => NativeMethods.CreateDecimal(new NativeDecimal(Scalars.DecimalDigits, scale, unscaled)));

    /// <summary>A TIMESTAMPTZ, in microseconds since 1970.</summary>
    public static Parameter TimestampTz(long micros) => new(Form.Value, create: () => NativeMethods.CreateTimestampTz(micros));

    /// <summary>A TIMESTAMP_NS, in nanoseconds since 1970.</summary>
    public static Parameter TimestampNanos(long nanos) => new(Form.Value, create: () => NativeMethods.CreateTimestampNanos(nanos));

    /// <summary>A DATE, in days since 1970.</summary>
    public static Parameter Date(int days) => new(Form.Value, create: () => NativeMethods.CreateDate(days));

    /// <summary>An INTERVAL.</summary>
    public static Parameter Interval(Interval value) => new(Form.Value, create: () => NativeMethods.CreateInterval(value));

    /// <summary>A VARCHAR[].</summary>
    public static Parameter TextList(IReadOnlyList<string> items) => List(DuckType.Varchar, items.Count, i => CreateText(items[i]));

    /// <summary>A FLOAT[].</summary>
    public static Parameter FloatList(ReadOnlyMemory<float> items) => List(DuckType.Of(DuckTypeId.Float), items.Length, i => NativeMethods.CreateFloat(items.Span[i]));

    /// <summary>Binds it; 0 when all is well.</summary>
    internal unsafe int Bind(PreparedHandle prepared, ulong index)
    {
        switch (_form)
        {
            case Form.Null: return NativeMethods.BindNull(prepared, index);
            case Form.Boolean: return NativeMethods.BindBoolean(prepared, index, _bits != 0);
            case Form.Int64: return NativeMethods.BindInt64(prepared, index, _bits);
            case Form.Double: return NativeMethods.BindDouble(prepared, index, BitConverter.Int64BitsToDouble(_bits));
            case Form.Text:
                var text = Encoding.UTF8.GetBytes((string)_object!);
                fixed (byte* start = text) return NativeMethods.BindVarchar(prepared, index, start, (ulong)text.Length);
            case Form.Blob:
                var bytes = (byte[])_object!;
                fixed (byte* start = bytes) return NativeMethods.BindBlob(prepared, index, start, (ulong)bytes.Length);
            default:
                using (var value = _create!()) return NativeMethods.BindValue(prepared, index, value);
        }
    }

    private static unsafe ValueHandle CreateText(string item)
    {
        var text = Encoding.UTF8.GetBytes(item);
        fixed (byte* start = text) return NativeMethods.CreateVarchar(start, (ulong)text.Length);
    }

    private static Parameter List(DuckType type, int count, Func<int, ValueHandle> item) => new(Form.Value, create: () =>
    {
        var items = new ValueHandle[count];
        try
        {
            for (var i = 0; i < count; i++) items[i] = item(i);
            var pointers = Array.ConvertAll(items, static handle => handle.DangerousGetHandle());
            using var child = type.Create();
            unsafe
            {
                fixed (nint* start = pointers) return NativeMethods.CreateList(child, start, (ulong)count);
            }
        }
        finally
        {
            foreach (var handle in items) handle?.Dispose();
        }
    });
}

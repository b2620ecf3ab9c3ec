using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>
/// Reads the values of a column of any type. What Basalt has no kind for reads as what holds it: smaller integers as int64; HUGEINT and UBIGINT as int64 or decimal when they fit, else as
/// text; FLOAT as the double of its shortest text; DATE, TIME, INTERVAL and BIT as text; a timestamp without a zone as UTC; an ENUM as text; FLOAT[n] as a vector; a MAP as a map when its keys
/// are text, else as a list of maps of key and value; a UNION as the member that counts.
/// </summary>
internal static class ColumnValues
{
    /// <summary>The value of a row.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Unsupported"/>: the type cannot be read; a cast to VARCHAR can.</exception>
    public static Value Read(in Column column, int row)
    {
        if (column.IsNull(row)) return Value.Null;
        var type = column.Type;
        switch (type.Id)
        {
            case DuckTypeId.Boolean: return column.Values<byte>()[row] != 0;
            case DuckTypeId.TinyInt: return (long)column.Values<sbyte>()[row];
            case DuckTypeId.SmallInt: return (long)column.Values<short>()[row];
            case DuckTypeId.Integer: return (long)column.Values<int>()[row];
            case DuckTypeId.BigInt: return column.Values<long>()[row];
            case DuckTypeId.UTinyInt: return (long)column.Values<byte>()[row];
            case DuckTypeId.USmallInt: return (long)column.Values<ushort>()[row];
            case DuckTypeId.UInteger: return (long)column.Values<uint>()[row];
            case DuckTypeId.UBigInt: return Integer((Int128)column.Values<ulong>()[row]);
            case DuckTypeId.HugeInt: return Integer(column.Values<HugeInt>()[row]);
            case DuckTypeId.UHugeInt: return Integer(column.Values<UInt128>()[row]);
            case DuckTypeId.Float: return Widen(column.Values<float>()[row]);
            case DuckTypeId.Double: return column.Values<double>()[row];
            case DuckTypeId.Decimal: return Decimal(column, row);
            case DuckTypeId.Varchar or DuckTypeId.Enum: return Value.OwnText(column.Text(row));
            case DuckTypeId.Blob: return Value.FromBytes(column.Bytes(row));
            case DuckTypeId.Bit: return TimeForms.Bits(column.Bytes(row));
            case DuckTypeId.Uuid: return Scalars.ToGuid(column.Values<HugeInt>()[row]);
            case DuckTypeId.Date: return TimeForms.Date(column.Values<int>()[row]);
            case DuckTypeId.Time: return TimeForms.Time(column.Values<long>()[row] * 1000);
            case DuckTypeId.TimeNanos: return TimeForms.Time(column.Values<long>()[row]);
            case DuckTypeId.TimeTz: return TimeForms.TimeTz(column.Values<ulong>()[row]);
            case DuckTypeId.Interval: return TimeForms.Interval(column.Values<Interval>()[row]);
            case DuckTypeId.Timestamp or DuckTypeId.TimestampTz: return TimeForms.Instant(column.Values<long>()[row], TimeUnit.Microsecond);
            case DuckTypeId.TimestampSeconds: return TimeForms.Instant(column.Values<long>()[row], TimeUnit.Second);
            case DuckTypeId.TimestampMillis: return TimeForms.Instant(column.Values<long>()[row], TimeUnit.Millisecond);
            case DuckTypeId.TimestampNanos: return TimeForms.Instant(column.Values<long>()[row], TimeUnit.Nanosecond);
            case DuckTypeId.List: return List(column, row);
            case DuckTypeId.Array: return Array(column, row);
            case DuckTypeId.Struct: return Struct(column, row);
            case DuckTypeId.Map: return Map(column, row);
            case DuckTypeId.Union: return Read(column.Member(column.Member(0).Values<byte>()[row] + 1), row);
            case DuckTypeId.SqlNull: return Value.Null;
            default: throw new BasaltException(ErrorCode.Unsupported, $"A column of {type} is not read as it is; cast it, as in CAST(x AS VARCHAR).") { Backend = DuckDbFaults.Scheme };
        }
    }

    /// <summary>A FLOAT[] or FLOAT[n] as a vector.</summary>
    public static Value ReadVector(in Column column, int row)
    {
        if (column.IsNull(row)) return Value.Null;
        if (column.Type.Id == DuckTypeId.Array) return Value.FromVector(column.ArrayItems().Values<float>().Slice(row * column.Type.Size, column.Type.Size));
        var entry = column.Values<ListEntry>()[row];
        return Value.FromVector(column.Items().Values<float>().Slice((int)entry.Offset, (int)entry.Length));
    }

    private static Value Widen(float number) => double.Parse(number.ToString("R"));

    private static Value Integer(Int128 number)
    {
        if (number >= long.MinValue && number <= long.MaxValue) return (long)number;
        return Scalars.TryToDecimal(number, 0, out var exact) ? exact : number.ToString();
    }

    private static Value Integer(UInt128 number) => number <= (UInt128)Int128.MaxValue ? Integer((Int128)number) : number.ToString();

    private static Value Decimal(in Column column, int row)
    {
        Int128 unscaled = Scalars.WidthOf(column.Type) switch
        {
            2 => column.Values<short>()[row],
            4 => column.Values<int>()[row],
            8 => column.Values<long>()[row],
            _ => column.Values<HugeInt>()[row],
        };
        return Scalars.TryToDecimal(unscaled, column.Type.Scale, out var value) ? value : WithPoint(unscaled, column.Type.Scale);
    }

    private static string WithPoint(Int128 unscaled, int scale)
    {
        var digits = Int128.Abs(unscaled).ToString().PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits.AsSpan(0, digits.Length - scale)}.{digits.AsSpan(digits.Length - scale)}";
        return unscaled < 0 ? "-" + text : text;
    }

    private static Value List(in Column column, int row)
    {
        var entry = column.Values<ListEntry>()[row];
        var items = column.Items();
        var values = new Value[entry.Length];
        for (var i = 0; i < values.Length; i++) values[i] = Read(items, (int)entry.Offset + i);
        return Value.OwnList(values);
    }

    private static Value Array(in Column column, int row)
    {
        var size = column.Type.Size;
        var items = column.ArrayItems();
        var hasNull = false;
        for (var i = 0; i < size; i++) hasNull |= items.IsNull(row * size + i);
        if (items.Type.Id == DuckTypeId.Float && !hasNull) return Value.FromVector(items.Values<float>().Slice(row * size, size));
        var values = new Value[size];
        for (var i = 0; i < size; i++) values[i] = Read(items, row * size + i);
        return Value.OwnList(values);
    }

    private static Value Struct(in Column column, int row)
    {
        var parts = column.Type.Parts;
        var map = new ValueMapBuilder(parts.Count);
        // A struct may be without names; they are then numbers.
        for (var i = 0; i < parts.Count; i++) map.Set(parts[i].Name.Length > 0 ? parts[i].Name : (i + 1).ToString(), Read(column.Member(i), row));
        return Value.FromMap(map.Build());
    }

    private static Value Map(in Column column, int row)
    {
        var entry = column.Values<ListEntry>()[row];
        var items = column.Items();
        Column keys = items.Member(0), values = items.Member(1);
        var hasTextKeys = keys.Type.Id == DuckTypeId.Varchar;
        var map = new ValueMapBuilder((int)entry.Length);
        var list = new Value[hasTextKeys ? 0 : (int)entry.Length];
        for (var i = 0; i < (int)entry.Length; i++)
        {
            var at = (int)entry.Offset + i;
            if (hasTextKeys) map.Set(keys.Text(at), Read(values, at));
            else list[i] = Value.FromMap(new ValueMapBuilder(2).Set("key", Read(keys, at)).Set("value", Read(values, at)).Build());
        }

        return hasTextKeys ? Value.FromMap(map.Build()) : Value.OwnList(list);
    }
}

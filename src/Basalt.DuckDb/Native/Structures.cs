using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>A result, which the library takes by value: 48 bytes, of which only it knows the last pointer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeResult
{
    private ulong _columnCount;
    private ulong _rowCount;
    private ulong _rowsChanged;
    private nint _columns;
    private nint _error;
    private nint _internals;
}

/// <summary>A signed integer of 128 bits, low half first.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HugeInt(ulong Lower, long Upper)
{
    public static implicit operator HugeInt(Int128 value) => new((ulong)value, (long)(value >> 64));

    public static implicit operator Int128(HugeInt value) => new((ulong)value.Upper, value.Lower);
}

/// <summary>A decimal with its type: value / 10^scale of at most width digits.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NativeDecimal(byte Width, byte Scale, HugeInt Value);

/// <summary>Months, days and microseconds, none of which is converted into the others.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Interval(int Months, int Days, long Micros);

/// <summary>Where the items of a list are in the child vector.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ListEntry(ulong Offset, ulong Length);

/// <summary>Text or bytes in a vector: up to 12 are in place, longer ones are pointed to behind their first four.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct NativeString
{
    public const int MostInPlace = 12;

    public uint Length;
    private fixed byte _inPlace[12];

    /// <summary>The bytes; valid as long as the vector is.</summary>
    public static ReadOnlySpan<byte> Bytes(NativeString* text)
    {
        var length = (int)text->Length;
        return length <= MostInPlace ? new ReadOnlySpan<byte>(text->_inPlace, length) : new ReadOnlySpan<byte>(*(byte**)(text->_inPlace + 4), length);
    }

    /// <summary>Room for a short text in place, which must be cleared behind it.</summary>
    public static Span<byte> InPlace(NativeString* text) => new(text->_inPlace, MostInPlace);
}

/// <summary>How far a query is.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NativeProgress(double Percentage, ulong RowsDone, ulong RowsInAll);

/// <summary>The ids of the types.</summary>
internal enum DuckTypeId
{
    Invalid, Boolean, TinyInt, SmallInt, Integer, BigInt, UTinyInt, USmallInt, UInteger, UBigInt, Float, Double, Timestamp, Date, Time, Interval, HugeInt, Varchar, Blob, Decimal,
    TimestampSeconds, TimestampMillis, TimestampNanos, Enum, List, Struct, Map, Uuid, Union, Bit, TimeTz, TimestampTz, UHugeInt, Array, Any, BigNum, SqlNull, StringLiteral, IntegerLiteral, TimeNanos, Geometry, Variant,
}

using System.Text;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Columns;

/// <summary>
/// The values of one column of a chunk, where they lie. Valid as long as the chunk is. Values are read as spans of the type that the library keeps them in (see <see cref="Values{T}"/>); text
/// and bytes by row; lists, arrays, maps and structs by the column of their parts.
/// </summary>
internal readonly unsafe ref struct Column
{
    private readonly nint _vector;
    private readonly byte* _values;
    private readonly ulong* _validity;

    public Column(nint vector, DuckType type, int count)
    {
        (_vector, Type, Count) = (vector, type, count);
        _values = NativeMethods.VectorValues(vector);
        _validity = NativeMethods.VectorValidity(vector);
    }

    /// <summary>What the values are.</summary>
    public DuckType Type { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether no row is null, as far as is known without looking at each.</summary>
    public bool HasNoNulls => _validity is null;

    /// <summary>Whether the value of a row is null.</summary>
    public bool IsNull(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        return _validity is not null && (_validity[row >> 6] & (1UL << (row & 63))) == 0;
    }

    /// <summary>
    /// The values as they are kept: bool as byte, the integers as themselves, HUGEINT and UUID as <see cref="HugeInt"/> (a UUID with its highest bit flipped), DECIMAL as the integer that its
    /// width needs (16, 32, 64 or 128 bits), DATE as int32 days, TIME and the timestamps as int64 of their unit since 1970, INTERVAL as <see cref="Interval"/>, an ENUM as the number of its
    /// text, lists and maps as <see cref="ListEntry"/>. Where a row is null its value means nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The values are not kept in that type.</exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        if (sizeof(T) != Scalars.WidthOf(Type)) throw new InvalidOperationException($"A value of {Type} takes {Scalars.WidthOf(Type)} bytes, not {sizeof(T)}.");
        return new ReadOnlySpan<T>(_values, Count);
    }

    /// <summary>The bytes of a VARCHAR, BLOB or BIT.</summary>
    public ReadOnlySpan<byte> Bytes(int row)
    {
        Require(DuckTypeId.Varchar, DuckTypeId.Blob, DuckTypeId.Bit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        return NativeString.Bytes((NativeString*)_values + row);
    }

    /// <summary>The text of a VARCHAR or ENUM.</summary>
    public string Text(int row) => Type.Id == DuckTypeId.Enum ? Type.Names[EnumNumber(row)] : Encoding.UTF8.GetString(Bytes(row));

    /// <summary>The items of all lists or maps, one behind the other; <see cref="ListEntry"/> says which belong to a row. An item of a map is a struct of key and value.</summary>
    public Column Items()
    {
        Require(DuckTypeId.List, DuckTypeId.Map);
        var item = Type.Id == DuckTypeId.Map ? DuckType.Struct(Type.Parts) : Type.Parts[0].Type;
        return new Column(NativeMethods.ListVectorChild(_vector), item, (int)NativeMethods.ListVectorSize(_vector));
    }

    /// <summary>The items of all arrays, as many for each row as the type says.</summary>
    public Column ArrayItems()
    {
        Require(DuckTypeId.Array);
        return new Column(NativeMethods.ArrayVectorChild(_vector), Type.Parts[0].Type, Count * Type.Size);
    }

    /// <summary>A member of a struct, or of a union, whose first one is the number of the member that counts.</summary>
    public Column Member(int index)
    {
        Require(DuckTypeId.Struct, DuckTypeId.Union);
        var type = Type.Id == DuckTypeId.Struct ? Type.Parts[index].Type : index == 0 ? DuckType.Of(DuckTypeId.UTinyInt) : Type.Parts[index - 1].Type;
        return new Column(NativeMethods.StructVectorChild(_vector, (ulong)index), type, Count);
    }

    private int EnumNumber(int row) => Scalars.WidthOf(Type) switch
    {
        1 => Values<byte>()[row],
        2 => Values<ushort>()[row],
        _ => (int)Values<uint>()[row],
    };

    private void Require(params ReadOnlySpan<DuckTypeId> ids)
    {
        if (!ids.Contains(Type.Id)) throw new InvalidOperationException($"A column of {Type} is not read so.");
    }
}

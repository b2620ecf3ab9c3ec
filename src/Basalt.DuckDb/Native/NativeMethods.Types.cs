using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>Types, and values of them.</summary>
internal static partial class NativeMethods
{
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_logical_type")]
    public static partial TypeHandle CreateLogicalType(DuckTypeId type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_decimal_type")]
    public static partial TypeHandle CreateDecimalType(byte width, byte scale);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_list_type")]
    public static partial TypeHandle CreateListType(TypeHandle child);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_array_type")]
    public static partial TypeHandle CreateArrayType(TypeHandle child, ulong size);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_map_type")]
    public static partial TypeHandle CreateMapType(TypeHandle key, TypeHandle value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_struct_type")]
    public static unsafe partial TypeHandle CreateStructType(nint* types, nint* names, ulong count);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_enum_type")]
    public static unsafe partial TypeHandle CreateEnumType(nint* names, ulong count);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_logical_type")]
    public static partial void DestroyLogicalType(ref nint type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_get_type_id")]
    public static partial DuckTypeId TypeId(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_logical_type_get_alias")]
    public static partial nint TypeAlias(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_logical_type_set_alias", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetTypeAlias(TypeHandle type, string alias);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_decimal_width")]
    public static partial byte DecimalWidth(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_decimal_scale")]
    public static partial byte DecimalScale(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_enum_internal_type")]
    public static partial DuckTypeId EnumStorage(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_enum_dictionary_size")]
    public static partial uint EnumSize(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_enum_dictionary_value")]
    public static partial nint EnumName(TypeHandle type, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_list_type_child_type")]
    public static partial TypeHandle ListChild(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_array_type_child_type")]
    public static partial TypeHandle ArrayChild(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_array_type_array_size")]
    public static partial ulong ArraySize(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_map_type_key_type")]
    public static partial TypeHandle MapKey(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_map_type_value_type")]
    public static partial TypeHandle MapValue(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_struct_type_child_count")]
    public static partial ulong StructCount(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_struct_type_child_name")]
    public static partial nint StructName(TypeHandle type, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_struct_type_child_type")]
    public static partial TypeHandle StructChild(TypeHandle type, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_union_type_member_count")]
    public static partial ulong UnionCount(TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_union_type_member_name")]
    public static partial nint UnionName(TypeHandle type, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_union_type_member_type")]
    public static partial TypeHandle UnionMember(TypeHandle type, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_null_value")]
    public static partial ValueHandle CreateNull();

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_varchar_length")]
    public static unsafe partial ValueHandle CreateVarchar(byte* text, ulong length);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_int64")]
    public static partial ValueHandle CreateInt64(long value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_float")]
    public static partial ValueHandle CreateFloat(float value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_hugeint")]
    public static partial ValueHandle CreateHugeInt(HugeInt value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_decimal")]
    public static partial ValueHandle CreateDecimal(NativeDecimal value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_uuid")]
    public static partial ValueHandle CreateUuid(HugeInt value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_timestamp_tz")]
    public static partial ValueHandle CreateTimestampTz(long micros);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_timestamp_ns")]
    public static partial ValueHandle CreateTimestampNanos(long nanos);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_date")]
    public static partial ValueHandle CreateDate(int days);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_interval")]
    public static partial ValueHandle CreateInterval(Interval value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_list_value")]
    public static unsafe partial ValueHandle CreateList(TypeHandle child, nint* values, ulong count);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_array_value")]
    public static unsafe partial ValueHandle CreateArray(TypeHandle child, nint* values, ulong count);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_value")]
    public static partial void DestroyValue(ref nint value);
}

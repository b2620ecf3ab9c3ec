using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>Table functions.</summary>
internal static partial class NativeMethods
{
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_table_function")]
    public static partial TableFunctionHandle CreateTableFunction();

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_table_function")]
    public static partial void DestroyTableFunction(ref nint function);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_set_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void TableFunctionSetName(TableFunctionHandle function, string name);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_set_extra_info")]
    public static unsafe partial void TableFunctionSetExtra(TableFunctionHandle function, nint extra, delegate* unmanaged<nint, void> destroy);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_set_bind")]
    public static unsafe partial void TableFunctionSetBind(TableFunctionHandle function, delegate* unmanaged<nint, void> bind);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_set_init")]
    public static unsafe partial void TableFunctionSetInit(TableFunctionHandle function, delegate* unmanaged<nint, void> init);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_set_function")]
    public static unsafe partial void TableFunctionSetFunction(TableFunctionHandle function, delegate* unmanaged<nint, nint, void> call);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_table_function_supports_projection_pushdown")]
    public static partial void TableFunctionPushesProjection(TableFunctionHandle function, [MarshalAs(UnmanagedType.U1)] bool pushes);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_register_table_function")]
    public static partial int RegisterTableFunction(ConnectionHandle connection, TableFunctionHandle function);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_get_extra_info")]
    public static partial nint BindExtra(nint bind);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_add_result_column", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void BindAddColumn(nint bind, string name, TypeHandle type);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_set_cardinality")]
    public static partial void BindSetCardinality(nint bind, ulong cardinality, [MarshalAs(UnmanagedType.U1)] bool isExact);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_set_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void BindSetError(nint bind, string message);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_init_get_extra_info")]
    public static partial nint InitExtra(nint init);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_init_set_init_data")]
    public static unsafe partial void InitSetState(nint init, nint state, delegate* unmanaged<nint, void> destroy);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_init_get_column_count")]
    public static partial ulong InitColumnCount(nint init);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_init_get_column_index")]
    public static partial ulong InitColumn(nint init, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_init_set_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void InitSetError(nint init, string message);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_function_get_init_data")]
    public static partial nint FunctionState(nint function);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_function_set_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void FunctionSetError(nint function, string message);
}

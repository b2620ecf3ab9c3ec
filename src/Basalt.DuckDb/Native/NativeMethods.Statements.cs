using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>Statements, their parameters and their results.</summary>
internal static partial class NativeMethods
{
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_extract_statements", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ulong ExtractStatements(ConnectionHandle connection, string sql, out ExtractedHandle statements);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_extract_statements_error")]
    public static partial nint ExtractStatementsError(ExtractedHandle statements);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_prepare_extracted_statement")]
    public static partial int PrepareExtracted(ConnectionHandle connection, ExtractedHandle statements, ulong index, out PreparedHandle prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_extracted")]
    public static partial void DestroyExtracted(ref nint statements);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_prepare", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Prepare(ConnectionHandle connection, string sql, out PreparedHandle prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_prepare_error")]
    public static partial nint PrepareError(PreparedHandle prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_prepare")]
    public static partial void DestroyPrepare(ref nint prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_nparams")]
    public static partial ulong ParameterCount(PreparedHandle prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_value")]
    public static partial int BindValue(PreparedHandle prepared, ulong index, ValueHandle value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_boolean")]
    public static partial int BindBoolean(PreparedHandle prepared, ulong index, [MarshalAs(UnmanagedType.U1)] bool value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_int64")]
    public static partial int BindInt64(PreparedHandle prepared, ulong index, long value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_double")]
    public static partial int BindDouble(PreparedHandle prepared, ulong index, double value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_varchar_length")]
    public static unsafe partial int BindVarchar(PreparedHandle prepared, ulong index, byte* text, ulong length);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_blob")]
    public static unsafe partial int BindBlob(PreparedHandle prepared, ulong index, byte* bytes, ulong length);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_bind_null")]
    public static partial int BindNull(PreparedHandle prepared, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_clear_bindings")]
    public static partial int ClearBindings(PreparedHandle prepared);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_pending_prepared")]
    public static partial int Start(PreparedHandle prepared, out PendingHandle pending);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_pending_prepared_streaming")]
    public static partial int StartStreaming(PreparedHandle prepared, out PendingHandle pending);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_pending_error")]
    public static partial nint PendingError(PendingHandle pending);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_execute_pending")]
    public static partial int Execute(PendingHandle pending, out NativeResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_pending")]
    public static partial void DestroyPending(ref nint pending);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_fetch_chunk")]
    public static partial nint FetchChunk(NativeResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_result_error")]
    public static partial nint ResultError(ref NativeResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_column_count")]
    public static partial ulong ColumnCount(ref NativeResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_column_name")]
    public static partial nint ColumnName(ref NativeResult result, ulong column);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_column_logical_type")]
    public static partial TypeHandle ColumnType(ref NativeResult result, ulong column);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_rows_changed")]
    public static partial ulong RowsChanged(ref NativeResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_result")]
    public static partial void DestroyResult(ref NativeResult result);
}

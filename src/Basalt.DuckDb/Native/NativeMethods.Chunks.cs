using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>Chunks, vectors and appenders. What only looks up a pointer leaves out the transition of the garbage collector: it runs for nanoseconds and never calls back.</summary>
internal static partial class NativeMethods
{
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_vector_size")]
    [SuppressGCTransition]
    public static partial ulong VectorSize();

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_data_chunk")]
    public static unsafe partial ChunkHandle CreateDataChunk(nint* types, ulong count);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_data_chunk")]
    public static partial void DestroyDataChunk(ref nint chunk);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_data_chunk_reset")]
    public static partial void ResetDataChunk(nint chunk);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_data_chunk_get_column_count")]
    public static partial ulong ChunkColumnCount(nint chunk);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_data_chunk_get_vector")]
    public static partial nint ChunkVector(nint chunk, ulong column);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_data_chunk_get_size")]
    public static partial ulong ChunkSize(nint chunk);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_data_chunk_set_size")]
    public static partial void SetChunkSize(nint chunk, ulong size);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_vector_get_data")]
    [SuppressGCTransition]
    public static unsafe partial byte* VectorValues(nint vector);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_vector_get_validity")]
    [SuppressGCTransition]
    public static unsafe partial ulong* VectorValidity(nint vector);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_vector_ensure_validity_writable")]
    public static partial void EnsureValidityWritable(nint vector);

    // Takes the bytes as they are: whoever calls it has made them from well-formed text, or writes a BLOB.
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_unsafe_vector_assign_string_element_len")]
    public static unsafe partial void AssignString(nint vector, ulong index, byte* text, ulong length);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_list_vector_get_child")]
    [SuppressGCTransition]
    public static partial nint ListVectorChild(nint vector);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_list_vector_get_size")]
    [SuppressGCTransition]
    public static partial ulong ListVectorSize(nint vector);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_list_vector_set_size")]
    public static partial int SetListVectorSize(nint vector, ulong size);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_list_vector_reserve")]
    public static partial int ReserveListVector(nint vector, ulong capacity);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_struct_vector_get_child")]
    [SuppressGCTransition]
    public static partial nint StructVectorChild(nint vector, ulong index);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_array_vector_get_child")]
    [SuppressGCTransition]
    public static partial nint ArrayVectorChild(nint vector);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_create_ext", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AppenderCreate(ConnectionHandle connection, string? catalog, string? schema, string table, out AppenderHandle appender);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_error")]
    public static partial nint AppenderError(AppenderHandle appender);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_column_count")]
    public static partial ulong AppenderColumnCount(AppenderHandle appender);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_column_type")]
    public static partial TypeHandle AppenderColumnType(AppenderHandle appender, ulong column);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_append_data_chunk")]
    public static partial int AppendDataChunk(AppenderHandle appender, ChunkHandle chunk);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_flush")]
    public static partial int AppenderFlush(AppenderHandle appender);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_clear")]
    public static partial int AppenderClear(AppenderHandle appender);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_appender_destroy")]
    public static partial int AppenderDestroy(ref nint appender);
}

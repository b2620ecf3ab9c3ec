using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>What of the library's functions is used: databases and connections here, the other areas in the files beside. A state is 0 when all is well.</summary>
internal static partial class NativeMethods
{
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_config")]
    public static partial int CreateConfig(out ConfigHandle config);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_set_config", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetConfig(ConfigHandle config, string name, string value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_config")]
    public static partial void DestroyConfig(ref nint config);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_open_ext", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string? path, out DatabaseHandle database, ConfigHandle config, out nint error);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_close")]
    public static partial void Close(ref nint database);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_connect")]
    public static partial int Connect(DatabaseHandle database, out ConnectionHandle connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_disconnect")]
    public static partial void Disconnect(ref nint connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_interrupt")]
    public static partial void Interrupt(ConnectionHandle connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_query_progress")]
    public static partial NativeProgress QueryProgress(ConnectionHandle connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_free")]
    public static partial void Free(nint memory);

    /// <summary>A text that the library gave away.</summary>
    public static string TakeText(nint text)
    {
        if (text == 0) return "";
        var taken = Marshal.PtrToStringUTF8(text) ?? "";
        Free(text);
        return taken;
    }

    /// <summary>A text that stays the library's.</summary>
    public static string ReadText(nint text) => text == 0 ? "" : Marshal.PtrToStringUTF8(text) ?? "";
}

using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>Something that the library made and must destroy.</summary>
internal abstract class NativeHandle() : SafeHandle(0, ownsHandle: true)
{
    /// <inheritdoc/>
    public sealed override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        Destroy(ref handle);
        return true;
    }

    protected abstract void Destroy(ref nint pointer);
}

/// <summary>An open database.</summary>
internal sealed class DatabaseHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.Close(ref pointer);
}

/// <summary>Settings of a database that is about to be opened.</summary>
internal sealed class ConfigHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyConfig(ref pointer);
}

/// <summary>A connection; it outlives its database as far as the library is concerned.</summary>
internal sealed class ConnectionHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.Disconnect(ref pointer);
}

/// <summary>Statements that were parsed out of a text.</summary>
internal sealed class ExtractedHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyExtracted(ref pointer);
}

/// <summary>A prepared statement.</summary>
internal sealed class PreparedHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyPrepare(ref pointer);
}

/// <summary>A statement that was started.</summary>
internal sealed class PendingHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyPending(ref pointer);
}

/// <summary>A type.</summary>
internal sealed class TypeHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyLogicalType(ref pointer);
}

/// <summary>A value.</summary>
internal sealed class ValueHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyValue(ref pointer);
}

/// <summary>A chunk of rows.</summary>
internal sealed class ChunkHandle : NativeHandle
{
    /// <summary>A chunk that the library gave away.</summary>
    public static ChunkHandle Own(nint pointer)
    {
        var chunk = new ChunkHandle();
        chunk.SetHandle(pointer);
        return chunk;
    }

    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyDataChunk(ref pointer);
}

/// <summary>An appender to a table.</summary>
internal sealed class AppenderHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.AppenderDestroy(ref pointer);
}

/// <summary>A table function that is about to be registered.</summary>
internal sealed class TableFunctionHandle : NativeHandle
{
    protected override void Destroy(ref nint pointer) => NativeMethods.DestroyTableFunction(ref pointer);
}

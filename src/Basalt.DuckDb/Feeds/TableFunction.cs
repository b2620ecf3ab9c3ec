using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Feeds;

/// <summary>
/// A <see cref="TableSource"/> as a table function of a database: <c>SELECT … FROM "name"()</c>. The library asks for the columns that the query needs and for chunk after chunk. What a
/// source throws ends the statement, and <see cref="Failure"/> keeps it.
/// </summary>
internal sealed class TableFunction
{
    private readonly TableSource _source;
    private ExceptionDispatchInfo? _failure;

    private TableFunction(TableSource source) => _source = source;

    /// <summary>What the source threw last, or null.</summary>
    public ExceptionDispatchInfo? Failure => Volatile.Read(ref _failure);

    /// <summary>Registers a source under a name, for all connections of the database and until it is closed.</summary>
    public static unsafe TableFunction Register(DuckConnection connection, string name, TableSource source)
    {
        var made = new TableFunction(source);
        using var function = NativeMethods.CreateTableFunction();
        NativeMethods.TableFunctionSetName(function, name);
        NativeMethods.TableFunctionSetExtra(function, GCHandle.ToIntPtr(GCHandle.Alloc(made)), &Release);
        NativeMethods.TableFunctionSetBind(function, &Bind);
        NativeMethods.TableFunctionSetInit(function, &Init);
        NativeMethods.TableFunctionSetFunction(function, &Fill);
        NativeMethods.TableFunctionPushesProjection(function, true);
        if (NativeMethods.RegisterTableFunction(connection.Handle, function) != 0)
            throw new BasaltException(ErrorCode.AlreadyExists, $"There is a table function '{name}' already.") { Backend = DuckDbFaults.Scheme, Target = name };
        return made;
    }

    /// <summary>Forgets what was thrown, before another statement runs.</summary>
    public void ForgetFailure() => Volatile.Write(ref _failure, null);

    // No exception may leave a function that the library calls.
    [SuppressMessage("Design", "CA1031", Justification = "It is kept, and ends the statement as an error.")]
    [UnmanagedCallersOnly]
    private static void Bind(nint bind)
    {
        var function = Of(NativeMethods.BindExtra(bind));
        try
        {
            foreach (var field in function._source.Fields)
            {
                using var type = field.Type.Create();
                NativeMethods.BindAddColumn(bind, field.Name, type);
            }

            if (function._source.Cardinality is { } rows) NativeMethods.BindSetCardinality(bind, (ulong)rows, isExact: false);
        }
        catch (Exception e)
        {
            NativeMethods.BindSetError(bind, function.Keep(e));
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "It is kept, and ends the statement as an error.")]
    [UnmanagedCallersOnly]
    private static unsafe void Init(nint init)
    {
        var function = Of(NativeMethods.InitExtra(init));
        try
        {
            var columns = new int[NativeMethods.InitColumnCount(init)];
            for (var i = 0; i < columns.Length; i++) columns[i] = (int)NativeMethods.InitColumn(init, (ulong)i);
            NativeMethods.InitSetState(init, GCHandle.ToIntPtr(GCHandle.Alloc(new Reading(function, function._source.Open(columns)))), &End);
        }
        catch (Exception e)
        {
            NativeMethods.InitSetError(init, function.Keep(e));
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "It is kept, and ends the statement as an error.")]
    [UnmanagedCallersOnly]
    private static void Fill(nint call, nint output)
    {
        var reading = (Reading)GCHandle.FromIntPtr(NativeMethods.FunctionState(call)).Target!;
        try
        {
            var chunk = new FeedChunk(output);
            reading.Feed.Fill(ref chunk);
            NativeMethods.SetChunkSize(output, (ulong)chunk.Count);
        }
        catch (Exception e)
        {
            NativeMethods.FunctionSetError(call, reading.Function.Keep(e));
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint extra) => GCHandle.FromIntPtr(extra).Free();

    [SuppressMessage("Design", "CA1031", Justification = "It is kept; the statement is over.")]
    [UnmanagedCallersOnly]
    private static void End(nint state)
    {
        var handle = GCHandle.FromIntPtr(state);
        var reading = (Reading)handle.Target!;
        handle.Free();
        try
        {
            reading.Feed.Dispose();
        }
        catch (Exception e)
        {
            reading.Function.Keep(e);
        }
    }

    private static TableFunction Of(nint extra) => (TableFunction)GCHandle.FromIntPtr(extra).Target!;

    private string Keep(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        return e.Message;
    }

    private sealed record Reading(TableFunction Function, RowFeed Feed);
}

using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Connections;

/// <summary>A prepared statement: bind its parameters, run it, any number of times. Not thread-safe.</summary>
internal sealed class DuckStatement(DuckConnection connection, PreparedHandle prepared) : IDisposable
{
    /// <summary>How many parameters it has.</summary>
    public int ParameterCount => (int)NativeMethods.ParameterCount(prepared);

    /// <summary>Binds a parameter, counted from 1. What is bound stays until it is bound anew.</summary>
    public DuckStatement Bind(int index, in Parameter parameter)
    {
        if (parameter.Bind(prepared, (ulong)index) != 0) throw new ArgumentOutOfRangeException(nameof(index), index, $"The statement has {ParameterCount} parameters.");
        return this;
    }

    /// <summary>Binds all parameters.</summary>
    public DuckStatement Bind(params ReadOnlySpan<Parameter> parameters)
    {
        for (var i = 0; i < parameters.Length; i++) Bind(i + 1, parameters[i]);
        return this;
    }

    /// <summary>Runs it to its end and gives the number of rows that it changed.</summary>
    public long Execute(CancellationToken cancellationToken = default)
    {
        using var rows = Run(isStreaming: false, ownsStatement: false, cancellationToken);
        return rows.RowsChanged;
    }

    /// <summary>Starts it; the rows come as they are asked for, and those that nobody asks for are not made. Memory stays bounded.</summary>
    public DuckRows Stream(CancellationToken cancellationToken = default) => Run(isStreaming: true, ownsStatement: false, cancellationToken);

    /// <summary>The same; the statement is disposed with the rows.</summary>
    public DuckRows StreamAndDispose(CancellationToken cancellationToken = default)
    {
        try
        {
            return Run(isStreaming: true, ownsStatement: true, cancellationToken);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => prepared.Dispose();

    private DuckRows Run(bool isStreaming, bool ownsStatement, CancellationToken cancellationToken)
    {
        using var interrupting = connection.InterruptOn(cancellationToken);
        var state = isStreaming ? NativeMethods.StartStreaming(prepared, out var pending) : NativeMethods.Start(prepared, out pending);
        using (pending)
        {
            if (state != 0) throw DuckDbFaults.From(NativeMethods.ReadText(NativeMethods.PendingError(pending)), connection.Name, cancellationToken);
            state = NativeMethods.Execute(pending, out var result);
            if (state == 0) return new DuckRows(connection, result, ownsStatement ? this : null, cancellationToken);
            var message = NativeMethods.ReadText(NativeMethods.ResultError(ref result));
            NativeMethods.DestroyResult(ref result);
            if (message.Length == 0) message = NativeMethods.ReadText(NativeMethods.PendingError(pending));
            throw DuckDbFaults.From(message, connection.Name, cancellationToken);
        }
    }
}

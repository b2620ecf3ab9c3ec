using System.Diagnostics.CodeAnalysis;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Connections;

/// <summary>
/// A connection: statements, one after the other, each in a transaction of its own unless one was begun. While an answer streams, the connection is busy. Not thread-safe, but for
/// <see cref="Progress"/> and what a cancellation does.
/// </summary>
internal sealed class DuckConnection(ConnectionHandle handle, string name) : IDisposable
{
    /// <summary>The database's name, for messages.</summary>
    public string Name { get; } = name;

    internal ConnectionHandle Handle { get; } = handle;

    /// <summary>Prepares one statement; its parameters are <c>$1</c> and so on.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: it cannot be parsed or bound; the message says where.</exception>
    public DuckStatement Prepare(string sql)
    {
        RequireText(sql);
        var state = NativeMethods.Prepare(Handle, sql, out var prepared);
        if (state == 0) return new DuckStatement(this, prepared);
        using (prepared) throw DuckDbFaults.From(NativeMethods.ReadText(NativeMethods.PrepareError(prepared)), Name);
    }

    /// <summary>Runs the statements of a text to their ends and gives the number of rows that the last of them changed.</summary>
    public long Execute(string sql, CancellationToken cancellationToken = default)
    {
        long changed = 0;
        foreach (var (statement, _) in PrepareAll(sql))
            using (statement) changed = statement.Execute(cancellationToken);
        return changed;
    }

    /// <summary>Runs the statements of a text, all but the last to their ends, and streams the answer of the last.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: there is no statement, or one cannot be understood.</exception>
    public DuckRows Query(string sql, CancellationToken cancellationToken = default)
    {
        foreach (var (statement, isLast) in PrepareAll(sql))
        {
            if (isLast) return statement.StreamAndDispose(cancellationToken);
            using (statement) statement.Execute(cancellationToken);
        }

        throw new BasaltException(ErrorCode.InvalidQuery, "There is no statement to run.") { Backend = DuckDbFaults.Scheme };
    }

    /// <summary>How many statements a text has, without running any.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: it cannot be parsed.</exception>
    public int CountStatements(string sql)
    {
        using var statements = Extract(sql, out var count);
        return (int)count;
    }

    /// <summary>How far the running statement is, from 0 to 1; null when that is not known. Thread-safe.</summary>
    public double? Progress()
    {
        var percentage = NativeMethods.QueryProgress(Handle).Percentage;
        return percentage < 0 ? null : percentage / 100;
    }

    /// <summary>Has a cancellation interrupt what runs until the registration is disposed, which waits for it.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "A registration, not a task.")]
    internal CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return cancellationToken.CanBeCanceled ? cancellationToken.UnsafeRegister(static connection => NativeMethods.Interrupt((ConnectionHandle)connection!), Handle) : default;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    // Each is prepared when the ones before it have run: it may name what they create.
    private IEnumerable<(DuckStatement Statement, bool IsLast)> PrepareAll(string sql)
    {
        var statements = Extract(sql, out var count);
        using (statements)
        {
            for (var i = 0UL; i < count; i++)
            {
                var state = NativeMethods.PrepareExtracted(Handle, statements, i, out var prepared);
                if (state != 0)
                    using (prepared) throw DuckDbFaults.From(NativeMethods.ReadText(NativeMethods.PrepareError(prepared)), Name);
                yield return (new DuckStatement(this, prepared), i == count - 1);
            }
        }
    }

    private ExtractedHandle Extract(string sql, out ulong count)
    {
        RequireText(sql);
        count = NativeMethods.ExtractStatements(Handle, sql, out var statements);
        if (count > 0 || NativeMethods.ReadText(NativeMethods.ExtractStatementsError(statements)) is not { Length: > 0 } message) return statements;
        using (statements) throw DuckDbFaults.From(message, Name);
    }

    // The library reads to the first NUL and would run a part.
    private static void RequireText(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        if (sql.Contains('\0')) throw new BasaltException(ErrorCode.InvalidQuery, $"The SQL has a NUL character at {sql.IndexOf('\0')}; pass such text as a parameter.") { Backend = DuckDbFaults.Scheme };
    }
}

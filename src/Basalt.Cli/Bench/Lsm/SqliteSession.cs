using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>
/// A connection of Microsoft.Data.Sqlite. Its statements are prepared once and stepped on the connection's handle: the cost of commands,
/// parameters and readers as objects is not SQLite's.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private const int BusyMilliseconds = 60_000;
    private readonly SqliteConnection _connection;
    private readonly List<sqlite3_stmt> _statements = [];

    public SqliteSession(string path, Workload workload)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        _connection.Open();
        var synchronous = workload.Durability switch
        {
            Durability.Always => "FULL",
            Durability.Interval => "NORMAL",
            _ => "OFF",
        };
        Execute($"PRAGMA busy_timeout = {BusyMilliseconds}");
        if (Execute("PRAGMA journal_mode = WAL") is not "wal") throw new IOException($"SQLite cannot use a write-ahead log at {path}.");
        Execute($"PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -{workload.MemoryBytes >> 10}");
    }

    /// <summary>Runs SQL and gives the first text or number of its answer, as text.</summary>
    public string? Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        return command.ExecuteScalar()?.ToString();
    }

    public void Interrupt() => raw.sqlite3_interrupt(_connection.Handle);

    /// <summary>A statement that lives as long as the session.</summary>
    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_connection.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        _statements.Add(statement);
        return statement;
    }

    public void Bind(sqlite3_stmt statement, int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(statement, parameter, value));

    /// <summary>Whether the statement came to a row.</summary>
    public bool Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result == raw.SQLITE_DONE) return false;
        throw Fault(result);
    }

    /// <summary>Runs a statement that has no rows, and makes it ready for the next time.</summary>
    public void Run(sqlite3_stmt statement)
    {
        Step(statement);
        Reset(statement);
    }

    public void Reset(sqlite3_stmt statement) => Check(raw.sqlite3_reset(statement));

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _connection.Dispose();
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw Fault(result);
    }

    private IOException Fault(int result) => new($"SQLite failed with {result}: {raw.sqlite3_errmsg(_connection.Handle).utf8_to_string()}.");
}

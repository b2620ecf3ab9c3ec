using SQLitePCL;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>Writes entries by prepared statements, a batch in one transaction.</summary>
internal sealed class SqliteWriter(SqliteSession session) : IEntryWriter
{
    private readonly sqlite3_stmt _begin = session.Prepare("BEGIN IMMEDIATE");
    private readonly sqlite3_stmt _put = session.Prepare("INSERT OR REPLACE INTO t (k, v) VALUES (?1, ?2)");
    private readonly sqlite3_stmt _commit = session.Prepare("COMMIT");
    private bool _isOpen;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        session.Bind(_put, 1, key);
        session.Bind(_put, 2, value);
        session.Run(_put);
    }

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_isOpen) session.Run(_begin);
        _isOpen = true;
        Put(key, value);
    }

    public void Commit()
    {
        session.Run(_commit);
        _isOpen = false;
    }

    public void Dispose() => session.Dispose();
}

/// <summary>Looks up keys inside one transaction, so that a read takes no lock of its own.</summary>
internal sealed class SqliteReader : IPointReader
{
    private readonly SqliteSession _session;
    private readonly sqlite3_stmt _get;
    private bool _isOnRow;

    public SqliteReader(SqliteSession session)
    {
        (_session, _get) = (session, session.Prepare("SELECT v FROM t WHERE k = ?1"));
        session.Execute("BEGIN");
    }

    public bool TryRead(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (_isOnRow) _session.Reset(_get);
        _session.Bind(_get, 1, key);
        _isOnRow = _session.Step(_get);
        if (!_isOnRow) _session.Reset(_get);
        value = _isOnRow ? raw.sqlite3_column_blob(_get, 0) : default;
        return _isOnRow;
    }

    public void Dispose()
    {
        if (_isOnRow) _session.Reset(_get);
        _session.Execute("COMMIT");
        _session.Dispose();
    }
}

/// <summary>Walks the table by its primary key.</summary>
internal sealed class SqliteScan(SqliteSession session, bool descending) : IEntryScan
{
    private readonly sqlite3_stmt _select = session.Prepare($"SELECT k, v FROM t ORDER BY k{(descending ? " DESC" : "")}");

    public ReadOnlySpan<byte> Key => raw.sqlite3_column_blob(_select, 0);

    public ReadOnlySpan<byte> Value => raw.sqlite3_column_blob(_select, 1);

    public bool MoveNext() => session.Step(_select);

    public void Dispose() => session.Dispose();
}

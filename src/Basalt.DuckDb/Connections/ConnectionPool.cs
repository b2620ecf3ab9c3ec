namespace Basalt.DuckDb.Connections;

/// <summary>
/// Connections to one database that are used again. The database is closed when the pool is disposed and the last connection has come back: a scan that is under way ends in order. Thread-safe.
/// </summary>
internal sealed class ConnectionPool(DuckDatabase database, IDisposable taken) : IDisposable
{
    private const int MostIdle = 16;
    private readonly Lock _gate = new();
    private readonly Stack<DuckConnection> _idle = new();
    private int _leased;
    private bool _isDisposed;

    /// <summary>A connection, to be given back by disposing the lease.</summary>
    public Lease Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(DuckDbBackend));
            var connection = _idle.TryPop(out var idle) ? idle : database.Connect();
            _leased++;
            return new Lease(this, connection);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            foreach (var connection in _idle) connection.Dispose();
            _idle.Clear();
            if (_leased == 0) Close();
        }
    }

    private void GiveBack(DuckConnection connection, bool isClean)
    {
        lock (_gate)
        {
            _leased--;
            if (isClean && !_isDisposed && _idle.Count < MostIdle) _idle.Push(connection);
            else connection.Dispose();
            if (_isDisposed && _leased == 0) Close();
        }
    }

    private void Close()
    {
        try
        {
            database.Dispose();
        }
        finally
        {
            taken.Dispose();
        }
    }

    /// <summary>A connection in use.</summary>
    internal sealed class Lease(ConnectionPool pool, DuckConnection connection) : IDisposable
    {
        private bool _isBack;

        public DuckConnection Connection { get; } = connection;

        /// <summary>Whether the connection is in no transaction, so that it can be used again.</summary>
        public bool IsClean { get; set; } = true;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (_isBack) return;
            _isBack = true;
            pool.GiveBack(Connection, IsClean);
        }
    }
}

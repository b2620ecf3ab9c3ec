namespace Basalt.Cli.Bench.Lsm;

/// <summary>
/// A table <c>(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID</c> of SQLite in WAL mode. Each reader, scan and writer has a connection of its own,
/// so that between phases nothing of it is in memory.
/// </summary>
internal sealed class SqliteContender : IContender
{
    private readonly string _path;
    private readonly Workload _workload;

    public SqliteContender(string folder, Workload workload)
    {
        Directory.CreateDirectory(folder);
        (Folder, _path, _workload) = (folder, Path.Combine(folder, "bench.db"), workload);
        using var session = Open();
        session.Execute("CREATE TABLE IF NOT EXISTS t (k BLOB NOT NULL PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
    }

    public string Name => "sqlite";

    public string Folder { get; }

    public long? WrittenBytes => null;

    public long? HighestMemory => null;

    // Connections of their own wait for each other by sleeping; a lock in front of one connection hands over at once.
    public IReadOnlyList<WritingWay> ConcurrentWays
    {
        get
        {
            SharedWriter? shared = null;
            return [new("own connections", OpenWriter), new("one connection behind a lock", () => (shared ??= new SharedWriter(OpenWriter())).Join())];
        }
    }

    public IEntryWriter OpenWriter() => new SqliteWriter(Open());

    public IBulkWriter? OpenBulk() => null;

    public IPointReader OpenReader() => new SqliteReader(Open());

    public IEntryScan OpenScan(bool descending) => new SqliteScan(Open(), descending);

    public void Compact(CancellationToken cancellationToken)
    {
        using var session = Open();
        using var interrupt = cancellationToken.Register(session.Interrupt);
        try
        {
            session.Execute("VACUUM");
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Dispose()
    {
        // Connections are closed by those who asked for them.
    }

    private SqliteSession Open() => new(_path, _workload);

    /// <summary>One writer for many threads; the last one that leaves closes it.</summary>
    private sealed class SharedWriter(IEntryWriter writer) : IEntryWriter
    {
        private readonly Lock _gate = new();
        private int _members;

        public SharedWriter Join()
        {
            _members++;
            return this;
        }

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            lock (_gate) writer.Put(key, value);
        }

        public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => throw new NotSupportedException("A shared connection has no batch of one thread.");

        public void Commit() => throw new NotSupportedException("A shared connection has no batch of one thread.");

        public void Dispose()
        {
            if (--_members == 0) writer.Dispose();
        }
    }
}

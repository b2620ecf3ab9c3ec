using Basalt.DuckDb;
using Basalt.DuckDb.Connections;

namespace Basalt.Tests.DuckDb;

/// <summary>A database in a file of DuckDB, in a folder of its own.</summary>
internal sealed class BackendFixture : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-duckdb-tests-").FullName;

    public BackendFixture()
    {
        DuckFixture.Require();
        Path = System.IO.Path.Combine(_folder, "things.db");
        (Backend, Database) = Open();
    }

    public string Path { get; }

    public DuckDbBackend Backend { get; private set; }

    public Database Database { get; private set; }

    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        (Backend, Database) = Open();
    }

    /// <summary>Runs SQL over the closed file, as another program would, and opens the database again.</summary>
    public async Task<T> WithSqlAsync<T>(Func<DuckConnection, T> work)
    {
        await Database.DisposeAsync();
        T answer;
        using (var database = DuckDatabase.Open(Path, new DuckSettings()))
        using (var connection = database.Connect())
            answer = work(connection);
        (Backend, Database) = Open();
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private (DuckDbBackend Backend, Database Database) Open()
    {
        var backend = DuckDbBackend.Open(new DuckDbOptions { Path = Path, Threads = 2 });
        return (backend, Database.Over(backend));
    }
}

using Basalt.Backends;
using Basalt.DuckDb;
using Basalt.DuckDb.Native;

namespace Basalt.Conformance.Tests;

/// <summary>A file of DuckDB of its own; skipped where DuckDB's library is not installed.</summary>
public sealed class DuckDbConformance : BackendConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-conformance-").FullName;

    protected override int Cases => 150;

    protected override ValueTask<IBackend> OpenEmptyAsync()
    {
        Assert.SkipWhen(DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");
        return ReopenAsync();
    }

    protected override ValueTask<IBackend> ReopenAsync() => ValueTask.FromResult<IBackend>(DuckDbBackend.Open(new DuckDbOptions { Path = Path.Combine(_folder, "things.db"), Threads = 2 }));

    protected override ValueTask CleanUpAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

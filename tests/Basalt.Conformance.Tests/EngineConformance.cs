using Basalt.Backends;
using Basalt.Engine;
using Basalt.Engine.Changes;

namespace Basalt.Conformance.Tests;

/// <summary>The engine over a folder of its own; with small memtables most of it is in tables.</summary>
public abstract class EngineConformanceOf(long memtableBytes, ChangeRetention? changes = null) : BackendConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-conformance-").FullName;

    protected override ValueTask<IBackend> OpenEmptyAsync() => ReopenAsync();

    protected override ValueTask<IBackend> ReopenAsync() =>
        ValueTask.FromResult<IBackend>(EngineBackend.Open(new EngineOptions { Path = _folder, TimeProvider = Clock, MemtableBytes = memtableBytes, Changes = changes }));

    protected override ValueTask CleanUpAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class EngineConformance() : EngineConformanceOf(0);

/// <summary>Every change is kept.</summary>
public sealed class EngineWithChangesConformance() : EngineConformanceOf(64 << 10, new ChangeRetention { Age = TimeSpan.FromDays(1000) });

public sealed class EngineOfSmallTablesConformance() : EngineConformanceOf(4096);

using Basalt.Engine;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Engine;

/// <summary>A database of the engine on a disk in memory, with small memtables, that can be closed and opened.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private readonly MemoryFileSystem _disk = new();
    private readonly long _memtableBytes;

    private EngineFixture(long memtableBytes) => _memtableBytes = memtableBytes;

    public Database Database { get; private set; } = null!;

    public EngineBackend Backend { get; private set; } = null!;

    public static async Task<EngineFixture> OpenAsync(long memtableBytes = 16 << 10)
    {
        var fixture = new EngineFixture(memtableBytes);
        await fixture.ReopenAsync();
        return fixture;
    }

    public async Task ReopenAsync()
    {
        if (Database is not null) await Database.DisposeAsync();
        Backend = EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = _disk, MemtableBytes = _memtableBytes });
        Database = Database.Over(Backend);
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

using Basalt.Engine;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Engine;

/// <summary>A database of the engine on a disk in memory, with small memtables, that can be closed and opened.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private readonly MemoryFileSystem _disk = new();
    private readonly long _memtableBytes;
    private readonly TimeProvider _clock;

    private readonly int _recallEvery;

    private EngineFixture(long memtableBytes, int recallEvery, TimeProvider clock) => (_memtableBytes, _recallEvery, _clock) = (memtableBytes, recallEvery, clock);

    public Database Database { get; private set; } = null!;

    public EngineBackend Backend { get; private set; } = null!;

    public static async Task<EngineFixture> OpenAsync(long memtableBytes = 16 << 10, int recallEvery = 0, TimeProvider? clock = null)
    {
        var fixture = new EngineFixture(memtableBytes, recallEvery, clock ?? TimeProvider.System);
        await fixture.ReopenAsync();
        return fixture;
    }

    public async Task ReopenAsync()
    {
        if (Database is not null) await Database.DisposeAsync();
        Open();
    }

    /// <summary>Puts sections in the place of the only index of a collection that are made of another field.</summary>
    public async Task SpoilAsync(string collection, IndexDefinition wrong)
    {
        await Database.DisposeAsync();
        using (var store = LsmStore.Open(new LsmOptions { Folder = "db", FileSystem = _disk }))
        {
            var opened = Catalogue.Open(store, new SidecarRegistry()).Collections[collection];
            using var snapshot = store.Snapshot();
            foreach (var table in opened.Tree.Tables(snapshot)) store.RebuildSidecar(opened.Tree, table.Number, SidecarRegistry.Sidecar(opened, opened.Indexes[0] with { Definition = wrong }));
        }

        Open();
    }

    private void Open()
    {
        Backend = EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = _disk, MemtableBytes = _memtableBytes, RecallEvery = _recallEvery, TimeProvider = _clock });
        Database = Database.Over(Backend, new DatabaseOptions { TimeProvider = _clock });
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

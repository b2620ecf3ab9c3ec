using System.Diagnostics.Metrics;
using Basalt.Backends;
using Basalt.Engine;
using Basalt.Indexes;
using Basalt.Lsm.IO;
using Basalt.Records;
using Basalt.Tests.Lsm;

namespace Basalt.Tests.Engine;

public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_writes_by_a_code_of_its_own_and_is_left_behind_when_there_is_space()
    {
        var (isFull, time) = (false, new ManualTime());
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation => isFull && operation.Kind is FileOperationKind.Write or FileOperationKind.Create && isFull ? DiskSpace.Fault(operation.Path) : null);
        await using var database = Database.Over(EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = disk, TimeProvider = time }), new DatabaseOptions { TimeProvider = time });
        var things = database.Collection("things");
        await things.CreateAsync(new Record { Id = "a" }, Cancel);
        Assert.Equal(HealthLevel.Healthy, (await database.CheckAsync(Cancel)).Level);

        isFull = true;
        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<BasaltException>(() => things.CreateAsync(new Record { Id = "b" }, Cancel).AsTask());
            Assert.Equal((ErrorCode.DiskFull, false), (refused.Code, refused.IsTransient));
            Assert.Contains("Free some space", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(ErrorCode.DiskFull, (await Assert.ThrowsAsync<BasaltException>(() => database.CreateCollectionAsync("other", null, Cancel).AsTask())).Code);
        Assert.Equal(1, await things.CountAsync(null, Cancel));
        Assert.NotNull(await things.GetAsync("a", Cancel));
        var health = await database.CheckAsync(Cancel);
        Assert.Equal((HealthLevel.Unhealthy, (object)true), (health.Level, health.Data["is_disk_full"]));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HealthLevel.Unhealthy, (await database.CheckAsync(Cancel)).Level);

        isFull = false;
        Assert.Equal(ErrorCode.DiskFull, (await Assert.ThrowsAsync<BasaltException>(() => things.CreateAsync(new Record { Id = "b" }, Cancel).AsTask())).Code);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthLevel.Healthy, (await database.CheckAsync(Cancel)).Level);
        await things.CreateAsync(new Record { Id = "b" }, Cancel);
        Assert.Equal(2, await things.CountAsync(null, Cancel));
        Assert.Empty(((EngineBackend)database.Backend).Verify(null, Cancel));
    }

    [Fact]
    public async Task A_poisoned_database_is_unhealthy_and_says_why()
    {
        var fails = false;
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation => fails && operation.Kind == FileOperationKind.Sync);
        await using var database = Database.Over(EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = disk }));
        fails = true;
        Assert.Equal(ErrorCode.Unavailable, (await Assert.ThrowsAsync<BasaltException>(() => database.Collection("c").CreateAsync(new Record(), Cancel).AsTask())).Code);
        var health = await database.CheckAsync(Cancel);
        Assert.Equal((HealthLevel.Unhealthy, (object)true, (object)false), (health.Level, health.Data["is_poisoned"], health.Data["is_disk_full"]));
        Assert.Contains("Injected fault", health.Description, StringComparison.Ordinal);
        Assert.Equal(1, Read("basalt.poisoned", "db"));
    }

    [Fact]
    public async Task Every_figure_changes_when_what_it_tells_of_does()
    {
        var folder = $"db-{Guid.NewGuid():N}";
        var memory = new MemoryFileSystem { Free = 10L << 30 };
        await using (var database = Database.Over(EngineBackend.Open(new EngineOptions { Path = folder, FileSystem = memory, MemoryBytes = 64 << 20 })))
        {
            Assert.Equal((10L << 30, 64L << 20, 0, 0, 0, 0), (Read("basalt.disk.free", folder), Read("basalt.memory.limit", folder), Read("basalt.index.pending", folder), Read("basalt.write.pressure", folder), Read("basalt.disk.full", folder), Read("basalt.poisoned", folder)));
            memory.Free = 10 << 20;
            Assert.Equal(10 << 20, Read("basalt.disk.free", folder));
            var health = await database.CheckAsync(Cancel);
            Assert.Equal(HealthLevel.Degraded, health.Level);
            Assert.Contains("10 MiB are left", health.Description, StringComparison.Ordinal);

            var used = Read("basalt.memory.used", folder);
            var things = database.Collection("things");
            await things.CreateManyAsync([.. Enumerable.Range(0, 200).Select(static i => new Record { Id = $"{i:000}", ["text"] = new string('x', 4000) })], cancellationToken: Cancel);
            Assert.True(Read("basalt.memory.used", folder) > used);
            var backend = (EngineBackend)database.Backend;
            backend.Compact(Cancel);
            // The section comes later than the index: by a thread that waits for a moment without writes.
            await things.CreateIndexAsync(new IndexDefinition(IndexKind.Text, "text"), Cancel);
            Assert.Equal(200, Read("basalt.index.pending", folder));
            await things.SettleIndexesAsync(null, Cancel);
            Assert.Equal(0, Read("basalt.index.pending", folder));
        }

        Assert.Null(Read("basalt.disk.free", folder));
    }

    /// <summary>What a gauge of a database says; null when it says nothing.</summary>
    private static long? Read(string instrument, string folder)
    {
        long? read = null;
        using var listener = new MeterListener { InstrumentPublished = (found, listener) => { if (found.Meter.Name == "Basalt" && found.Name == instrument) listener.EnableMeasurementEvents(found); } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var (name, of) in tags)
                if (name == "basalt.folder" && of is string at && at == folder) read = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}

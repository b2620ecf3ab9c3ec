using Basalt.Backends;
using Basalt.Backends.Memory;
using Basalt.Conformance;
using Basalt.Schemas;

namespace Basalt.Tests.Door;

public sealed class DatabaseTests
{
    [Fact]
    public async Task Database_opens_by_address_and_refuses_what_it_does_not_know()
    {
        await using (var db = await Database.OpenAsync("memory:#ignored"))
        {
            Assert.Equal("memory", db.Capabilities.Scheme);
            Assert.Empty(await db.ListCollectionsAsync());
        }

        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await Database.OpenAsync("nosql:x"));
        Assert.Equal(ErrorCode.InvalidOptions, fault.Code);
        Assert.Contains("memory:", fault.Message);
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await Database.OpenAsync("memory:x"))).Code);
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await Database.OpenAsync("memory:?x=1"))).Code);
    }

    [Fact]
    public async Task Options_are_checked_when_the_database_is_opened()
    {
        foreach (var options in new[] { new DatabaseOptions { TimeProvider = null! }, new DatabaseOptions { Backends = null! }, new DatabaseOptions { LoggerFactory = null! }, new DatabaseOptions { Validation = (Validation)99 } })
        {
            Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await Database.OpenAsync("memory:", options))).Code);
            Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => Database.Over(new MemoryBackend(), options)).Code);
        }
    }

    [Fact]
    public async Task A_set_of_backends_takes_one_more_and_replaces_one_of_the_same_name()
    {
        var set = BackendSet.Default.With(new BackendScheme("mine", "mine:", "a test", static (_, _, _) => ValueTask.FromResult<IBackend>(new MemoryBackend())));
        await using var db = await Database.OpenAsync("mine:anything?x=1", new DatabaseOptions { Backends = set });
        Assert.Equal(["memory", "file", "mine"], set.Schemes.Select(static scheme => scheme.Name));
        Assert.DoesNotContain("mine", BackendSet.Default.Schemes.Select(static scheme => scheme.Name));
        Assert.Equal(3, set.With(new BackendScheme("mine", "mine:", "another", static (_, _, _) => throw new NotSupportedException())).Schemes.Count);
    }

    [Fact]
    public async Task Disposing_the_database_disposes_the_backend()
    {
        var backend = new MemoryBackend();
        await Database.Over(backend).DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await backend.PingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Schema_is_that_of_the_collection_after_it_was_dropped_and_made_anew()
    {
        await using var db = Database.Over(new MemoryBackend());
        var things = db.Collection("things");
        Assert.Equal(Schema.Any, await things.SchemaAsync());
        await db.CreateCollectionAsync("things", new Schema([new Field("n", FieldType.Int64)], isOpen: false));
        await Assert.ThrowsAsync<BasaltException>(async () => await things.CreateAsync(new Record { ["x"] = 1 }));
        await db.DropCollectionAsync("things");
        await things.CreateAsync(new Record { ["x"] = 1 });
        await db.DropCollectionAsync("things");
        await db.CreateCollectionAsync("things", new Schema([new Field("y", FieldType.Int64)], isOpen: false));
        await Assert.ThrowsAsync<BasaltException>(async () => await things.CreateAsync(new Record { ["x"] = 1 }));
        Assert.Equal(1, await things.CountAsync() + (await things.CreateAsync(new Record { ["y"] = 1 }))["y"].AsInt64);
    }

    [Fact]
    public async Task Limit_on_a_record_counts_bytes_and_refuses_before_io()
    {
        var backend = new CountingBackend(new DisguisedBackend(new MemoryBackend(), new Disguise(1) { MaxRecordBytes = 100 }));
        await using var db = Database.Over(backend);
        var things = db.Collection("things");
        await things.CreateAsync(new Record { Id = "a", ["v"] = new string('x', 70) });
        var calls = backend.DataCalls;
        foreach (var text in new[] { new string('x', 90), new string('日', 40) })
        {
            var fault = await Assert.ThrowsAsync<BasaltException>(async () => await things.CreateAsync(new Record { Id = "b", ["v"] = text }));
            Assert.Equal(ErrorCode.InvalidRecord, fault.Code);
            Assert.Contains("100 bytes", fault.Message);
        }

        Assert.Equal(calls, backend.DataCalls);
    }

    [Fact]
    public async Task Batch_that_stops_at_a_record_that_breaks_the_schema_writes_what_came_before()
    {
        await using var db = Database.Over(new MemoryBackend());
        await db.CreateCollectionAsync("things", new Schema([new Field("n", FieldType.Int64) { IsUnique = true }]));
        var things = db.Collection("things");
        Record[] records = [new() { Id = "a", ["n"] = 1 }, new() { Id = "b", ["n"] = "x" }, new() { Id = "c", ["n"] = 3 }];
        var stopped = await things.CreateManyAsync(records, new BatchOptions { OnFailure = OnFailure.Stop });
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.NotTried], stopped.Select(static item => item.Status));
        var rolledBack = await things.UpsertManyAsync([new() { Id = "d" }, .. records], new BatchOptions { OnFailure = OnFailure.Rollback });
        Assert.Equal([ItemStatus.NotTried, ItemStatus.NotTried, ItemStatus.Failed, ItemStatus.NotTried], rolledBack.Select(static item => item.Status));
        Assert.Equal(1, await things.CountAsync());
        var repeated = await things.UpsertManyAsync([new() { Id = "e", ["n"] = 7 }, new() { Id = "f", ["n"] = 7 }, new() { Id = "g" }, new() { Id = "h" }]);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.Done, ItemStatus.Done], repeated.Select(static item => item.Status));
    }

    [Fact]
    public async Task Refusals_name_the_operation()
    {
        var disguised = new DisguisedBackend(new MemoryBackend(), new Disguise(1));
        await using var db = Database.Over(disguised);
        var begin = await Assert.ThrowsAsync<BasaltException>(async () => await db.BeginAsync());
        Assert.Equal(("memory", "begin"), (begin.Backend, begin.Operation));
        var batch = await Assert.ThrowsAsync<BasaltException>(async () => await db.Collection("x").UpsertManyAsync([], new BatchOptions { OnFailure = OnFailure.Rollback }));
        Assert.Equal("upsert_many", batch.Operation);

        await using var single = Database.Over(new DisguisedBackend(new MemoryBackend(), new Disguise(1) { HoldsOneCollection = true }));
        await single.CreateCollectionAsync("first");
        Assert.False(await single.CreateCollectionAsync("first"));
        var second = await Assert.ThrowsAsync<BasaltException>(async () => await single.CreateCollectionAsync("second"));
        Assert.Equal((ErrorCode.Unsupported, "create_collection"), (second.Code, second.Operation));
    }
}

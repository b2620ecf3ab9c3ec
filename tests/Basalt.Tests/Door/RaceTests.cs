using Basalt.Backends;
using Basalt.Backends.Memory;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.Door;

/// <summary>What the door does when another writer comes in between.</summary>
public sealed class RaceTests : IAsyncDisposable
{
    private readonly MemoryBackend _backend = new();

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task Patch_starts_over_from_what_another_writer_left()
    {
        var others = await OthersAsync();
        var interventions = 0;
        var things = Intervene("WriteAsync", () => interventions++ < 3 ? others.PatchAsync("a", Patch.Add("n", 10)).AsTask() : Task.CompletedTask);
        var patched = await things.PatchAsync("a", Patch.Add("n", 1));
        Assert.Equal(32, patched!["n"]);
    }

    [Fact]
    public async Task Patch_gives_up_when_others_always_come_first_and_changes_nothing()
    {
        var others = await OthersAsync();
        var interventions = 0;
        var things = Intervene("WriteAsync", () =>
        {
            interventions++;
            return others.PatchAsync("a", Patch.Add("n", 10)).AsTask();
        });
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await things.PatchAsync("a", Patch.Add("n", 1)));
        Assert.Equal(ErrorCode.Conflict, fault.Code);
        Assert.Equal(16, interventions);
        Assert.Equal(161, (await others.GetRequiredAsync("a"))["n"]);
    }

    [Fact]
    public async Task Patch_at_a_version_does_not_start_over()
    {
        var others = await OthersAsync();
        var version = (await others.GetRequiredAsync("a")).Version;
        var things = Intervene("WriteAsync", () => others.PatchAsync("a", Patch.Add("n", 10)).AsTask());
        await Assert.ThrowsAsync<BasaltException>(async () => await things.PatchAsync("a", Patch.Add("n", 1), version));
        Assert.Equal(11, (await others.GetRequiredAsync("a"))["n"]);
    }

    [Fact]
    public async Task Patch_of_a_record_that_is_deleted_meanwhile_is_null()
    {
        var others = await OthersAsync();
        var things = Intervene("WriteAsync", () => others.DeleteAsync("a").AsTask());
        Assert.Null(await things.PatchAsync("a", Patch.Add("n", 1)));
    }

    [Fact]
    public async Task Changes_by_filter_skip_what_no_longer_matches_and_count_what_they_changed()
    {
        var others = await OthersAsync();
        var interventions = 0;
        var things = Intervene("WriteAsync", async () =>
        {
            if (interventions++ > 0) return;
            await others.PatchAsync("a", Patch.Set("n", 100));
            await others.PatchAsync("b", Patch.Set("other", true));
            await others.DeleteAsync("c");
        });
        Assert.Equal(2, await things.UpdateWhereAsync(Filter.Parse("n < 50"), Patch.Set("seen", true)));
        Assert.Equal(["b", "d"], (await others.QueryAsync(Query.Where("seen = true"))).Records.Select(static record => record.Id));
        Assert.True((await others.GetRequiredAsync("b"))["other"].AsBool);
    }

    [Fact]
    public async Task Deletes_by_filter_leave_what_no_longer_matches()
    {
        var others = await OthersAsync();
        var interventions = 0;
        var things = Intervene("WriteAsync", async () =>
        {
            if (interventions++ > 0) return;
            await others.PatchAsync("a", Patch.Set("n", 100));
            await others.PatchAsync("b", Patch.Set("other", true));
        });
        Assert.Equal(3, await things.DeleteWhereAsync(Filter.Parse("n < 50")));
        Assert.Equal("a", Assert.Single((await others.QueryAsync(Query.All)).Records).Id);
    }

    [Fact]
    public async Task A_schema_that_is_replaced_while_it_is_looked_up_is_not_kept()
    {
        Database? database = null;
        var replaced = false;
        var backend = InterveningBackend.Over(_backend, static _ => { }, name =>
        {
            if (name != "DescribeAsync" || replaced) return;
            replaced = true;
            Assert.True(database!.DropCollectionAsync("things").AsTask().IsCompletedSuccessfully);
            Assert.True(database.CreateCollectionAsync("things", new Schema([new Field("new", FieldType.String)])).AsTask().IsCompletedSuccessfully);
        });
        database = Database.Over(backend);
        await database.CreateCollectionAsync("things", new Schema([new Field("old", FieldType.String)]));
        await database.Collection("things").SchemaAsync();
        Assert.True(replaced);
        Assert.Equal("new", Assert.Single((await database.Collection("things").SchemaAsync()).Fields).Name);
    }

    private async Task<Collection> OthersAsync()
    {
        var others = Database.Over(_backend).Collection("things");
        await others.CreateManyAsync([.. "abcd".Select(static (id, i) => new Record { Id = $"{id}", ["n"] = i + 1 })]);
        return others;
    }

    private Collection Intervene(string before, Func<Task> action)
    {
        // The memory backend answers at once, so nothing is waited for.
        var backend = InterveningBackend.Over(_backend, name =>
        {
            if (name == before) Assert.True(action().IsCompletedSuccessfully);
        });
        return Database.Over(backend).Collection("things");
    }
}

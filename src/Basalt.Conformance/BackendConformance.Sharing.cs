namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Second_handle_shares_the_database_or_is_refused()
    {
        if (Capabilities.Durability != Durability.Synced)
        {
            Assert.False(Capabilities.SharedByProcesses, "What lives in one process cannot be shared by several.");
            return;
        }

        var first = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        if (!Capabilities.SharedByProcesses)
        {
            var locked = await FailsAsync(ErrorCode.Locked, async () =>
            {
                await using var second = Database.Over(await ReopenAsync());
                await second.Collection(CollectionName).UpsertAsync(new Record { Id = "b" }, null, Cancel);
            });
            Assert.True(locked.IsTransient);
            Assert.Equal("a", await IdsAsync(Query.All));
            return;
        }

        await using var other = Database.Over(await ReopenAsync(), new DatabaseOptions { TimeProvider = Clock });
        var theirs = other.Collection(CollectionName);
        AssertSame(first, await theirs.GetAsync("a", Cancel));
        var versions = new List<long> { first.Version };
        for (var round = 0; round < 5; round++)
        {
            versions.Add((await theirs.PatchAsync("a", Patch.Add("n", 1), null, Cancel))!.Version);
            versions.Add((await Things.PatchAsync("a", Patch.Add("n", 1), null, Cancel))!.Version);
            versions.Add((await theirs.CreateAsync(new Record { Id = $"b{round}" }, Cancel)).Version);
            await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { Id = $"b{round}" }, Cancel));
        }

        Assert.Equal(versions.Distinct(), versions);
        Assert.Equal(11, (await Things.GetRequiredAsync("a", Cancel))["n"]);
        await FailsAsync(ErrorCode.Conflict, () => theirs.UpdateAsync(new Record { Id = "a" }, first.Version, Cancel));

        var done = await InParallelAsync(4, async worker =>
        {
            var mine = worker % 2 == 0 ? Things : theirs;
            for (var i = 0; i < 10; i++) await mine.CreateAsync(new Record { Id = $"{worker}-{i}" }, Cancel);
            return 10;
        });
        Assert.Equal(6 + done.Sum(), await Things.CountAsync(null, Cancel));
        AssertSame(await StreamAsync(Query.All), (await theirs.QueryAsync(Query.All, Cancel)).Records, "by the other handle");
    }
}

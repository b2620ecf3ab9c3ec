namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Conditional_update_happens_only_at_the_expected_version()
    {
        var first = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        var second = await Things.UpdateAsync(new Record { Id = "a", ["n"] = 2 }, first.Version, Cancel);
        Assert.NotNull(second);

        var conflict = await FailsAsync(ErrorCode.Conflict, () => Things.UpdateAsync(new Record { Id = "a", ["n"] = 3 }, first.Version, Cancel));
        Assert.True(conflict.IsTransient);
        AssertSame(second, await Things.GetAsync("a", Cancel));
        Assert.Null(await Things.UpdateAsync(new Record { Id = "b" }, second.Version, Cancel));
    }

    [Fact]
    public virtual async Task Conditional_upsert_with_0_expects_that_there_is_none()
    {
        var first = await Things.UpsertAsync(new Record { Id = "a", ["n"] = 1 }, 0, Cancel);
        await FailsAsync(ErrorCode.Conflict, () => Things.UpsertAsync(new Record { Id = "a", ["n"] = 2 }, 0, Cancel));
        await FailsAsync(ErrorCode.Conflict, () => Things.UpsertAsync(new Record { Id = "b" }, first.Version, Cancel));
        Assert.NotNull(await Things.UpsertAsync(new Record { Id = "a", ["n"] = 3 }, first.Version, Cancel));
        Assert.Null(await Things.GetAsync("b", Cancel));
    }

    [Fact]
    public virtual async Task Conditional_delete_and_patch_happen_only_at_the_expected_version()
    {
        var first = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        var second = await Things.PatchAsync("a", Patch.Add("n", 1), first.Version, Cancel);
        Assert.NotNull(second);
        await FailsAsync(ErrorCode.Conflict, () => Things.PatchAsync("a", Patch.Add("n", 1), first.Version, Cancel));
        await FailsAsync(ErrorCode.Conflict, () => Things.DeleteAsync("a", first.Version, Cancel));
        Assert.True(await Things.DeleteAsync("a", second.Version, Cancel));
        Assert.False(await Things.DeleteAsync("a", second.Version, Cancel));
    }

    [Fact]
    public virtual async Task Version_is_never_used_again()
    {
        var versions = new List<long>();
        for (var round = 0; round < 3; round++)
        {
            versions.Add((await Things.CreateAsync(new Record { Id = "a", ["n"] = round }, Cancel)).Version);
            versions.Add((await Things.UpsertAsync(new Record { Id = "a", ["n"] = round }, null, Cancel)).Version);
            if (round == 1 && Capabilities.Durability == Durability.Synced) await ReopenDatabaseAsync();
            var stale = versions[0];
            if (round > 0) await FailsAsync(ErrorCode.Conflict, () => Things.UpdateAsync(new Record { Id = "a" }, stale, Cancel));
            Assert.True(await Things.DeleteAsync("a", null, Cancel));
            if (round == 1 && Capabilities.Durability == Durability.Synced) await ReopenDatabaseAsync();
        }

        Assert.Equal(versions.Distinct(), versions);
    }
}

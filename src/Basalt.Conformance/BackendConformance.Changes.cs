using Basalt.Changes;

namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Changes_are_refused_before_any_call_where_they_are_not_declared()
    {
        if (await RefusesChangesAsync()) return;
        Assert.Empty(await ChangesAsync(await Database.ChangeTokenAsync(Cancel)));
    }

    [Fact]
    public virtual async Task Changes_come_once_each_in_the_order_of_their_commits_with_what_they_left()
    {
        if (await RefusesChangesAsync()) return;
        var start = await Database.ChangeTokenAsync(Cancel);
        var a = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1, Metadata = Map("by", "me") }, Cancel);
        var patched = await Things.PatchAsync("a", Patch.Set("n", 2), null, Cancel);
        await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { Id = "a" }, Cancel));
        await Things.UpsertManyAsync([new Record { Id = "b" }, new Record { Id = "b", ["n"] = 2 }], cancellationToken: Cancel);
        Assert.True(await Things.DeleteAsync("a", null, Cancel));
        Assert.False(await Things.DeleteAsync("a", null, Cancel));

        var changes = await ChangesAsync(start);
        Assert.Equal([(ChangeKind.Create, "a"), (ChangeKind.Update, "a"), (ChangeKind.Create, "b"), (ChangeKind.Update, "b"), (ChangeKind.Delete, "a")], changes.Select(static change => (change.Kind, change.Id)));
        AssertSame(a, changes[0].Record);
        AssertSame(patched!, changes[1].Record);
        Assert.Null(changes[^1].Record);
        Assert.Equal(patched!.Version, changes[^1].Version);
        Assert.All(changes, change => Assert.Equal((CollectionName, Clock.Now), (change.Collection, change.Time)));
        Assert.All(changes.SkipLast(1), static change => Assert.Equal(change.Record!.Version, change.Version));
        for (var i = 0; i < changes.Count; i++) Assert.Equal(changes.Skip(i + 1).Select(static change => change.Token), (await ChangesAsync(changes[i].Token)).Select(static change => change.Token));
        Assert.Equal(changes[^1].Token, await Database.ChangeTokenAsync(Cancel));
    }

    [Fact]
    public virtual async Task Changes_of_a_transaction_come_with_its_commit_and_none_with_a_rollback()
    {
        if (await RefusesChangesAsync() || await RefusesTransactionsAsync()) return;
        var start = await Database.ChangeTokenAsync(Cancel);
        await using (var undone = await Database.BeginAsync(Cancel)) await undone.Collection(CollectionName).CreateAsync(new Record { Id = "never" }, Cancel);
        await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "a" }], new BatchOptions { OnFailure = Backends.OnFailure.Rollback }, Cancel);
        await using var transaction = await Database.BeginAsync(Cancel);
        await transaction.Collection(CollectionName).CreateAsync(new Record { Id = "b" }, Cancel);
        Assert.Empty(await ChangesAsync(start));
        await transaction.CommitAsync(Cancel);
        Assert.Equal(["b"], (await ChangesAsync(start)).Select(static change => change.Id));
    }

    [Fact]
    public virtual async Task Changes_tell_of_dropped_collections_and_survive_a_reopening()
    {
        if (await RefusesChangesAsync()) return;
        var start = await Database.ChangeTokenAsync(Cancel);
        await SeedAsync(new Record { Id = "a" });
        Assert.True(await Database.DropCollectionAsync(CollectionName, Cancel));
        await SeedAsync(new Record { Id = "b", ["other"] = 1 });
        if (Capabilities.Durability == Backends.Durability.Synced) await ReopenDatabaseAsync();
        var changes = await ChangesAsync(start);
        Assert.Equal([(ChangeKind.Create, "a"), (ChangeKind.Drop, ""), (ChangeKind.Create, "b")], changes.Select(static change => (change.Kind, change.Id)));
        Assert.Equal(1, changes[2].Record!["other"]);
    }

    [Fact]
    public virtual async Task Changes_that_are_followed_come_as_they_happen()
    {
        if (await RefusesChangesAsync()) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var start = await Database.ChangeTokenAsync(Cancel);
        var seen = 0;
        await Things.CreateAsync(new Record { Id = "0" }, Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var change in Database.ChangesAsync(start, follow: true, stop.Token))
            {
                Assert.Equal($"{seen}", change.Id);
                if (++seen == 20) await stop.CancelAsync();
                // Written by another thread, while this one waits.
                else _ = Task.Run(() => Things.CreateAsync(new Record { Id = $"{seen}" }, Cancel).AsTask(), Cancel);
            }
        });
        Assert.Equal(20, seen);
    }

    [Fact]
    public virtual async Task Changes_behind_a_token_of_another_database_are_refused()
    {
        if (await RefusesChangesAsync()) return;
        await SeedAsync(new Record { Id = "a" });
        var token = await Database.ChangeTokenAsync(Cancel);
        foreach (var wrong in new[] { "", "x", token + "0", "0" + token, token[..^1] + "-1", $"{Guid.Empty:N}.1" })
            await FailsAsync(ErrorCode.InvalidQuery, async () => { await ChangesAsync(wrong); });
    }

    /// <summary>The changes behind a token.</summary>
    protected async Task<IReadOnlyList<Change>> ChangesAsync(string? after)
    {
        var changes = new List<Change>();
        await foreach (var change in Database.ChangesAsync(after, cancellationToken: Cancel)) changes.Add(change);
        return changes;
    }

    private async Task<bool> RefusesChangesAsync()
    {
        if (Capabilities.Changes) return false;
        var before = Backend.Calls;
        await FailsAsync(ErrorCode.Unsupported, async () => { await ChangesAsync(null); });
        await FailsAsync(ErrorCode.Unsupported, () => Database.ChangeTokenAsync(Cancel));
        Assert.Equal(before, Backend.Calls);
        return true;
    }
}

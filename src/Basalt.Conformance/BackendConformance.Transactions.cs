namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Begin_is_refused_where_transactions_are_not_declared()
    {
        if (await RefusesTransactionsAsync()) return;
        await using var transaction = await Database.BeginAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public virtual async Task Transaction_reads_its_own_writes_and_nobody_else_does_before_the_commit()
    {
        if (await RefusesTransactionsAsync()) return;
        await SeedAsync(new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 1 });
        await using var transaction = await Database.BeginAsync(Cancel);
        var inside = transaction.Collection(CollectionName);
        await inside.UpdateAsync(new Record { Id = "a", ["n"] = 2 }, null, Cancel);
        await inside.CreateAsync(new Record { Id = "c", ["n"] = 2 }, Cancel);
        Assert.True(await inside.DeleteAsync("b", null, Cancel));

        Assert.Equal(2, (await inside.GetRequiredAsync("a", Cancel))["n"]);
        Assert.Null(await inside.GetAsync("b", Cancel));
        Assert.Equal(["a", "c"], (await inside.QueryAsync(Query.Where("n = 2").OrderByDescending("n"), Cancel)).Records.Select(static record => record.Id));
        Assert.Equal(2, await inside.CountAsync(null, Cancel));
        await FailsAsync(ErrorCode.AlreadyExists, () => inside.CreateAsync(new Record { Id = "c" }, Cancel));
        Assert.Equal("a b", await IdsAsync(Query.Where("n = 1")));

        await transaction.CommitAsync(Cancel);
        Assert.Equal("a c", await IdsAsync(Query.Where("n = 2")));
        Assert.Equal(2, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Transaction_reads_the_snapshot_at_its_begin()
    {
        if (await RefusesTransactionsAsync()) return;
        await SeedAsync(new Record { Id = "a", ["n"] = 1 });
        await using var transaction = await Database.BeginAsync(Cancel);
        var inside = transaction.Collection(CollectionName);
        Assert.Equal(1, await inside.CountAsync(null, Cancel));
        await Things.UpdateAsync(new Record { Id = "a", ["n"] = 2 }, null, Cancel);
        await Things.CreateAsync(new Record { Id = "b", ["n"] = 2 }, Cancel);

        Assert.Equal(1, (await inside.GetRequiredAsync("a", Cancel))["n"]);
        Assert.Equal(1, await inside.CountAsync(null, Cancel));
        Assert.Equal(0, await inside.CountAsync(Filter.Parse("n = 2"), Cancel));
        await transaction.CommitAsync(Cancel);
        Assert.Equal("a b", await IdsAsync(Query.Where("n = 2")));
    }

    [Fact]
    public virtual async Task Transaction_rolls_back_whole_when_it_is_disposed()
    {
        if (await RefusesTransactionsAsync()) return;
        var before = await SeedAsync(new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 1 });
        await using (var transaction = await Database.BeginAsync(Cancel))
        {
            var inside = transaction.Collection(CollectionName);
            await inside.UpdateWhereAsync(Filter.True, Patch.Set("n", 9), Cancel);
            await inside.CreateManyAsync([new Record { Id = "c" }, new Record { Id = "d" }], cancellationToken: Cancel);
            await inside.DeleteAsync("a", null, Cancel);
        }

        AssertSame(before, await StreamAsync(Query.All), "after the rollback");
        Assert.Equal(2, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Transaction_that_meets_another_writer_of_its_records_conflicts_and_changes_nothing()
    {
        if (await RefusesTransactionsAsync()) return;
        await SeedAsync(new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 1 });
        await using (var transaction = await Database.BeginAsync(Cancel))
        {
            var inside = transaction.Collection(CollectionName);
            await inside.UpdateAsync(new Record { Id = "a", ["n"] = 2 }, null, Cancel);
            await inside.UpdateAsync(new Record { Id = "b", ["n"] = 2 }, null, Cancel);
            await Things.UpdateAsync(new Record { Id = "b", ["n"] = 3 }, null, Cancel);
            var conflict = await FailsAsync(ErrorCode.Conflict, () => transaction.CommitAsync(Cancel));
            Assert.True(conflict.IsTransient);
        }

        Assert.Equal(1, (await Things.GetRequiredAsync("a", Cancel))["n"]);
        Assert.Equal(3, (await Things.GetRequiredAsync("b", Cancel))["n"]);

        // A record that was deleted and written anew meanwhile is not the one that was read.
        await using var second = await Database.BeginAsync(Cancel);
        await second.Collection(CollectionName).UpdateAsync(new Record { Id = "a", ["n"] = 4 }, null, Cancel);
        await Things.DeleteAsync("a", null, Cancel);
        await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        await FailsAsync(ErrorCode.Conflict, () => second.CommitAsync(Cancel));
        Assert.Equal(1, (await Things.GetRequiredAsync("a", Cancel))["n"]);
    }

    [Fact]
    public virtual async Task Transactions_that_create_the_same_id_let_the_first_commit_win()
    {
        if (await RefusesTransactionsAsync()) return;
        await SeedAsync(new Record { Id = "other" });
        await using var first = await Database.BeginAsync(Cancel);
        await using var second = await Database.BeginAsync(Cancel);
        await first.Collection(CollectionName).CreateAsync(new Record { Id = "a", ["by"] = 1 }, Cancel);
        await second.Collection(CollectionName).CreateAsync(new Record { Id = "a", ["by"] = 2 }, Cancel);
        await first.CommitAsync(Cancel);
        await FailsAsync(ErrorCode.Conflict, () => second.CommitAsync(Cancel));
        Assert.Equal(1, (await Things.GetRequiredAsync("a", Cancel))["by"]);
    }

    [Fact]
    public virtual async Task Transaction_spans_collections()
    {
        if (await RefusesTransactionsAsync()) return;
        if (!Capabilities.ManyCollections) return;
        await using (var transaction = await Database.BeginAsync(Cancel))
        {
            await transaction.Collection("one").CreateAsync(new Record { Id = "a" }, Cancel);
            await transaction.Collection("two").CreateAsync(new Record { Id = "a" }, Cancel);
        }

        await FailsAsync(ErrorCode.NotFound, () => Database.Collection("one").CountAsync(null, Cancel));
        await using (var transaction = await Database.BeginAsync(Cancel))
        {
            await transaction.Collection("one").CreateAsync(new Record { Id = "a" }, Cancel);
            await transaction.Collection("two").CreateAsync(new Record { Id = "a" }, Cancel);
            await transaction.CommitAsync(Cancel);
        }

        Assert.Equal(1, await Database.Collection("one").CountAsync(null, Cancel));
        Assert.Equal(1, await Database.Collection("two").CountAsync(null, Cancel));
    }

    /// <summary>The other half of each test here: where transactions are not declared, beginning one is refused without I/O.</summary>
    private async Task<bool> RefusesTransactionsAsync()
    {
        if (Capabilities.Transactions) return false;
        var calls = Backend.Calls;
        var fault = await FailsAsync(ErrorCode.Unsupported, () => Database.BeginAsync(Cancel));
        Assert.Equal(Capabilities.Scheme, fault.Backend);
        Assert.Equal(calls, Backend.Calls);
        return true;
    }
}

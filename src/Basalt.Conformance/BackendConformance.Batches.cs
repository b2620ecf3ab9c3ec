namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Batch_reports_each_item_at_its_position()
    {
        await SeedAsync(new Record { Id = "b", ["n"] = 0 });
        var result = await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "b", ["n"] = 1 }, new Record { Id = "c" }], cancellationToken: Cancel);

        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.Done], result.Select(static item => item.Status));
        Assert.Equal(["a", "b", "c"], result.Select(static item => item.Id));
        Assert.Equal(ErrorCode.AlreadyExists, result[1].Error);
        Assert.Equal((2, 1, 0, 0), (result.Done, result.Failed, result.Skipped, result.NotTried));
        Assert.Equal((await Things.GetRequiredAsync("a", Cancel)).Version, result[0].Version);
        Assert.Equal(0, (await Things.GetRequiredAsync("b", Cancel))["n"]);
        Assert.Throws<BasaltException>(() => { result.EnsureDone(); });
    }

    [Fact]
    public virtual async Task Batch_can_be_empty()
    {
        await SeedAsync(new Record { Id = "a" });
        Assert.Empty(await Things.CreateManyAsync([], cancellationToken: Cancel));
        Assert.Empty(await Things.DeleteManyAsync([], cancellationToken: Cancel));
        Assert.Equal(1, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Batch_with_skip_leaves_existing_records()
    {
        await SeedAsync(new Record { Id = "b", ["n"] = 0 });
        var options = new BatchOptions { OnConflict = ConflictPolicy.Skip };
        var result = await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "b", ["n"] = 1 }, new Record { Id = "a", ["n"] = 2 }], options, Cancel);

        Assert.Equal([ItemStatus.Done, ItemStatus.Skipped, ItemStatus.Skipped], result.Select(static item => item.Status));
        Assert.Equal(0, (await Things.GetRequiredAsync("b", Cancel))["n"]);
        Assert.True((await Things.GetRequiredAsync("a", Cancel))["n"].IsNull);
        result.EnsureDone();
    }

    [Fact]
    public virtual async Task Batch_with_upsert_replaces_existing_records_and_the_last_write_of_an_id_wins()
    {
        await SeedAsync(new Record { Id = "b", ["n"] = 0, ["gone"] = 1 });
        var options = new BatchOptions { OnConflict = ConflictPolicy.Upsert };
        var result = await Things.CreateManyAsync([new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 2 }, new Record { Id = "a", ["n"] = 3 }], options, Cancel);

        Assert.Equal(3, result.Done);
        Assert.Equal(3, (await Things.GetRequiredAsync("a", Cancel))["n"]);
        Assert.Equal(["n"], (await Things.GetRequiredAsync("b", Cancel)).Fields.Keys);
        Assert.NotEqual(result[0].Version, result[2].Version);
    }

    [Fact]
    public virtual async Task Batch_with_merge_sets_fields_in_what_is_there_and_leaves_the_others()
    {
        await SeedAsync(new Record { Id = "b", ["n"] = 0, ["kept"] = 1 });
        var options = new BatchOptions { OnConflict = ConflictPolicy.Merge };
        var result = await Things.CreateManyAsync([new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 2 }, new Record { Id = "a", ["m"] = 3 }], options, Cancel);

        Assert.Equal(3, result.Done);
        var (a, b) = (await Things.GetRequiredAsync("a", Cancel), await Things.GetRequiredAsync("b", Cancel));
        Assert.Equal((1L, 3L), (a["n"].AsInt64, a["m"].AsInt64));
        Assert.Equal((2L, 1L), (b["n"].AsInt64, b["kept"].AsInt64));
        Assert.Equal(a.Version, result[2].Version);
    }

    [Fact]
    public virtual async Task Batch_lets_the_second_write_of_an_id_see_the_first()
    {
        var created = await Things.CreateManyAsync([new Record { Id = "a", ["n"] = 1 }, new Record { Id = "a", ["n"] = 2 }], cancellationToken: Cancel);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed], created.Select(static item => item.Status));
        Assert.Equal(1, (await Things.GetRequiredAsync("a", Cancel))["n"]);

        var deleted = await Things.DeleteManyAsync(["a", "a", "b"], cancellationToken: Cancel);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.Failed], deleted.Select(static item => item.Status));
        Assert.Equal(ErrorCode.NotFound, deleted[1].Error);
    }

    [Fact]
    public virtual async Task Batch_of_updates_fails_for_missing_records_only()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1 }, new Record { Id = "c", ["n"] = 1 });
        var result = await Things.UpdateManyAsync([new Record { Id = "a", ["n"] = 2 }, new Record { Id = "b" }, new Record { Id = "c", ["n"] = 2 }], cancellationToken: Cancel);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.Done], result.Select(static item => item.Status));
        Assert.Equal("a c", await IdsAsync(Query.Where("n = 2")));
    }

    [Fact]
    public virtual async Task Batch_that_stops_keeps_what_came_before_the_failure()
    {
        await SeedAsync(new Record { Id = "b" });
        var options = new BatchOptions { OnFailure = OnFailure.Stop };
        var result = await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "b" }, new Record { Id = "c" }], options, Cancel);

        Assert.Equal([ItemStatus.Done, ItemStatus.Failed, ItemStatus.NotTried], result.Select(static item => item.Status));
        Assert.True(result[2].IsRetryable);
        Assert.Equal("a b", await IdsAsync(Query.All));
    }

    [Fact]
    public virtual async Task Batch_that_rolls_back_leaves_nothing_or_is_refused()
    {
        var before = await SeedAsync(new Record { Id = "b", ["n"] = 0 });
        var options = new BatchOptions { OnFailure = OnFailure.Rollback };
        if (!Capabilities.AtomicBatches)
        {
            var calls = Backend.Calls;
            await FailsAsync(ErrorCode.Unsupported, () => Things.UpsertManyAsync([new Record { Id = "a" }], options, Cancel));
            Assert.Equal(calls, Backend.Calls);
            Assert.Equal("b", await IdsAsync(Query.All));
            return;
        }

        var failed = await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "b", ["n"] = 1 }, new Record { Id = "c" }], options, Cancel);
        Assert.Equal([ItemStatus.NotTried, ItemStatus.Failed, ItemStatus.NotTried], failed.Select(static item => item.Status));
        Assert.All(failed, static item => Assert.Equal(0, item.Version));
        AssertSame(before, await StreamAsync(Query.All), "after the rollback");
        Assert.Equal(1, await Things.CountAsync(null, Cancel));

        var deletes = await Things.DeleteManyAsync(["b", "x"], options, Cancel);
        Assert.Equal([ItemStatus.NotTried, ItemStatus.Failed], deletes.Select(static item => item.Status));
        AssertSame(before, await StreamAsync(Query.All), "after the deletes that rolled back");

        var done = await Things.CreateManyAsync([new Record { Id = "a" }, new Record { Id = "c" }], options, Cancel);
        Assert.Equal(2, done.Done);
        Assert.Equal("a b c", await IdsAsync(Query.All));
    }

    [Theory, InlineData(OnFailure.Stop), InlineData(OnFailure.Rollback)]
    public virtual async Task Batch_that_skips_existing_records_is_not_held_up_by_them(OnFailure onFailure)
    {
        await SeedAsync(new Record { Id = "b", ["n"] = 0 });
        var options = new BatchOptions { OnConflict = ConflictPolicy.Skip, OnFailure = onFailure };
        Record[] batch = [new Record { Id = "a" }, new Record { Id = "b", ["n"] = 1 }, new Record { Id = "c" }];
        if (onFailure == OnFailure.Rollback && !Capabilities.AtomicBatches)
        {
            Assert.Equal(ErrorCode.Unsupported, (await Assert.ThrowsAsync<BasaltException>(async () => await Things.CreateManyAsync(batch, options, Cancel))).Code);
            Assert.Equal("b", await IdsAsync(Query.All));
            return;
        }

        var result = await Things.CreateManyAsync(batch, options, Cancel);

        Assert.Equal([ItemStatus.Done, ItemStatus.Skipped, ItemStatus.Done], result.Select(static item => item.Status));
        Assert.Equal("a b c", await IdsAsync(Query.All));
        Assert.Equal(0, (await Things.GetRequiredAsync("b", Cancel))["n"]);
    }

    [Fact]
    public virtual async Task Batch_of_many_records_is_stored_whole()
    {
        var records = Enumerable.Range(0, 2500).Select(static i => new Record { Id = $"{i:00000}", ["n"] = i, ["text"] = $"number {i}" }).Reverse().ToArray();
        var result = await Things.CreateManyAsync(records, cancellationToken: Cancel);
        Assert.Equal(2500, result.Done);
        Assert.Equal(2500, result.Select(static item => item.Version).Distinct().Count());
        Assert.Equal(2500, await Things.CountAsync(null, Cancel));
        Assert.Equal(1500, await Things.CountAsync(Filter.Parse("n >= 1000"), Cancel));
        Assert.Equal("00000 00001 00002", await IdsAsync(Query.All.Take(3)));
        Assert.Equal("02499", await IdsAsync(Query.All.Skip(2499)));
    }
}

namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Timestamps_come_from_the_clock_and_creation_survives_updates()
    {
        var start = Clock.Now;
        var created = await Things.CreateAsync(new Record { Id = "a", Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch }, Cancel);
        Assert.Equal((start, start), (created.Created, created.Updated));

        var later = Clock.Advance(TimeSpan.FromHours(1));
        var updated = await Things.UpdateAsync(new Record { Id = "a", ["n"] = 1 }, null, Cancel);
        Assert.Equal((start, later), (updated!.Created, updated.Updated));

        var last = Clock.Advance(TimeSpan.FromTicks(1));
        await Things.UpsertAsync(new Record { Id = "a" }, null, Cancel);
        await Things.PatchAsync("a", Patch.Set("n", 2), null, Cancel);
        var found = await Things.GetRequiredAsync("a", Cancel);
        Assert.Equal((start, last), (found.Created, found.Updated));
        Assert.Equal(TimeSpan.Zero, found.Created.Offset);
    }

    [Fact]
    public virtual async Task Timestamps_start_anew_after_delete_and_follow_a_clock_that_steps_back()
    {
        await SeedAsync(new Record { Id = "a" });
        Assert.True(await Things.DeleteAsync("a", null, Cancel));
        var earlier = Clock.Advance(TimeSpan.FromDays(-1));
        var again = await Things.CreateAsync(new Record { Id = "a" }, Cancel);
        Assert.Equal((earlier, earlier), (again.Created, again.Updated));
    }

    [Fact]
    public virtual async Task Timestamps_are_kept_by_copies_that_ask_for_it()
    {
        var past = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        var options = new BatchOptions { KeepsTimestamps = true };
        await Things.UpsertManyAsync([new Record { Id = "old", Created = past, Updated = past.AddDays(1) }, new Record { Id = "new" }], options, Cancel);
        var old = await Things.GetRequiredAsync("old", Cancel);
        Assert.Equal((past, past.AddDays(1)), (old.Created, old.Updated));
        Assert.Equal(Clock.Now, (await Things.GetRequiredAsync("new", Cancel)).Created);
    }

    [Fact]
    public virtual async Task Metadata_is_stored_beside_the_fields_and_replaced_with_the_record()
    {
        var metadata = Map("fields", 1).With("$id", "x").With("with space", new Value[] { 1.50m, Value.Null });
        var stored = await Things.CreateAsync(new Record { Id = "a", ["fields"] = 2, Metadata = metadata }, Cancel);
        Assert.True(Oracle.AreSame(metadata, stored.Metadata));
        AssertSame(stored, await Things.GetAsync("a", Cancel));
        Assert.Equal("a", await IdsAsync(Query.Where("$meta.fields = 1 and fields = 2 and $meta.\"with space\" has 1.5")));
        await Things.UpdateAsync(new Record { Id = "a" }, null, Cancel);
        Assert.Empty((await Things.GetRequiredAsync("a", Cancel)).Metadata);
    }
}

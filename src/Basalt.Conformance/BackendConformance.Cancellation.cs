namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Cancelled_token_stops_every_call_before_it_changes_anything()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1 });
        var cancelled = new CancellationToken(canceled: true);
        await CancelsAsync(async () => await Things.GetAsync("a", cancelled));
        await CancelsAsync(async () => await Things.GetManyAsync(["a"], cancelled));
        await CancelsAsync(async () => await Things.CreateAsync(new Record { Id = "b" }, cancelled));
        await CancelsAsync(async () => await Things.CreateManyAsync([new Record { Id = "b" }], cancellationToken: cancelled));
        await CancelsAsync(async () => await Things.UpdateAsync(new Record { Id = "a" }, null, cancelled));
        await CancelsAsync(async () => await Things.PatchAsync("a", Patch.Set("n", 2), null, cancelled));
        await CancelsAsync(async () => await Things.DeleteAsync("a", null, cancelled));
        await CancelsAsync(async () => await Things.DeleteWhereAsync(Filter.True, cancelled));
        await CancelsAsync(async () => await Things.QueryAsync(Query.All, cancelled));
        await CancelsAsync(async () => await Things.QueryAsync(Query.All.OrderBy("n"), cancelled));
        await CancelsAsync(async () => await Things.CountAsync(Filter.Parse("n = 1"), cancelled));
        await CancelsAsync(async () => { await foreach (var _ in Things.StreamAsync(Query.All, cancelled)) Assert.Fail("It went on."); });
        await CancelsAsync(async () => await Database.ListCollectionsAsync(cancelled));
        await CancelsAsync(async () => await Database.DropCollectionAsync(CollectionName, cancelled));
        Assert.Equal("a", await IdsAsync(Query.Where("n = 1")));
    }

    [Fact]
    public virtual async Task Token_cancelled_during_a_stream_ends_it()
    {
        await SeedAsync(Enumerable.Range(0, 2000).Select(static i => new Record { Id = $"{i:0000}", ["n"] = i }));
        foreach (var query in new[] { Query.All, Query.Where("n >= 0").OrderByDescending("n") })
        {
            using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var seen = 0;
            await CancelsAsync(async () =>
            {
                await foreach (var _ in Things.StreamAsync(query, source.Token))
                    if (++seen == 3) await source.CancelAsync();
            });
            Assert.InRange(seen, 3, 1999);
        }

        Assert.Equal(2000, await Things.CountAsync(null, Cancel));
    }

    private static async Task CancelsAsync(Func<Task> call) => await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
}

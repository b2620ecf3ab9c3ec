namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Reopened_database_has_all_that_was_acknowledged()
    {
        if (Capabilities.Durability != Durability.Synced)
        {
            Assert.Equal(Durability.Process, Capabilities.Durability);
            return;
        }

        await Database.CreateCollectionAsync(CollectionName, new Schema([new Field("n", FieldType.Int64)], isOpen: true), Cancel);
        var random = new Generator(3);
        await SeedAsync(Enumerable.Range(0, 30).Select(i => new Record { Id = $"{i:00}", ["n"] = i, ["v"] = random.Value(), Metadata = Map("m", random.Value(1)) }));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Things.UpdateAsync(new Record { Id = "05", ["n"] = 500 }, null, Cancel);
        await Things.DeleteAsync("06", null, Cancel);
        await Things.DeleteWhereAsync(Filter.Parse("n between 20 and 25"), Cancel);
        var before = await StreamAsync(Query.All);
        var schema = await Things.SchemaAsync(Cancel);

        await ReopenDatabaseAsync();
        AssertSame(before, await StreamAsync(Query.All), "after reopening");
        Assert.Equal(schema, await Things.SchemaAsync(Cancel));
        Assert.Equal(23, await Things.CountAsync(null, Cancel));
        Assert.Equal([CollectionName], await Database.ListCollectionsAsync(Cancel));
        await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { Id = "07" }, Cancel));

        var newest = before.Max(static record => record.Version);
        Assert.True((await Things.CreateAsync(new Record { Id = "new" }, Cancel)).Version > newest);
        await ReopenDatabaseAsync();
        Assert.Equal(24, await Things.CountAsync(null, Cancel));
    }
}

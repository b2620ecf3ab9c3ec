namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Collection_that_does_not_exist_is_not_found_when_read()
    {
        var missing = Database.Collection("missing");
        await FailsAsync(ErrorCode.NotFound, () => missing.GetAsync("a", Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.GetManyAsync(["a"], Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.CountAsync(null, Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.CountAsync(Filter.Parse("n = 1"), Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.QueryAsync(Query.All, Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.QueryAsync(Query.Where("n = 1").OrderBy("n").Take(1), Cancel));
        await FailsAsync(ErrorCode.NotFound, () => missing.DeleteWhereAsync(Filter.True, Cancel));
        await FailsAsync(ErrorCode.NotFound, async () => { await foreach (var _ in missing.StreamAsync(Query.All, Cancel)) Assert.Fail("There are no records."); });
        Assert.Null(await Database.DescribeCollectionAsync("missing", Cancel));
        Assert.False(await Database.DropCollectionAsync("missing", Cancel));
        Assert.DoesNotContain("missing", await Database.ListCollectionsAsync(Cancel));
    }

    [Fact]
    public virtual async Task Collection_comes_into_being_by_a_write_or_by_create()
    {
        await SeedAsync(new Record { Id = "a" });
        Assert.Contains(CollectionName, await Database.ListCollectionsAsync(Cancel));
        Assert.False(await Database.CreateCollectionAsync(CollectionName, ClosedSchema, Cancel));
        Assert.Empty((await Things.SchemaAsync(Cancel)).Fields);

        Assert.True(await Database.DropCollectionAsync(CollectionName, Cancel));
        Assert.False(await Database.DropCollectionAsync(CollectionName, Cancel));
        await FailsAsync(ErrorCode.NotFound, () => Things.QueryAsync(Query.All, Cancel));

        Assert.True(await Database.CreateCollectionAsync(CollectionName, null, Cancel));
        Assert.Empty((await Things.QueryAsync(Query.All, Cancel)).Records);
        Assert.Equal(0, await Things.CountAsync(null, Cancel));
        Assert.Null(await Things.GetAsync("a", Cancel));
    }

    [Fact]
    public virtual async Task Collection_is_described_with_its_schema_and_number_of_records()
    {
        Assert.True(await Database.CreateCollectionAsync(CollectionName, ClosedSchema, Cancel));
        await SeedAsync(new Record { Id = "a", ["title"] = "x" }, new Record { Id = "b", ["title"] = "y" });
        var description = await Database.DescribeCollectionAsync(CollectionName, Cancel);
        Assert.NotNull(description);
        Assert.Equal(CollectionName, description.Name);
        Assert.Equal(ClosedSchema, description.Schema);
        Assert.True(description.Records is null or 2, $"{description.Records} records");
        Assert.True(description.Bytes is null or > 0, $"{description.Bytes} bytes");
    }

    [Fact]
    public virtual async Task Collections_are_apart_and_listed_in_order_or_a_second_one_is_refused()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1 });
        if (!Capabilities.ManyCollections)
        {
            var calls = Backend.DataCalls;
            await FailsAsync(ErrorCode.Unsupported, () => Database.CreateCollectionAsync("second", null, Cancel));
            Assert.Equal(calls, Backend.DataCalls);
            Assert.Equal([CollectionName], await Database.ListCollectionsAsync(Cancel));
            return;
        }

        string[] names = ["b", "a", "B", "ä", "\uFFFF", "\U0001F600"];
        foreach (var name in names)
        {
            var stored = await Database.Collection(name).CreateAsync(new Record { Id = "a", ["of"] = name }, Cancel);
            Assert.Equal(name, stored["of"]);
        }

        var expected = names.Append(CollectionName).Order(Comparer<string>.Create(static (x, y) => Value.From(x).CompareTo(y)));
        Assert.Equal(expected, await Database.ListCollectionsAsync(Cancel));
        foreach (var name in names) Assert.Equal(name, (await Database.Collection(name).GetRequiredAsync("a", Cancel))["of"]);
        Assert.True(await Database.DropCollectionAsync("a", Cancel));
        Assert.Equal(1, (await Things.GetRequiredAsync("a", Cancel))["n"]);
        Assert.Equal("b", (await Database.Collection("b").GetRequiredAsync("a", Cancel))["of"]);
    }

    private static Schema ClosedSchema { get; } = new(
        [
            new Field("key", FieldType.String), new Field("title", FieldType.String) { IsRequired = true, MaxLength = 20 }, new Field("year", FieldType.Int64) { Min = 1800, Default = 1900 },
            new Field("rating", FieldType.Decimal), new Field("tags", FieldType.List) { Element = new Field { Type = FieldType.String } },
            new Field("place", FieldType.Map) { Fields = [new Field("city", FieldType.String), new Field("post code", FieldType.String)] },
        ],
        idField: "key", isOpen: false);
}

namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Hostile_field_names_are_stored_filtered_sorted_and_selected()
    {
        var fields = ValueMap.From(Specimens.FieldNames.Select(static (name, i) => KeyValuePair.Create(name, (Value)i)));
        var stored = await SeedAsync(new Record { Id = "all", Fields = fields, Metadata = fields }, new Record { Id = "none" }, new Record { Id = "nested", ["m"] = fields });
        Assert.True(Oracle.AreSame(fields, stored[0].Fields));
        Assert.True(Oracle.AreSame(fields, stored[0].Metadata));
        Assert.True(Oracle.AreSame(fields, stored[2]["m"].AsMap));
        AssertSame([.. stored.OrderBy(static record => record.Id, StringComparer.Ordinal)], await StreamAsync(Query.All), "by scan");

        var step = Math.Max(1, Specimens.FieldNames.Count * 8 / Cases);
        for (var i = 0; i < Specimens.FieldNames.Count; i += step)
        {
            var name = Specimens.FieldNames[i];
            await MatchesAsDefinedAsync(stored, Filter.Field(FieldPath.Of(name)) == i);
            await MatchesAsDefinedAsync(stored, Filter.Field(FieldPath.Of("m", name)) == i);
            await MatchesAsDefinedAsync(stored, Filter.Field(FieldPath.OfMetadata(name)).IsNull());
            await AnswersAsDefinedAsync(stored, Query.All.OrderByDescending(FieldPath.Of(name)).Select(FieldPath.Of(name), FieldPath.Of("m", name)));
        }
    }

    [Fact]
    public virtual async Task Hostile_ids_are_stored_read_filtered_and_deleted()
    {
        var stored = await SeedAsync(Specimens.Ids.Select(static (id, i) => new Record { Id = id, ["n"] = i }));
        Assert.Equal(Specimens.Ids, stored.Select(static record => record.Id));
        await AnswersAsDefinedAsync(stored, Query.All);
        AssertSame(Oracle.Answer(stored, Query.All), await WalkAsync(Query.All.Take(5)), "by cursor");
        var step = Math.Max(1, stored.Count * 4 / Cases);
        for (var i = 0; i < stored.Count; i += step)
        {
            AssertSame(stored[i], await Things.GetAsync(stored[i].Id, Cancel));
            Assert.Equal([stored[i].Id], (await Things.QueryAsync(Query.Where(Filter.Field("$id") == stored[i].Id), Cancel)).Records.Select(static record => record.Id));
            Assert.True(await Things.DeleteAsync(stored[i].Id, null, Cancel));
            Assert.Null(await Things.GetAsync(stored[i].Id, Cancel));
        }

        Assert.Equal(stored.Count - (stored.Count + step - 1) / step, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Hostile_collection_names_are_apart()
    {
        if (!Capabilities.ManyCollections)
        {
            await SeedAsync(new Record { Id = "a" });
            foreach (var name in Specimens.CollectionNames) await FailsAsync(ErrorCode.Unsupported, () => Database.CreateCollectionAsync(name, null, Cancel));
            Assert.Equal([CollectionName], await Database.ListCollectionsAsync(Cancel));
            return;
        }

        foreach (var name in Specimens.CollectionNames)
        {
            Assert.True(await Database.CreateCollectionAsync(name, null, Cancel), $"'{name}' exists before it was created.");
            await Database.Collection(name).CreateAsync(new Record { Id = "a", ["of"] = name }, Cancel);
        }

        Assert.Equal(Specimens.CollectionNames.Order(Comparer<string>.Create(static (x, y) => Value.From(x).CompareTo(y))), await Database.ListCollectionsAsync(Cancel));
        if (Capabilities.Durability == Durability.Synced) await ReopenDatabaseAsync();
        foreach (var name in Specimens.CollectionNames)
        {
            var only = Assert.Single((await Database.Collection(name).QueryAsync(Query.All, Cancel)).Records);
            Assert.Equal(name, only["of"]);
            Assert.True(await Database.DropCollectionAsync(name, Cancel));
        }

        Assert.Empty(await Database.ListCollectionsAsync(Cancel));
    }
}

namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Schema_is_kept_and_records_must_fit_it()
    {
        await Database.CreateCollectionAsync(CollectionName, ClosedSchema, Cancel);
        Assert.Equal(ClosedSchema, await Things.SchemaAsync(Cancel));
        await SeedAsync(new Record { Id = "a", ["title"] = "Alien", ["place"] = Map("city", "Rome") });
        Assert.True(Oracle.AreSame(1900, (await Things.GetRequiredAsync("a", Cancel))["year"]));

        Record[] misfits =
        [
            new Record { Id = "b" }, new Record { Id = "b", ["title"] = Value.Null }, new Record { Id = "b", ["title"] = 5 }, new Record { Id = "b", ["title"] = new string('x', 21) },
            new Record { Id = "b", ["title"] = "x", ["year"] = 1700 }, new Record { Id = "b", ["title"] = "x", ["yaer"] = 1900 }, new Record { Id = "b", ["title"] = "x", ["tags"] = new Value[] { 1 } },
            new Record { Id = "b", ["title"] = "x", ["place"] = Map("town", "Rome") },
        ];
        var calls = Backend.DataCalls;
        foreach (var misfit in misfits)
        {
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(misfit, Cancel));
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.UpsertAsync(misfit, null, Cancel));
        }

        Assert.Equal(calls, Backend.DataCalls);
        await FailsAsync(ErrorCode.InvalidRecord, () => Things.PatchAsync("a", Patch.Set("title", 5), null, Cancel));
        var batch = await Things.CreateManyAsync([misfits[0], new Record { Id = "c", ["title"] = "fits" }, misfits[4]], cancellationToken: Cancel);
        Assert.Equal([ItemStatus.Failed, ItemStatus.Done, ItemStatus.Failed], batch.Select(static item => item.Status));
        Assert.Equal(ErrorCode.InvalidRecord, batch[0].Error);
        Assert.Equal("a c", await IdsAsync(Query.All));
    }

    [Fact]
    public virtual async Task Schema_refuses_unknown_fields_in_queries_with_a_suggestion()
    {
        await Database.CreateCollectionAsync(CollectionName, ClosedSchema, Cancel);
        await SeedAsync(new Record { Id = "a", ["title"] = "Alien" });
        var calls = Backend.DataCalls;
        var fault = await FailsAsync(ErrorCode.InvalidQuery, () => Things.QueryAsync(Query.Where("yaer > 1"), Cancel));
        Assert.Contains("'year'", fault.Message, StringComparison.Ordinal);
        fault = await FailsAsync(ErrorCode.InvalidQuery, () => Things.CountAsync(Filter.Parse("not (title = 'x' or place.cty = 'Rome')"), Cancel));
        Assert.Contains("'place.city'", fault.Message, StringComparison.Ordinal);
        await FailsAsync(ErrorCode.InvalidQuery, () => Things.QueryAsync(Query.All.OrderBy("titel"), Cancel));
        await FailsAsync(ErrorCode.InvalidQuery, () => Things.QueryAsync(Query.All.Select("titel"), Cancel));
        await FailsAsync(ErrorCode.InvalidQuery, () => Things.DeleteWhereAsync(Filter.Parse("titel is null"), Cancel));
        await FailsAsync(ErrorCode.InvalidQuery, async () => { await foreach (var _ in Things.StreamAsync(Query.Where("titel = 1"), Cancel)) Assert.Fail("Not a field."); });
        Assert.Equal(calls, Backend.DataCalls);
        Assert.Equal("a", await IdsAsync(Query.Where("place.\"post code\" is null and $id = 'a' and $meta.anything is null")));
    }

    [Fact]
    public virtual async Task Schema_names_the_field_that_is_the_id()
    {
        await Database.CreateCollectionAsync(CollectionName, ClosedSchema, Cancel);
        Assert.Equal("k1", (await Things.CreateAsync(new Record { ["key"] = "k1", ["title"] = "x" }, Cancel)).Id);
        Assert.Equal("own", (await Things.CreateAsync(new Record { Id = "own", ["key"] = "k2", ["title"] = "x" }, Cancel)).Id);
        Assert.Equal(7, Guid.Parse((await Things.CreateAsync(new Record { ["key"] = "", ["title"] = "x" }, Cancel)).Id).Version);
        await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { ["key"] = "k1", ["title"] = "y" }, Cancel));
        Assert.NotNull(await Things.UpdateAsync(new Record { ["key"] = "k1", ["title"] = "z" }, null, Cancel));
        Assert.Equal("z", (await Things.GetRequiredAsync("k1", Cancel))["title"]);
        await FailsAsync(ErrorCode.InvalidRecord, () => Things.UpdateAsync(new Record { ["title"] = "nobody" }, null, Cancel));
    }
}

namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Create_stores_the_record_and_returns_it_as_stored()
    {
        var given = new Record { Id = "a", ["title"] = "Alien", ["year"] = 1979 };
        var stored = await Things.CreateAsync(given, Cancel);

        Assert.True(stored.HasSameContent(given));
        Assert.True(stored.Version > 0);
        Assert.Equal(0, given.Version);
        AssertSame(stored, await Things.GetAsync("a", Cancel));
    }

    [Fact]
    public virtual async Task Create_mints_ascending_ids_when_there_is_none()
    {
        var given = new Record { ["n"] = 1 };
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add((await Things.CreateAsync(given, Cancel)).Id);

        Assert.Equal("", given.Id);
        Assert.All(ids, static id => Assert.Equal(7, Guid.Parse(id).Version));
        Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids);
        Assert.Equal(5, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Create_fails_on_an_existing_id_and_leaves_it()
    {
        var first = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { Id = "a", ["n"] = 2 }, Cancel));
        AssertSame(first, await Things.GetAsync("a", Cancel));
    }

    [Fact]
    public virtual async Task Get_of_an_unknown_id_is_null_and_get_required_fails()
    {
        await SeedAsync(new Record { Id = "a" });
        Assert.Null(await Things.GetAsync("b", Cancel));
        Assert.Null(await Things.GetAsync("", Cancel));
        await FailsAsync(ErrorCode.NotFound, () => Things.GetRequiredAsync("b", Cancel));
    }

    [Fact]
    public virtual async Task Get_many_answers_by_position_with_repeats_and_unknown_ids()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 2 });
        var found = await Things.GetManyAsync(["b", "x", "a", "b"], Cancel);
        Assert.Equal(["b", null, "a", "b"], found.Select(static record => record?.Id));
        Assert.Empty(await Things.GetManyAsync([], Cancel));
    }

    [Fact]
    public virtual async Task Update_replaces_the_record_whole()
    {
        var before = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1, ["gone"] = "x", Metadata = Map("m", 1) }, Cancel);
        var updated = await Things.UpdateAsync(new Record { Id = "a", ["n"] = 2 }, null, Cancel);

        Assert.NotNull(updated);
        Assert.True(updated.Version != before.Version);
        Assert.Equal(["n"], updated.Fields.Keys);
        Assert.Empty(updated.Metadata);
        AssertSame(updated, await Things.GetAsync("a", Cancel));
    }

    [Fact]
    public virtual async Task Update_of_a_missing_id_is_null_and_writes_nothing()
    {
        await SeedAsync(new Record { Id = "a" });
        Assert.Null(await Things.UpdateAsync(new Record { Id = "b", ["n"] = 1 }, null, Cancel));
        Assert.Equal("a", await IdsAsync(Query.All));
    }

    [Fact]
    public virtual async Task Upsert_adds_and_then_replaces_whole()
    {
        var added = await Things.UpsertAsync(new Record { Id = "a", ["n"] = 1, ["gone"] = true }, null, Cancel);
        var replaced = await Things.UpsertAsync(new Record { Id = "a", ["m"] = 2 }, null, Cancel);

        Assert.NotEqual(added.Version, replaced.Version);
        Assert.Equal(["m"], replaced.Fields.Keys);
        AssertSame(replaced, await Things.GetAsync("a", Cancel));
        Assert.Equal(1, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Delete_removes_once()
    {
        await SeedAsync(new Record { Id = "a" }, new Record { Id = "b" });
        Assert.True(await Things.DeleteAsync("a", null, Cancel));
        Assert.False(await Things.DeleteAsync("a", null, Cancel));
        Assert.Null(await Things.GetAsync("a", Cancel));
        Assert.Equal("b", await IdsAsync(Query.All));
        Assert.Equal(1, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Patch_changes_only_what_it_names()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1, ["keep"] = 1.50m, ["gone"] = "x", ["deep"] = Map("x", 1) });
        var patch = Patch.Add("n", 2).ThenRemove("gone").ThenSet("deep.y", "new").ThenSet("$meta.by", "me");
        var patched = await Things.PatchAsync("a", patch, null, Cancel);

        Assert.NotNull(patched);
        Assert.Equal(3, patched["n"]);
        Assert.True(Oracle.AreSame(1.50m, patched["keep"]));
        Assert.False(patched.Fields.ContainsKey("gone"));
        Assert.Equal(Map("x", 1).With("y", "new"), patched["deep"].AsMap);
        Assert.Equal("me", patched.Metadata["by"]);
        AssertSame(patched, await Things.GetAsync("a", Cancel));
        Assert.Null(await Things.PatchAsync("b", patch, null, Cancel));
    }

    [Fact]
    public virtual async Task Delete_where_and_update_where_change_exactly_the_matches()
    {
        var stored = await SeedAsync(Enumerable.Range(0, 25).Select(static i => new Record { Id = $"{i:00}", ["n"] = i }));
        Assert.Equal(12, await Things.UpdateWhereAsync(Filter.Parse("n < 12"), Patch.Add("n", 100), Cancel));
        Assert.Equal(12, await Things.CountAsync(Filter.Parse("n >= 100"), Cancel));
        Assert.Equal(0, await Things.UpdateWhereAsync(Filter.Parse("n = 5"), Patch.Set("n", 0), Cancel));
        Assert.Equal(12, await Things.DeleteWhereAsync(Filter.Parse("n >= 100"), Cancel));
        Assert.Equal(string.Join(' ', stored.Skip(12).Select(static record => record.Id)), await IdsAsync(Query.All));
        Assert.Equal(13, await Things.DeleteWhereAsync(Filter.True, Cancel));
        Assert.Equal(0, await Things.CountAsync(null, Cancel));
    }

    private static ValueMap Map(string name, Value value) => new ValueMapBuilder().Set(name, value).Build();
}

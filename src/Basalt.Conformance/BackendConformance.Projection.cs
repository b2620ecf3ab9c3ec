namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Projection_returns_only_the_named_fields_and_the_store_properties()
    {
        var stored = await SeedAsync(
            new Record { Id = "a", ["x"] = 1, ["y"] = "t", ["z"] = Value.Null, ["m"] = Map("p", 1).With("q", 2).With("r", Map("s", 3)), Metadata = Map("k", "v") },
            new Record { Id = "b", ["x"] = Map("p", 1), ["m"] = 5 }, new Record { Id = "c" }, new Record { Id = "d", ["m"] = ValueMap.Empty, ["odd \"name\"."] = 7 });
        FieldPath[][] selections =
        [
            [], ["x"], ["z"], ["y", "x"], ["m.p"], ["m.p", "m.r.s"], ["m", "m.p"], ["m.r", "m.q"], ["m.missing"], ["missing", "x"], ["x.p"], ["$id"], ["$meta.k", "x"], ["\"odd \"\"name\"\".\""], ["x", "x"],
        ];
        foreach (var selection in selections)
        {
            await AnswersAsDefinedAsync(stored, Query.All.Select(selection));
            await AnswersAsDefinedAsync(stored, Query.Where("m is not null").OrderByDescending("y").Select(selection).Take(2));
        }
    }

    [Fact]
    public virtual async Task Projection_filters_and_sorts_by_fields_that_it_leaves_out()
    {
        var stored = await SeedAsync(Enumerable.Range(0, 9).Select(static i => new Record { Id = $"{i}", ["a"] = i % 3, ["b"] = 9 - i, ["c"] = "kept" }));
        var query = Query.Where("a > 0").OrderBy("b").Select("c");
        await AnswersAsDefinedAsync(stored, query);
        AssertSame(Oracle.Answer(stored, query), await WalkAsync(query.Take(2)), "by cursor");
    }
}

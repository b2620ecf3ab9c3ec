namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Comparing_leaves_are_false_on_null_and_missing()
    {
        await SeedAsync(new Record { Id = "null", ["v"] = Value.Null }, new Record { Id = "missing", ["w"] = 1 }, new Record { Id = "one", ["v"] = 1 }, new Record { Id = "text", ["v"] = "x" });
        Assert.Equal("text", await IdsAsync(Query.Where("v != 1")));
        Assert.Equal("text", await IdsAsync(Query.Where("v not in (1)")));
        Assert.Equal("one text", await IdsAsync(Query.Where("v not in ()")));
        Assert.Equal("", await IdsAsync(Query.Where("v in ()")));
        Assert.Equal("", await IdsAsync(Query.Where("v not like '%'")));
        Assert.Equal("one", await IdsAsync(Query.Where("v not between 5 and 9")));
        Assert.Equal("missing null text", await IdsAsync(Query.Where("not v = 1")));
        Assert.Equal("missing null one", await IdsAsync(Query.Where("not v != 1")));
        Assert.Equal("missing null", await IdsAsync(Query.Where("v is null")));
        Assert.Equal("one text", await IdsAsync(Query.Where("v is not null")));
        Assert.Equal("one text", await IdsAsync(Query.Where("not v is null")));
        Assert.Equal("missing null one text", await IdsAsync(Query.Where("v = 1 or not v = 1")));
    }

    [Fact]
    public virtual async Task Explicit_null_is_stored_and_differs_from_missing_when_read()
    {
        await SeedAsync(new Record { Id = "null", ["v"] = Value.Null }, new Record { Id = "missing" });
        Assert.True((await Things.GetRequiredAsync("null", Cancel)).Fields.ContainsKey("v"));
        Assert.False((await Things.GetRequiredAsync("missing", Cancel)).Fields.ContainsKey("v"));
        Assert.Empty((await Things.GetRequiredAsync("missing", Cancel)).Fields);
    }

    [Fact]
    public virtual async Task Null_literal_is_refused_without_io()
    {
        await SeedAsync(new Record { Id = "a" });
        var calls = Backend.Calls;
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Filter.Field("v") == Value.Null).Code);
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Query.Where("v = null")).Code);
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Filter.Field("v").In(1, Value.Null)).Code);
        Assert.Equal(calls, Backend.Calls);
    }

    [Fact]
    public virtual async Task Path_through_null_missing_or_scalar_is_null()
    {
        await SeedAsync(
            new Record { Id = "deep", ["a"] = Map("b", 1) }, new Record { Id = "null", ["a"] = Value.Null }, new Record { Id = "scalar", ["a"] = 5 },
            new Record { Id = "list", ["a"] = new Value[] { Map("b", 1) } }, new Record { Id = "inner", ["a"] = Map("b", Value.Null) }, new Record { Id = "missing" });
        Assert.Equal("deep", await IdsAsync(Query.Where("a.b = 1")));
        Assert.Equal("inner list missing null scalar", await IdsAsync(Query.Where("a.b is null")));
        Assert.Equal("", await IdsAsync(Query.Where("a.b.c is not null")));
        Assert.Equal("deep inner list scalar", await IdsAsync(Query.Where("a is not null")));
    }
}

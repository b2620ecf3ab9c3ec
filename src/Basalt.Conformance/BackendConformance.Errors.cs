namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Errors_name_the_backend_and_the_target()
    {
        await SeedAsync(new Record { Id = "a" });
        var exists = await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(new Record { Id = "a" }, Cancel));
        Assert.Equal(Capabilities.Scheme, exists.Backend);
        Assert.Contains("'a'", exists.Message, StringComparison.Ordinal);
        Assert.Contains(CollectionName, exists.Message, StringComparison.Ordinal);
        Assert.False(exists.IsTransient);

        var missing = await FailsAsync(ErrorCode.NotFound, () => Database.Collection("missing").QueryAsync(Query.All, Cancel));
        Assert.Equal(Capabilities.Scheme, missing.Backend);
        Assert.Contains("missing", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public virtual async Task Misuse_is_an_argument_exception_and_reaches_no_backend()
    {
        var calls = Backend.Calls;
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.GetAsync(null!, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.CreateAsync(null!, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.CreateManyAsync(null!, cancellationToken: Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.QueryAsync(null!, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.DeleteAsync(null!, null, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Things.PatchAsync("a", null!, null, Cancel));
        Assert.Equal(calls, Backend.Calls);
    }

    [Fact]
    public virtual async Task Backend_answers_a_ping_and_estimates_without_reading()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 1 });
        await Database.PingAsync(Cancel);
        var calls = Backend.DataCalls;
        var plan = await Things.ExplainAsync(Query.Where("n = 1 and text like '%x'").OrderBy("n").Take(3), Cancel);
        Assert.Equal(calls, Backend.DataCalls);
        Assert.NotNull(plan.Cost);
        Assert.Contains(CollectionName, plan.ToString(), StringComparison.Ordinal);
    }
}

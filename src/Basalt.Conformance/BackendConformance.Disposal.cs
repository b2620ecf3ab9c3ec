namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Disposed_database_refuses_calls_and_can_be_disposed_again()
    {
        await SeedAsync(new Record { Id = "a" });
        var things = Things;
        await Database.DisposeAsync();
        await Database.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await things.GetAsync("a", Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await things.CreateAsync(new Record { Id = "b" }, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await things.QueryAsync(Query.All, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => { await foreach (var _ in things.StreamAsync(Query.All, Cancel)) Assert.Fail("It is closed."); });
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Database.ListCollectionsAsync(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Database.CreateCollectionAsync("x", null, Cancel));
    }
}

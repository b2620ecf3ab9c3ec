using Basalt.Migration;
using Basalt.Records;

namespace Basalt.Tests.Migration;

public sealed class MergeTests : IDisposable
{
    private readonly Workbench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Files_of_different_fields_become_one_collection_by_their_ids()
    {
        var films = await Workbench.With(new Record { Id = "a", ["title"] = "Alien", ["year"] = 1979 }, new Record { Id = "b", ["title"] = "Blade Runner" });
        var report = await Importer.RunAsync(_bench.Source("more.csv", "id,year,stars\na,1980,5\nc,2001,4\n"), films, new ImportOptions { IdField = "id", OnConflict = ConflictPolicy.Merge }, cancellationToken: Cancel);
        Assert.Equal((2L, 2L, 0L, true), (report.Read, report.Written, report.Skipped, report.IsVerified));
        Assert.Equal(
            """
            {"$id":"a","title":"Alien","year":1980,"id":"a","stars":5}
            {"$id":"b","title":"Blade Runner"}
            {"$id":"c","id":"c","year":2001,"stars":4}
            """, await Workbench.Dump(films));
    }

    [Fact]
    public async Task Rows_of_one_id_are_merged_in_the_order_of_the_file_whatever_the_batches()
    {
        foreach (var batch in new[] { 1, 2, 100 })
        {
            var films = await Workbench.With(new Record { Id = "a", ["x"] = 0, ["y"] = 0, ["z"] = 0 });
            await Importer.RunAsync(_bench.Source("rows.jsonl", """
                {"$id":"a","x":1}
                {"$id":"b","x":2}
                {"$id":"a","y":3,"x":4}
                {"$id":"b","y":null}
                """), films, new ImportOptions { OnConflict = ConflictPolicy.Merge, BatchSize = batch }, cancellationToken: Cancel);
            Assert.Equal("{\"$id\":\"a\",\"x\":4,\"y\":3,\"z\":0}\n{\"$id\":\"b\",\"x\":2,\"y\":null}", await Workbench.Dump(films));
        }
    }

    [Fact]
    public async Task Who_writes_a_record_meanwhile_loses_no_field()
    {
        var films = await Workbench.With(new Record { Id = "a", ["n"] = 0 });
        async Task MergeAsync(string field)
        {
            for (var i = 1; i <= 200; i++) (await films.CreateManyAsync([new Record { Id = "a", [field] = i }], new BatchOptions { OnConflict = ConflictPolicy.Merge }, Cancel)).EnsureDone();
        }

        await Task.WhenAll(Task.Run(() => MergeAsync("x"), Cancel), Task.Run(() => MergeAsync("y"), Cancel));
        var record = await films.GetRequiredAsync("a", Cancel);
        Assert.Equal((200, 200, 0), ((int)record["x"].AsInt64, (int)record["y"].AsInt64, (int)record["n"].AsInt64));
    }

    [Fact]
    public async Task A_merged_record_that_cannot_be_is_told_by_position_and_a_batch_to_roll_back_leaves_nothing()
    {
        var films = await Workbench.With(new Record { Id = "a", ["n"] = 0 });
        Value deep = 1;
        for (var i = 0; i < 100; i++) deep = Value.FromList([deep]);
        var result = await films.CreateManyAsync([new Record { Id = "a", ["m"] = 1 }, new Record { Id = "b", ["deep"] = deep }], new BatchOptions { OnConflict = ConflictPolicy.Merge, OnFailure = Backends.OnFailure.Rollback }, Cancel);
        Assert.Equal([ItemStatus.NotTried, ItemStatus.Failed], result.Select(static item => item.Status));
        Assert.Equal("{\"$id\":\"a\",\"n\":0}", await Workbench.Dump(films));
        result = await films.CreateManyAsync([new Record { Id = "a", ["m"] = 1 }, new Record { Id = "b", ["deep"] = deep }], new BatchOptions { OnConflict = ConflictPolicy.Merge }, Cancel);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed], result.Select(static item => item.Status));
        Assert.Equal("{\"$id\":\"a\",\"n\":0,\"m\":1}", await Workbench.Dump(films));
    }
}

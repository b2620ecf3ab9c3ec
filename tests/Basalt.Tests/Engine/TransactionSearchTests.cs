using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

public sealed class TransactionSearchTests
{
    private const int Dimension = 6;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorMethod.Flat)]
    [InlineData(VectorMethod.Hnsw)]
    public async Task A_transaction_finds_its_own_vectors_over_its_snapshot_and_nobody_else_does(VectorMethod method)
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync(12 << 10);
        var things = fixture.Database.Collection("things");
        await things.CreateManyAsync([.. Enumerable.Range(0, 400).Select(i => Thing(random, $"{i:000}"))], cancellationToken: Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, FieldPath.Parse("v")) { Dimension = Dimension, Metric = VectorMetric.L2, Method = method, M = 8, EfConstruction = 40 }, Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Scalar, FieldPath.Parse("n")), Cancel);
        await things.SettleIndexesAsync(null, Cancel);
        for (var round = 0; round < 4; round++)
        {
            await ChangeAsync(things, random);
            await using var transaction = await fixture.Database.BeginAsync(Cancel);
            var own = transaction.Collection("things");
            // Others go on; the transaction sees what was there at its begin.
            await ChangeAsync(things, random);
            var about = $"BASALT_SEED={Seed} round {round}";
            await FindsAsync(own, random, $"{about}, nothing written");
            await ChangeAsync(own, random);
            await FindsAsync(own, random, $"{about}, written");
            await FindsAsync(things, random, $"{about}, outside");
            var like = (await own.QueryAsync(Query.Where("v is not null").Take(1), Cancel)).Records[0];
            await own.UpsertAsync(like with { Fields = like.Fields.With("v", Vector(random)) }, null, Cancel);
            var near = await own.SearchAsync(new SearchRequest { Like = like.Id, K = 5, IsExact = true }, Cancel);
            Assert.DoesNotContain(near.Hits, hit => hit.Record.Id == like.Id);
            Assert.Equal(await NearestAsync(own, (await own.GetRequiredAsync(like.Id, Cancel))["v"].AsVector, Filter.True, 6), near.Hits.Select(static hit => hit.Record.Id).Prepend(like.Id));
        }
    }

    [Fact]
    public async Task A_collection_that_only_the_transaction_has_is_refused_for_a_search_and_queried_like_any()
    {
        await using var fixture = await EngineFixture.OpenAsync();
        await using var transaction = await fixture.Database.BeginAsync(Cancel);
        var own = transaction.Collection("own");
        await own.CreateManyAsync([new Record { Id = "b", ["n"] = 1 }, new Record { Id = "a", ["n"] = 2 }], cancellationToken: Cancel);
        Assert.Equal(["b", "a"], (await own.QueryAsync(Query.All.OrderBy("n"), Cancel)).Records.Select(static record => record.Id));
        Assert.Equal(1, await own.CountAsync(Filter.Parse("n > 1"), Cancel));
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await own.SearchAsync(new SearchRequest { Text = "x" }, Cancel));
        Assert.Equal(ErrorCode.InvalidQuery, fault.Code);
        Assert.Contains("before it is committed", fault.Message, StringComparison.Ordinal);
    }

    private static async Task FindsAsync(Collection things, Random random, string about)
    {
        for (var i = 0; i < 4; i++)
        {
            var request = new SearchRequest { Vector = Vector(random), K = random.Next(1, 30), Filter = i % 2 == 0 ? Filter.True : Filter.Parse("n < 4"), IsExact = true };
            var expected = await NearestAsync(things, request.Vector.Value, request.Filter, request.K);
            var found = (await things.SearchAsync(request, Cancel)).Hits.Select(static hit => hit.Record.Id).ToList();
            Assert.True(expected.SequenceEqual(found), $"{about}: {string.Join(' ', found)} for {string.Join(' ', expected)}");
            Assert.Equal(expected.Count, (await things.SearchAsync(request with { IsExact = false }, Cancel)).Hits.Count);
        }
    }

    private static async Task<List<string>> NearestAsync(Collection things, ReadOnlyMemory<float> query, Filter filter, int k)
    {
        var all = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.Where(filter), Cancel)) all.Add(record);
        // Vectors have whole numbers, so that the distances of equals are equal to the bit.
        return [.. all.Where(static record => record["v"].Kind == ValueKind.Vector).Select(record => (record.Id, Distance: (float)ScanSearch.Distance(query.Span, record["v"].AsVector.Span, VectorMetric.L2))).OrderBy(static each => each.Distance).ThenBy(static each => each.Id, StringComparer.Ordinal).Take(k).Select(static each => each.Id)];
    }

    private static async Task ChangeAsync(Collection things, Random random)
    {
        var ids = Enumerable.Range(0, random.Next(10, 60)).Select(_ => $"{random.Next(450):000}").Distinct().ToList();
        foreach (var id in ids.Take(8)) await things.DeleteAsync(id, null, Cancel);
        await things.UpsertManyAsync([.. ids.Skip(8).Select(id => Thing(random, id))], cancellationToken: Cancel);
    }

    private static Record Thing(Random random, string id) => random.Next(10) == 0 ? new Record { Id = id, ["n"] = random.Next(10) } : new Record { Id = id, ["n"] = random.Next(10), ["v"] = Vector(random) };

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => (float)random.Next(-5, 6))];
}

using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

public sealed class VectorSearchTests
{
    private const int Dimension = 8;
    private static readonly FieldPath Field = FieldPath.Parse("v");

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<VectorMetric, VectorMethod> Kinds => new()
    {
        { VectorMetric.Cosine, VectorMethod.Hnsw }, { VectorMetric.L2, VectorMethod.Hnsw }, { VectorMetric.Dot, VectorMethod.Flat }, { VectorMetric.L1, VectorMethod.Flat }, { VectorMetric.L2, VectorMethod.Auto },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Whatever_was_written_an_exact_search_finds_what_looking_at_everything_finds(VectorMetric metric, VectorMethod method)
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        var index = new IndexDefinition(IndexKind.Vector, Field) { Dimension = Dimension, Metric = metric, Method = method, M = 8, EfConstruction = 40 };
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        var isIndexed = random.Next(2) == 0;
        if (isIndexed) Assert.True(await things.CreateIndexAsync(index, Cancel));
        for (var round = 0; round < 12; round++)
        {
            await ChangeAsync(things, random);
            if (!isIndexed && round == 4) isIndexed = await things.CreateIndexAsync(index, Cancel);
            if (!isIndexed) continue;
            switch (random.Next(6))
            {
                case 0:
                    await things.SettleIndexesAsync(null, Cancel);
                    break;
                case 1:
                    await fixture.ReopenAsync();
                    things = fixture.Database.Collection("things");
                    break;
                case 2:
                    Assert.True(await things.RebuildIndexAsync(IndexKind.Vector, Field, Cancel));
                    break;
                default:
                    break;
            }

            var all = await AllAsync(things);
            for (var i = 0; i < 4; i++)
            {
                var filter = random.Next(3) switch { 0 => Filter.True, 1 => Filter.Parse("n < 3"), _ => Filter.Parse("not (n = 5) and flag = true") };
                var request = new SearchRequest { Vector = Vector(random), K = random.Next(1, 40), Filter = filter, IsExact = true };
                await FindsAsync(things, all, request, metric, $"BASALT_SEED={Seed} round {round}");
                // A walk finds as many, and nothing that does not match.
                var near = await things.SearchAsync(request with { IsExact = false }, Cancel);
                Assert.Equal(Math.Min(request.K, all.Count(record => HasVector(record) && filter.Matches(record))), near.Hits.Count);
                Assert.All(near.Hits, hit => Assert.True(filter.Matches(hit.Record)));
                Assert.Equal(near.Hits.Count, near.Hits.Select(static hit => hit.Record.Id).Distinct().Count());
            }
        }
    }

    [Fact]
    public async Task A_search_by_example_leaves_the_example_out_and_groups_give_each_value_once()
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        await things.CreateManyAsync([.. Enumerable.Range(0, 300).Select(i => Thing(random, $"{i:000}"))], cancellationToken: Cancel);
        await things.UpsertAsync(new Record { Id = "007", ["n"] = 7, ["v"] = Vector(random) }, null, Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, Field) { Dimension = Dimension, Metric = VectorMetric.L2 }, Cancel);
        var like = await things.SearchAsync(new SearchRequest { Like = "007", K = 5 }, Cancel);
        Assert.Equal(5, like.Hits.Count);
        Assert.DoesNotContain(like.Hits, static hit => hit.Record.Id == "007");
        var groups = await things.SearchAsync(new SearchRequest { Vector = Vector(random), K = 7, GroupBy = FieldPath.Parse("n") }, Cancel);
        Assert.Equal(7, groups.Hits.Select(static hit => hit.Record["n"]).Distinct().Count());
        // There are ten values and no more groups.
        Assert.Equal(10, (await things.SearchAsync(new SearchRequest { Vector = Vector(random), K = 50, GroupBy = FieldPath.Parse("n") }, Cancel)).Hits.Count);
        var diverse = await things.SearchAsync(new SearchRequest { Vector = Vector(random), K = 10, Diversity = 0.5 }, Cancel);
        Assert.Equal(10, diverse.Hits.Select(static hit => hit.Record.Id).Distinct().Count());
        var near = await things.SearchAsync(new SearchRequest { Vector = Vector(random), K = 300, MaxDistance = 2.5f }, Cancel);
        Assert.All(near.Hits, static hit => Assert.True(hit.Distance <= 2.5));
    }

    [Theory]
    [InlineData("dimension")]
    [InlineData("nan")]
    [InlineData("zero")]
    [InlineData("text")]
    public async Task A_vector_that_the_index_cannot_take_is_refused_by_name_and_nothing_is_written(string what)
    {
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, Field) { Dimension = 3 }, Cancel);
        Value bad = what switch
        {
            "dimension" => new float[] { 1, 2 },
            "nan" => new float[] { 1, float.NaN, 2 },
            "zero" => new float[3],
            _ => "a text",
        };
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await things.CreateManyAsync([new Record { Id = "good", ["v"] = new float[] { 1, 2, 3 } }, new Record { Id = "bad", ["v"] = bad }], cancellationToken: Cancel));
        Assert.Equal(ErrorCode.InvalidRecord, fault.Code);
        Assert.Contains("'bad'", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, await things.CountAsync(null, Cancel));
        await things.CreateAsync(new Record { Id = "none" }, Cancel);
        Assert.Empty((await things.SearchAsync(new SearchRequest { Vector = new float[] { 1, 0, 0 } }, Cancel)).Hits);
    }

    [Fact]
    public async Task A_search_that_cannot_be_meant_says_why()
    {
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        await things.CreateAsync(new Record { Id = "a", ["v"] = new float[] { 1, 2 } }, Cancel);
        Assert.Contains("no vector index", (await FailsAsync(things, new SearchRequest { Vector = new float[2] })).Message, StringComparison.Ordinal);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, Field) { Dimension = 2, Metric = VectorMetric.L2 }, Cancel);
        Assert.Contains("3", (await FailsAsync(things, new SearchRequest { Vector = new float[3] })).Message, StringComparison.Ordinal);
        Assert.Contains("'b'", (await FailsAsync(things, new SearchRequest { Like = "b" })).Message, StringComparison.Ordinal);
        await FailsAsync(things, new SearchRequest());
        await FailsAsync(things, new SearchRequest { Vector = new float[2], K = -1 });
        Assert.Empty((await things.SearchAsync(new SearchRequest { Vector = new float[2], K = 0 }, Cancel)).Hits);
    }

    private static async Task<BasaltException> FailsAsync(Collection things, SearchRequest request) => await Assert.ThrowsAsync<BasaltException>(async () => await things.SearchAsync(request, Cancel));

    private static async Task FindsAsync(Collection things, List<Record> all, SearchRequest request, VectorMetric metric, string about)
    {
        var query = request.Vector!.Value;
        var expected = all.Where(record => HasVector(record) && request.Filter.Matches(record)).Select(record => (record.Id, Distance: ScanSearch.Distance(query.Span, record["v"].AsVector.Span, metric))).OrderBy(static each => each.Distance).Take(request.K).ToList();
        var answer = await things.SearchAsync(request, Cancel);
        Assert.True(answer.Plan.IsExact, about);
        Assert.True(expected.Count == answer.Hits.Count, $"{about}: {answer.Hits.Count} found of {expected.Count}; {answer.Plan}");
        for (var i = 0; i < expected.Count; i++)
        {
            // Float and double may order neighbours at almost the same distance differently.
            Assert.True(Math.Abs(expected[i].Distance - answer.Hits[i].Distance!.Value) < 1e-4 * Math.Max(1, Math.Abs(expected[i].Distance)), $"{about} at {i}: {answer.Hits[i].Distance} for {expected[i].Distance}");
            Assert.Equal(all.Single(record => record.Id == answer.Hits[i].Record.Id), answer.Hits[i].Record);
        }
    }

    private static async Task ChangeAsync(Collection things, Random random)
    {
        var batch = Enumerable.Range(0, random.Next(1, 120)).Select(_ => $"{random.Next(400):000}").Distinct().ToList();
        if (random.Next(3) == 0)
            foreach (var id in batch.Take(20)) await things.DeleteAsync(id, null, Cancel);
        else
            await things.UpsertManyAsync([.. batch.Select(id => Thing(random, id))], cancellationToken: Cancel);
    }

    private static Record Thing(Random random, string id) =>
        random.Next(10) == 0 ? new Record { Id = id, ["n"] = random.Next(10) } : new Record { Id = id, ["n"] = random.Next(10), ["flag"] = random.Next(2) == 0, ["v"] = Vector(random) };

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() * 4 - 2))];

    private static bool HasVector(Record record) => record["v"].Kind == ValueKind.Vector;

    private static async Task<List<Record>> AllAsync(Collection things)
    {
        var all = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.All, Cancel)) all.Add(record);
        return all;
    }
}

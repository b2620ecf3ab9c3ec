using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

public sealed class TextRankingTests
{
    private static readonly string[] Words = ["basalt", "granite", "lava", "stone", "old", "new", "grey", "flow", "column", "sea"];
    private static readonly string[] Queries = ["basalt", "lava stone", "\"old lava\"", "gr*", "granit~", "+sea flow", "stone -new", "column grey old"];

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_any_history_texts_rank_as_in_a_collection_that_never_had_another_record(int salt)
    {
        var random = new Random(Seed + salt);
        await using var fixture = await EngineFixture.OpenAsync(8 << 10);
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        if (random.Next(2) == 0) await things.CreateIndexAsync(Index, Cancel);
        if (random.Next(2) == 0) await things.CreateIndexAsync(new IndexDefinition(IndexKind.Scalar, FieldPath.Parse("n")), Cancel);
        for (var round = 0; round < 6; round++)
        {
            await ChangeAsync(things, random);
            await ChangeAsync(things, random);
            await things.CreateIndexAsync(Index, Cancel);
            if (random.Next(3) == 0) await things.SettleIndexesAsync(null, Cancel);
            var about = $"BASALT_SEED={Seed} salt {salt} round {round}";
            await RanksAsAloneAsync(things, random, about);
            await using var transaction = await fixture.Database.BeginAsync(Cancel);
            await ChangeAsync(transaction.Collection("things"), random);
            await RanksAsAloneAsync(transaction.Collection("things"), random, $"{about} in a transaction");
        }
    }

    private static IndexDefinition Index => new(IndexKind.Text, FieldPath.Parse("text"));

    private static async Task RanksAsAloneAsync(Collection things, Random random, string about)
    {
        var all = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.All, Cancel)) all.Add(record);
        await using var fixture = await EngineFixture.OpenAsync(1 << 20);
        var alone = fixture.Database.Collection("things");
        if (all.Count == 0) return;
        await alone.CreateManyAsync(all, cancellationToken: Cancel);
        await alone.CreateIndexAsync(Index, Cancel);
        if (random.Next(2) == 0) await alone.SettleIndexesAsync(null, Cancel);
        foreach (var query in Queries)
        {
            var filter = random.Next(3) switch { 0 => Filter.Parse("n < 4"), 1 => Filter.Parse("m = 1"), _ => Filter.True };
            var request = new SearchRequest { Text = query, K = random.Next(1, 60), Filter = filter };
            var (expected, found) = (await alone.SearchAsync(request, Cancel), await things.SearchAsync(request, Cancel));
            Assert.True(expected.Hits.Select(static hit => (hit.Record.Id, hit.Score)).SequenceEqual(found.Hits.Select(static hit => (hit.Record.Id, hit.Score))),
                $"{about}: {query} where {filter}:\n{string.Join(' ', found.Hits.Select(static hit => $"{hit.Record.Id}:{hit.Score}"))}\nfor\n{string.Join(' ', expected.Hits.Select(static hit => $"{hit.Record.Id}:{hit.Score}"))}");
        }
    }

    private static async Task ChangeAsync(Collection things, Random random)
    {
        var ids = Enumerable.Range(0, random.Next(1, 120)).Select(_ => $"{random.Next(300):000}").Distinct().ToList();
        if (random.Next(3) == 0)
            foreach (var id in ids.Take(25)) await things.DeleteAsync(id, null, Cancel);
        else
            await things.UpsertManyAsync([.. ids.Select(id => new Record { Id = id, ["text"] = string.Join(' ', Enumerable.Range(0, random.Next(0, 7)).Select(_ => Words[random.Next(Words.Length)])), ["n"] = random.Next(8), ["m"] = random.Next(3) })], cancellationToken: Cancel);
    }
}

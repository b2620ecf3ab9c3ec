using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

public sealed class ExpiryTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task No_index_finds_what_has_expired_wherever_it_lies(int salt)
    {
        var random = new Random(Seed + salt);
        var clock = new ManualClock();
        await using var fixture = await EngineFixture.OpenAsync(8 << 10, clock: clock);
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Scalar, FieldPath.Parse("n")), Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Text, FieldPath.Parse("text")), Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, FieldPath.Parse("v")) { Dimension = 4, Metric = VectorMetric.L2, M = 8, EfConstruction = 40 }, Cancel);
        var alive = new SortedDictionary<string, Record>(StringComparer.Ordinal);
        for (var round = 0; round < 24; round++)
        {
            var records = Enumerable.Range(0, random.Next(1, 120)).Select(_ => $"{random.Next(400):000}").Distinct().Select(id => Thing(random, id, clock.Now)).ToList();
            (await things.UpsertManyAsync(records, cancellationToken: Cancel)).EnsureDone();
            foreach (var record in records) alive[record.Id] = record;
            if (random.Next(3) == 0)
            {
                clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 60)));
                foreach (var gone in alive.Values.Where(record => record.Expires <= clock.Now).ToList()) alive.Remove(gone.Id);
            }

            switch (random.Next(5))
            {
                case 0:
                    await things.SettleIndexesAsync(null, Cancel);
                    break;
                case 1:
                    fixture.Backend.Compact(Cancel);
                    break;
                case 2:
                    await fixture.ReopenAsync();
                    things = fixture.Database.Collection("things");
                    break;
                default:
                    break;
            }

            var about = $"BASALT_SEED={Seed} salt {salt} round {round}: ";
            Assert.True(alive.Count == await things.CountAsync(null, Cancel), $"{about}counted {await things.CountAsync(null, Cancel)} of {alive.Count}");
            Assert.Equal(alive.Count, fixture.Backend.Stats().Collections[0].Records);
            var n = random.Next(12);
            Assert.Equal(alive.Values.Where(record => record["n"] == n).Select(static record => record.Id), (await things.QueryAsync(Query.Where($"n = {n}"), Cancel)).Records.Select(static record => record.Id));
            var texts = await things.SearchAsync(new SearchRequest { Text = "lava", K = 1000 }, Cancel);
            Assert.Equal(alive.Values.Where(static record => record["text"].AsString.Contains("lava", StringComparison.Ordinal)).Select(static record => record.Id), texts.Hits.Select(static hit => hit.Record.Id).Order(StringComparer.Ordinal));
            foreach (var isExact in new[] { true, false })
            {
                var near = await things.SearchAsync(new SearchRequest { Vector = new float[4], K = 1000, IsExact = isExact }, Cancel);
                Assert.True(alive.Keys.SequenceEqual(near.Hits.Select(static hit => hit.Record.Id).Order(StringComparer.Ordinal)), $"{about}exact {isExact}: {near.Hits.Count} of {alive.Count}");
            }

            if (random.Next(3) == 0) Assert.Empty(fixture.Backend.Verify(null, Cancel));
        }
    }

    [Fact]
    public async Task The_count_is_exact_when_the_clock_is_set_back_and_forth()
    {
        var random = new Random(Seed);
        var clock = new ManualClock();
        await using var fixture = await EngineFixture.OpenAsync(4 << 10, clock: clock);
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        for (var step = 0; step < 400; step++)
        {
            var id = $"{random.Next(30):00}";
            if (random.Next(4) == 0) await things.DeleteWhereAsync(Filter.Parse($"$id = '{id}'"), Cancel);
            else await things.UpsertAsync(Thing(random, id, clock.Now), null, Cancel);
            clock.Advance(TimeSpan.FromMilliseconds(random.Next(-25, 30)));
            if (random.Next(40) == 0)
            {
                await fixture.ReopenAsync();
                things = fixture.Database.Collection("things");
            }

            var (before, counted, after) = (await SeeAsync(), await things.CountAsync(null, Cancel), await SeeAsync());
            // What was expired for a while may be reclaimed between two looks.
            if (before == after) Assert.True(counted == before, $"BASALT_SEED={Seed} step {step}: counted {counted} of {before} at {clock.Now:O}");
        }

        async Task<long> SeeAsync()
        {
            var seen = 0L;
            await foreach (var _ in things.StreamAsync(Query.All, Cancel)) seen++;
            return seen;
        }
    }

    [Fact]
    public async Task What_has_expired_is_reclaimed_by_merges_with_the_tree_of_its_times()
    {
        var clock = new ManualClock();
        await using var fixture = await EngineFixture.OpenAsync(4 << 10, clock: clock);
        var things = fixture.Database.Collection("things");
        var random = new Random(Seed);
        for (var i = 0; i < 300; i++) await things.UpsertAsync(new Record { Id = $"{i:000}", Expires = clock.Now.AddMilliseconds(1 + i), ["text"] = new string('x', 100) }, null, Cancel);
        fixture.Backend.Compact(Cancel);
        Assert.True(fixture.Backend.Stats().Store.Entries >= 600);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await things.CountAsync(null, Cancel));
        await things.UpsertAsync(new Record { Id = "last" }, null, Cancel);
        fixture.Backend.Compact(Cancel);
        // The record, and what the catalogue says.
        Assert.InRange(fixture.Backend.Stats().Store.Entries, 1, 10);
        Assert.Equal(1, await things.CountAsync(null, Cancel));
        Assert.True(await fixture.Database.DropCollectionAsync("things", Cancel));
        await fixture.ReopenAsync();
        Assert.Empty(fixture.Backend.Verify(null, Cancel));
    }

    private static Record Thing(Random random, string id, DateTimeOffset now) => new()
    {
        Id = id,
        Expires = random.Next(3) == 0 ? null : now.AddMilliseconds(random.Next(1, 80)),
        ["n"] = random.Next(12),
        ["text"] = random.Next(2) == 0 ? "old lava" : "grey stone",
        ["v"] = Value.FromVector(Enumerable.Range(0, 4).Select(_ => random.NextSingle()).ToArray()),
    };
}

using System.Diagnostics.Metrics;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

public sealed class RecallTests
{
    private const int Dimension = 16;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_share_of_searches_is_measured_against_the_exact_answer_of_the_same_moment()
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync(4 << 20, recallEvery: 3);
        var things = await FilledAsync(fixture, random);
        Assert.Null((await things.ListIndexesAsync(Cancel))[0].Recall);
        var (shares, before) = (new List<double>(), 0L);
        for (var i = 0; i < 30; i++)
        {
            // As little effort as there is, so that something is missed.
            var request = new SearchRequest { Vector = Vector(random), K = 10, Effort = 10, Filter = i % 2 == 0 ? Filter.True : Filter.Parse("n < 50") };
            var found = await things.SearchAsync(request, Cancel);
            if (i % 3 == 0)
            {
                var exact = (await things.SearchAsync(request with { IsExact = true }, Cancel)).Hits.Select(static hit => hit.Record.Id).ToHashSet();
                shares.Add(found.Plan.IsExact ? 1 : found.Hits.Count(hit => exact.Contains(hit.Record.Id)) / (double)exact.Count);
                // What is written after the search was not there to be found.
                await things.UpsertAsync(new Record { Id = "late", ["v"] = request.Vector!.Value.ToArray(), ["n"] = 0 }, null, Cancel);
                fixture.Backend.Recall!.Measure(Cancel);
                for (var left = 1000; (await things.ListIndexesAsync(Cancel))[0].Recall is not { } known || known.Searches == before; left--)
                {
                    Assert.True(left > 0, "the search was not measured");
                    await Task.Delay(10, Cancel);
                }

                before++;
                await things.DeleteAsync("late", null, Cancel);
            }
        }

        var recall = (await things.ListIndexesAsync(Cancel))[0].Recall!;
        Assert.Equal((10, 0L, 0L), (recall.Searches, recall.Dropped, recall.Failed));
        Assert.Equal(shares.Average(), recall.Recall, 3);
        Assert.True(recall.Low <= recall.Recall && recall.Recall <= recall.High && recall.High > recall.Low);
        Assert.Equal(recall, fixture.Backend.Stats().Collections[0].Indexes[0].Recall);
        using var listener = new MeterListener();
        var measured = new List<double>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "basalt.search.recall") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Contains(recall.Recall, measured);
    }

    [Fact]
    public async Task Searches_that_wait_are_let_go_of_when_the_database_closes()
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync(4 << 20, recallEvery: 1);
        var things = await FilledAsync(fixture, random);
        for (var i = 0; i < 50; i++) await things.SearchAsync(new SearchRequest { Vector = Vector(random), K = 5 }, Cancel);
        // The store refuses to close while somebody holds a snapshot, were it so.
        await fixture.ReopenAsync();
        Assert.Null((await fixture.Database.Collection("things").ListIndexesAsync(Cancel))[0].Recall);
    }

    private static async Task<Collection> FilledAsync(EngineFixture fixture, Random random)
    {
        var things = fixture.Database.Collection("things");
        await things.CreateManyAsync([.. Enumerable.Range(0, 3000).Select(i => new Record { Id = $"{i:0000}", ["v"] = Vector(random), ["n"] = i % 100 })], cancellationToken: Cancel);
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Vector, FieldPath.Parse("v")) { Dimension = Dimension, Metric = VectorMetric.L2, Method = VectorMethod.Hnsw, M = 4, EfConstruction = 16 }, Cancel);
        await things.SettleIndexesAsync(null, Cancel);
        return things;
    }

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() * 4 - 2))];
}

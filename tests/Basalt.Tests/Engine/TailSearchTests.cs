using Basalt.Engine;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Tests.Engine;

/// <summary>What is only in memory is found, as of one moment, whoever writes meanwhile.</summary>
public sealed class TailSearchTests
{
    private const int Dimension = 8;
    private static readonly FieldPath Field = FieldPath.Parse("v");
    private static readonly IndexDefinition Index = new(IndexKind.Vector, Field) { Dimension = Dimension, Metric = VectorMetric.L2 };
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(16 << 10)]
    [InlineData(4 << 20)]
    public async Task A_search_sees_the_records_of_one_moment_while_all_of_them_are_written_anew(int memtableBytes)
    {
        const int records = 60;
        var acknowledged = 0;
        await using var fixture = await EngineFixture.OpenAsync(memtableBytes);
        var things = fixture.Database.Collection("things");
        await WriteAsync(things, 0);
        await things.CreateIndexAsync(Index, Cancel);
        var writer = Task.Run(
            async () =>
            {
                // Each generation is one commit: what a search sees is one of them, whole.
                for (var generation = 1; generation <= 150; generation++)
                {
                    await WriteAsync(things, generation);
                    Volatile.Write(ref acknowledged, generation);
                }
            },
            Cancel);
        var searchers = Enumerable.Range(0, 3).Select(number => Task.Run(
            async () =>
            {
                var random = new Random(Seed + number);
                while (!writer.IsCompleted)
                {
                    var (least, k) = (Volatile.Read(ref acknowledged), random.Next(1, records + 20));
                    var query = Vector(random.Next(records), random.Next(150));
                    var isFiltered = random.Next(2) == 0;
                    var request = new SearchRequest { Vector = query, K = k, Filter = isFiltered ? Filter.Parse("i < 20") : Filter.True, IsExact = random.Next(2) == 0 };
                    var hits = (await things.SearchAsync(request, Cancel)).Hits;
                    var why = $"BASALT_SEED={Seed} searcher {number} k={k} least={least}";
                    Assert.True(hits.Count == Math.Min(k, isFiltered ? 20 : records), $"{why}: {hits.Count} found");
                    var generation = (int)hits[0].Record["g"].AsInt64;
                    Assert.True(generation >= least, $"{why}: {generation} is seen");
                    Assert.All(hits, hit => Assert.Equal(generation, hit.Record["g"].AsInt64));
                    var expected = Enumerable.Range(0, isFiltered ? 20 : records).Select(i => ScanSearch.Distance(query, Vector(i, generation), VectorMetric.L2)).Order().ToArray();
                    for (var i = 0; i < hits.Count; i++)
                    {
                        // Float and double may order neighbours at almost the same distance differently.
                        Assert.True(Math.Abs(expected[i] - hits[i].Distance!.Value) < 1e-5, $"{why} at {i}: {hits[i].Distance} for {expected[i]}");
                        Assert.Equal(Vector((int)hits[i].Record["i"].AsInt64, generation), hits[i].Record["v"].AsVector.ToArray());
                    }
                }
            },
            Cancel)).ToArray();
        await Task.WhenAll([writer, .. searchers]);

        async Task WriteAsync(Collection collection, int generation) =>
            (await collection.UpsertManyAsync([.. Enumerable.Range(0, records).Select(i => new Record { Id = $"{i:00}", ["i"] = i, ["g"] = generation, ["v"] = Vector(i, generation) })], cancellationToken: Cancel)).EnsureDone();
    }

    [Fact]
    public async Task Equal_vectors_are_found_by_the_order_of_ids_wherever_they_lie()
    {
        var random = new Random(Seed);
        await using var fixture = await EngineFixture.OpenAsync(4 << 20);
        var things = fixture.Database.Collection("things");
        var ids = Enumerable.Range(0, 200).Select(static i => $"{i:000}").ToArray();
        random.Shuffle(ids);
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        await things.CreateIndexAsync(Index, Cancel);
        foreach (var part in ids.Chunk(50)) await things.CreateManyAsync([.. part.Select(id => new Record { Id = id, ["v"] = new float[Dimension] })], cancellationToken: Cancel);
        for (var round = 0; round < 3; round++)
        {
            foreach (var isExact in new[] { true, false })
            {
                var hits = (await things.SearchAsync(new SearchRequest { Vector = new float[Dimension], K = 30, IsExact = isExact }, Cancel)).Hits;
                Assert.True(Enumerable.Range(0, 30).Select(static i => $"{i:000}").SequenceEqual(hits.Select(static hit => hit.Record.Id)), $"BASALT_SEED={Seed} round {round}: {string.Join(' ', hits.Select(static hit => hit.Record.Id))}");
            }

            // In memory, in a table, and both.
            if (round == 0) await things.SettleIndexesAsync(null, Cancel);
            else await things.UpsertManyAsync([.. ids.Take(60).Select(id => new Record { Id = id, ["v"] = new float[Dimension] })], cancellationToken: Cancel);
        }
    }

    [Fact]
    public async Task Rows_of_the_tail_are_taken_from_the_account_and_without_room_records_are_read_one_by_one()
    {
        const int records = 3000;
        var memory = new MemoryBudget(EngineOptions.LeastMemoryBytes);
        await using var database = Database.Over(EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = new MemoryFileSystem(), MemoryBytes = EngineOptions.LeastMemoryBytes, Budget = memory }));
        await database.CreateCollectionAsync("things", null, Cancel);
        var things = database.Collection("things");
        await things.CreateIndexAsync(Index, Cancel);
        var random = new Random(Seed);
        var vectors = Enumerable.Range(0, records).Select(_ => Enumerable.Range(0, Dimension).Select(_ => random.NextSingle()).ToArray()).ToArray();
        await things.CreateManyAsync([.. vectors.Select(static (vector, i) => new Record { Id = $"{i:0000}", ["v"] = vector })], cancellationToken: Cancel);
        Assert.Equal(0, memory.UsedFor(MemoryUse.Sidecars));
        const int step = 16 << 10;
        var left = 0L;
        // What is set aside for memtables is not to be had.
        for (; memory.TryTake(MemoryUse.Builds, step); left += step)
        {
        }

        await FindsAsync();
        Assert.Equal(0, memory.UsedFor(MemoryUse.Sidecars));
        // Room for some of them.
        memory.Return(MemoryUse.Builds, 100 << 10);
        await FindsAsync();
        Assert.InRange(memory.UsedFor(MemoryUse.Sidecars), 1, 100 << 10);
        memory.Return(MemoryUse.Builds, left - (100 << 10));
        await FindsAsync();
        Assert.InRange(memory.UsedFor(MemoryUse.Sidecars), records * 64, records * 64 * 2);
        await things.SettleIndexesAsync(null, Cancel);
        Assert.Equal(0, memory.UsedFor(MemoryUse.Sidecars));
        await FindsAsync();

        async Task FindsAsync()
        {
            for (var q = 0; q < 5; q++)
            {
                var query = vectors[random.Next(records)];
                var hits = (await things.SearchAsync(new SearchRequest { Vector = query, K = 20, IsExact = true }, Cancel)).Hits;
                Assert.Equal(Enumerable.Range(0, records).OrderBy(i => ScanSearch.Distance(query, vectors[i], VectorMetric.L2)).Take(20).Select(static i => $"{i:0000}"), hits.Select(static hit => hit.Record.Id));
            }
        }
    }

    private static float[] Vector(int i, int generation)
    {
        var random = new Random(generation * 1000 + i);
        return [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle())];
    }
}

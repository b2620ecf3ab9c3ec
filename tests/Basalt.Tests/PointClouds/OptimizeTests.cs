using Basalt.Backends.Memory;
using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;
using Basalt.Tests.Lsm;
using Basalt.Tests.Migration;

namespace Basalt.Tests.PointClouds;

public sealed class OptimizeTests
{
    private static readonly PointQuery Whole = new() { WithLabels = true, WithBlocks = true };

    [Fact]
    public async Task Large_labels_get_chunks_of_their_own_and_small_ones_share()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema(), new PointCloudOptions { Grace = TimeSpan.Zero });
        var random = new Random(Generator.SeedOfRun);
        var sample = new CloudSample(cloud.Schema);
        var seen = new HashSet<(ulong, int, int, int)>();
        foreach (var (label, count) in new[] { (1UL, 40_000), (2UL, 5_000) }.Concat(Enumerable.Range(3, 200).Select(static i => ((ulong)i, 30))))
        {
            var middle = random.Next(1000);
            for (var i = 0; i < count;)
            {
                var (x, y, z) = (middle + random.Next(60), random.Next(60), random.Next(60));
                if (!seen.Add((label, x, y, z))) continue;
                sample.Points.Add(new SamplePoint(label, $"block {i++ % 7}", [(ulong)x, (ulong)y, (ulong)z], []));
            }
        }

        await sample.IngestAsync(cloud, ingests: 4);
        var before = await cloud.StatsAsync();
        Assert.Equal(4, before.Runs);
        await cloud.OptimizeAsync();
        var after = await cloud.StatsAsync();
        // Three of the first label, one of the second, one that two hundred share.
        Assert.Equal((1, 5), (after.Runs, after.Chunks));
        Assert.True(after.Bytes < before.Bytes, $"{after.Bytes} after {before.Bytes}");
        sample.AssertSame(sample.Points, await cloud.ReadAsync(Whole));
        Assert.Empty((await cloud.VerifyAsync()).Damage);
        var timing = new ReadTiming();
        sample.AssertSame(sample.Points.Where(static p => p.Label == 77), await cloud.ReadAsync(Whole with { Labels = [77], Timing = timing }));
        Assert.Equal(1, timing.Chunks);
    }

    [Fact]
    public async Task An_optimisation_that_fails_at_any_write_loses_and_repeats_nothing()
    {
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), ColumnType.Int32, 3, 1_500, isWild: false);
        for (var failing = 1; ; failing++)
        {
            var backend = new FaultingBackend(new MemoryBackend());
            await using var database = Database.Over(backend);
            var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema, new PointCloudOptions { Grace = TimeSpan.Zero });
            await sample.IngestAsync(cloud, ingests: 3);
            var first = backend.BatchSizes.Count;
            Action<int> fault = number =>
            {
                if (number == first + failing) throw new BasaltException(ErrorCode.Unavailable, "Pulled.");
            };
            if (failing % 2 == 0) backend.AfterWrite = fault;
            else backend.BeforeWrite = fault;
            var failed = false;
            try
            {
                await cloud.OptimizeAsync();
            }
            catch (BasaltException e) when (e.Code == ErrorCode.Unavailable)
            {
                failed = true;
            }

            sample.AssertSame(sample.Points, await cloud.ReadAsync(Whole));
            Assert.Empty((await cloud.VerifyAsync()).Damage);
            await cloud.OptimizeAsync();
            sample.AssertSame(sample.Points, await cloud.ReadAsync(Whole));
            Assert.Equal(1, (await cloud.StatsAsync()).Runs);
            if (!failed) return;
        }
    }

    [Fact]
    public async Task Readers_and_writers_go_on_while_runs_are_merged()
    {
        await using var database = await Database.OpenAsync("memory:");
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), ColumnType.Int32, 3, 2_000, isWild: false);
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 4);
        using var ended = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            var rounds = 0;
            for (; !ended.IsCancellationRequested || rounds == 0; rounds++) Assert.True(await cloud.CountAsync(Whole with { Ball = new Ball([0, 0, 0], 1e6) }) >= sample.Points.Count);
            return rounds;
        });
        for (var i = 0; i < 12; i++)
        {
            await using var ingest = await cloud.IngestAsync();
            await ingest.AddAsync($"new {i}", sample.SetOf([.. sample.Points.Take(10)]));
            await ingest.CompleteAsync();
            await cloud.OptimizeAsync();
        }

        await ended.CancelAsync();
        Assert.True(await reading > 0);
        Assert.Equal(sample.Points.Count + 120, await cloud.CountAsync(PointQuery.All));
        Assert.Empty((await cloud.VerifyAsync()).Damage);
    }

    [Fact]
    public async Task What_was_replaced_stays_for_its_readers_until_the_grace_has_passed()
    {
        var time = new ShiftedTime();
        await using var database = await Database.OpenAsync("memory:", new DatabaseOptions { TimeProvider = time });
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), ColumnType.Int32, 3, 500, isWild: false);
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema, new PointCloudOptions { TimeProvider = time, CacheBytes = 0 });
        await sample.IngestAsync(cloud, ingests: 2);
        await using var slow = cloud.StreamAsync(Whole).GetAsyncEnumerator();
        await cloud.OptimizeAsync();
        Assert.Equal(2, (await cloud.StatsAsync()).Retired);
        Assert.Equal(0, (await cloud.OptimizeAsync()).Removed);
        var read = 0;
        while (await slow.MoveNextAsync()) read += slow.Current.Count;
        Assert.Equal(sample.Points.Count, read);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(2, (await cloud.OptimizeAsync()).Removed);
        Assert.Equal(0, (await cloud.StatsAsync()).Retired);
        sample.AssertSame(sample.Points, await cloud.ReadAsync(Whole));
    }

    [Fact]
    public async Task Damage_is_found_and_named()
    {
        await using var database = await Database.OpenAsync("memory:");
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), ColumnType.Int32, 3, 500, isWild: false);
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema, new PointCloudOptions { CacheBytes = 0 });
        await sample.IngestAsync(cloud, ingests: 2);
        var records = database.Collection("c");
        var chunk = (await records.QueryAsync(Basalt.Queries.Query.Where("kind = 'chunk'"))).Records[0];
        var bytes = chunk["data"].AsBytes.ToArray();
        bytes[^9] ^= 4;
        await records.UpdateAsync(chunk with { Fields = chunk.Fields.With("data", bytes) });
        Assert.Contains(chunk.Id, (await cloud.VerifyAsync()).Damage[0]);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await cloud.ReadAsync(Whole));
        Assert.Equal(ErrorCode.Corrupt, fault.Code);
        Assert.Contains(chunk.Id, fault.Message);
        await records.DeleteAsync(chunk.Id);
        Assert.Contains(chunk.Id, (await cloud.VerifyAsync()).Damage[0]);
    }
}

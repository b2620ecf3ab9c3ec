using Basalt.Backends.Memory;
using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Reading;
using Basalt.Tests.Lsm;
using Basalt.Tests.Migration;

namespace Basalt.Tests.PointClouds;

public sealed class IngestTests
{
    private static readonly PointSchema Plain = new();

    [Fact]
    public async Task A_block_is_taken_once_however_often_it_comes()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", Plain);
        var (points, shuffled) = (Points((1, 2, 3, 7), (4, 5, 6, 7), (1, 2, 3, 8)), Points((1, 2, 3, 8), (4, 5, 6, 7), (1, 2, 3, 7)));
        await using (var ingest = await cloud.IngestAsync())
        {
            Assert.False(await ingest.HasAsync("b"));
            Assert.True(await ingest.AddAsync("b", points));
            Assert.True(await ingest.HasAsync("b"));
            Assert.False(await ingest.AddAsync("b", shuffled));
            Assert.Equal(new IngestReport(1, 1, 3, 0, 1), await ingest.CompleteAsync());
        }

        await using (var again = await (await PointCloud.OpenAsync(database, "c")).IngestAsync())
        {
            Assert.False(await again.AddAsync("b", shuffled));
            // Other content under the same id is no retry.
            var fault = await Assert.ThrowsAsync<BasaltException>(async () => await again.AddAsync("b", Points((1, 2, 3, 7))));
            Assert.Equal(ErrorCode.Conflict, fault.Code);
            Assert.True(await again.AddAsync("other", Points((9, 9, 9, 9))));
            Assert.Equal(new IngestReport(1, 1, 1, 0, 1), await again.CompleteAsync());
        }

        Assert.Equal(4, await cloud.CountAsync(PointQuery.All));
        Assert.Equal(2, await cloud.CountAsync(7));
    }

    [Fact]
    public async Task Equal_points_of_a_block_are_one_and_those_of_two_blocks_are_two()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", Plain);
        await using var ingest = await cloud.IngestAsync();
        await ingest.AddAsync("a", Points((1, 1, 1, 5), (2, 2, 2, 5), (1, 1, 1, 5), (1, 1, 1, 6)));
        await ingest.AddAsync("b", Points((1, 1, 1, 5)));
        Assert.Equal(new IngestReport(2, 0, 4, 1, 1), await ingest.CompleteAsync());
        Assert.Equal(3, await cloud.CountAsync(5));
        Assert.Equal(3, (await cloud.ReadAsync(PointQuery.OfLabel(5))).Count);
        Assert.Equal(2, await cloud.CountAsync(new PointQuery { Labels = [5], Block = "a" }));
    }

    [Fact]
    public async Task What_does_not_fit_the_schema_is_refused_whole_and_by_name()
    {
        await using var database = await Database.OpenAsync("memory:");
        var schema = new PointSchema { Axes = ["x", "y"], Attributes = [new("id", ColumnType.UInt64), new("w", ColumnType.UInt8)] };
        var cloud = await PointCloud.CreateAsync(database, "c", schema);
        await using var ingest = await cloud.IngestAsync();
        var (x, y, id, w) = (Column.Of("x", [1, 2]), Column.Of("y", [1, 2]), Column.Of("id", [1L, 2L]), Column.Of("w", [1, 255]));
        ulong[] labels = [1, 1];
        await RefusedAsync(new PointSet([x, Column.Of("y", [1.0, 2.0])], [id, w], labels), "'y' is float64");
        await RefusedAsync(new PointSet([x, Column.Of("y", [1L, 1L << 40])], [id, w], labels), "1099511627776 for 'y'");
        await RefusedAsync(new PointSet([x, y], [Column.Of("id", [1L, -1L]), w], labels), "-1 for 'id'");
        await RefusedAsync(new PointSet([x, y], [id, Column.Of("w", [1, 256])], labels), "256 for 'w'");
        await RefusedAsync(new PointSet([x, y], [id], labels), "no 'w'");
        await RefusedAsync(new PointSet([x], [id, w], labels), "1 coordinates");
        await RefusedAsync(new PointSet([x, y], [id, w, Column.Of("z", [1, 2])], labels), "'z'");
        await RefusedAsync(new PointSet([x, y], [id, w]), "no labels");
        // What fits value by value is taken.
        Assert.True(await ingest.AddAsync("b", new PointSet([Column.Of("x", [1L, 2L]), y], [id, w], labels)));
        Assert.Equal(2, (await ingest.CompleteAsync()).Points);
        var floats = await PointCloud.CreateAsync(database, "f", new PointSchema { CoordinateType = ColumnType.Float32 });
        await using var other = await floats.IngestAsync();
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
            Assert.Contains("no place", (await Assert.ThrowsAsync<BasaltException>(async () => await other.AddAsync("b", new PointSet([Column.Of("x", [1f]), Column.Of("y", [bad]), Column.Of("z", [1f])], null, [1])))).Message);

        async Task RefusedAsync(PointSet points, string because)
        {
            var fault = await Assert.ThrowsAsync<BasaltException>(async () => await ingest.AddAsync("b", points));
            Assert.Equal(ErrorCode.InvalidData, fault.Code);
            Assert.Contains(because, fault.Message);
        }
    }

    [Fact]
    public async Task An_ingest_that_fails_at_any_write_and_is_begun_anew_loses_and_repeats_nothing()
    {
        var random = new Random(Generator.SeedOfRun);
        var sample = CloudSample.Random(random, ColumnType.Int32, 3, 2_500, isWild: false);
        var blocks = sample.Points.GroupBy(static point => point.Block).ToArray();
        for (var failing = 1; ; failing++)
        {
            // Half of the faults leave the write done, as when an answer is lost.
            var isDone = failing % 2 == 0;
            var backend = new FaultingBackend(new MemoryBackend());
            await using var database = Database.Over(backend);
            var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema, new PointCloudOptions { Grace = TimeSpan.Zero });
            var first = backend.BatchSizes.Count;
            Action<int> fault = number =>
            {
                if (number == first + failing) throw new BasaltException(ErrorCode.Unavailable, "Pulled.");
            };
            if (isDone) backend.AfterWrite = fault;
            else backend.BeforeWrite = fault;
            var failed = false;
            try
            {
                await TakeAsync();
            }
            catch (BasaltException e) when (e.Code == ErrorCode.Unavailable)
            {
                failed = true;
                await TakeAsync();
            }

            sample.AssertSame(sample.Points, await cloud.ReadAsync(new PointQuery { WithLabels = true, WithBlocks = true }));
            Assert.Empty((await cloud.VerifyAsync()).Damage);
            if (!failed) return;

            async Task TakeAsync()
            {
                await using var ingest = await cloud.IngestAsync(new IngestOptions { RunPoints = 1024 });
                foreach (var block in blocks) await ingest.AddAsync(block.Key, sample.SetOf([.. block]));
                await ingest.CompleteAsync();
            }
        }
    }

    [Fact]
    public async Task What_a_dead_writer_left_is_removed_after_the_grace_and_not_before()
    {
        var time = new ShiftedTime();
        var backend = new FaultingBackend(new MemoryBackend());
        await using var database = Database.Over(backend, new DatabaseOptions { TimeProvider = time });
        var cloud = await PointCloud.CreateAsync(database, "c", Plain, new PointCloudOptions { TimeProvider = time });
        var writes = backend.BatchSizes.Count;
        // The second write is that of the chunks and pages; the third would name the run.
        backend.BeforeWrite = number =>
        {
            if (number == writes + 3) throw new BasaltException(ErrorCode.Unavailable, "Pulled.");
        };
        var ingest = await cloud.IngestAsync();
        await ingest.AddAsync("b", Points((1, 2, 3, 4)));
        await Assert.ThrowsAsync<BasaltException>(async () => await ingest.CompleteAsync());
        await ingest.DisposeAsync();
        Assert.Equal(1, (await cloud.StatsAsync()).Pending);
        var left = await database.Collection("c").CountAsync();
        Assert.True(left > 3);
        await cloud.OptimizeAsync();
        Assert.Equal(left, await database.Collection("c").CountAsync());
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, (await cloud.OptimizeAsync()).Removed);
        Assert.Equal(1, await database.Collection("c").CountAsync());
        Assert.Equal(0, (await cloud.StatsAsync()).Pending);
    }

    [Fact]
    public async Task Of_two_ingests_that_bring_a_block_at_the_same_time_one_begins_anew()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", Plain);
        await using var one = await cloud.IngestAsync();
        await using var other = await cloud.IngestAsync();
        await one.AddAsync("b", Points((1, 2, 3, 4)));
        await other.AddAsync("b", Points((1, 2, 3, 4)));
        await other.AddAsync("c", Points((5, 6, 7, 8)));
        await one.CompleteAsync();
        Assert.Equal(ErrorCode.Conflict, (await Assert.ThrowsAsync<BasaltException>(async () => await other.CompleteAsync())).Code);
        Assert.Equal(1, await cloud.CountAsync(PointQuery.All));
        await using var again = await cloud.IngestAsync();
        Assert.False(await again.AddAsync("b", Points((1, 2, 3, 4))));
        Assert.True(await again.AddAsync("c", Points((5, 6, 7, 8))));
        await again.CompleteAsync();
        Assert.Equal(2, await cloud.CountAsync(PointQuery.All));
    }

    [Fact]
    public async Task Many_small_ingests_leave_few_runs()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", Plain, new PointCloudOptions { Grace = TimeSpan.Zero });
        for (var i = 0; i < 40; i++)
        {
            await using var ingest = await cloud.IngestAsync(new IngestOptions { MostRuns = 4 });
            await ingest.AddAsync($"{i}", Points((i, i, i, 1)));
            await ingest.CompleteAsync();
            Assert.InRange((await cloud.StatsAsync()).Runs, 1, 5);
        }

        Assert.Equal(40, await cloud.CountAsync(1));
        Assert.Equal(40, (await cloud.BlocksOfAsync(1)).Count);
    }

    [Fact]
    public async Task A_collection_of_something_else_is_no_cloud()
    {
        await using var database = await Database.OpenAsync("memory:");
        await database.Collection("films").CreateAsync(new Record { ["title"] = "Alien" });
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await PointCloud.OpenAsync(database, "films"))).Code);
        Assert.Equal(ErrorCode.AlreadyExists, (await Assert.ThrowsAsync<BasaltException>(async () => await PointCloud.CreateAsync(database, "films", Plain))).Code);
        await PointCloud.OpenOrCreateAsync(database, "c", Plain);
        Assert.Equal(ErrorCode.Conflict, (await Assert.ThrowsAsync<BasaltException>(async () => await PointCloud.OpenOrCreateAsync(database, "c", Plain with { CoordinateType = ColumnType.Int64 }))).Code);
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await PointCloud.CreateAsync(database, "d", Plain with { Axes = ["x"] }))).Code);
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await PointCloud.CreateAsync(database, "d", Plain with { Axes = ["x", "label"] }))).Code);
    }

    private static PointSet Points(params (int X, int Y, int Z, ulong Label)[] points) => new(
        [Column.Of("x", points.Select(static p => p.X).ToArray()), Column.Of("y", points.Select(static p => p.Y).ToArray()), Column.Of("z", points.Select(static p => p.Z).ToArray())], null, [.. points.Select(static p => p.Label)]);
}

using Basalt.Backends.Memory;
using Basalt.Conformance;
using Basalt.DuckDb;
using Basalt.DuckDb.Native;
using Basalt.Engine;
using Basalt.Migration;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;

namespace Basalt.Tests.PointClouds;

/// <summary>A cloud is records, so a copy of its collection is the cloud, whatever backend it goes to.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-cloud-copy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("memory", "basalt")]
    [InlineData("basalt", "memory")]
    [InlineData("basalt", "duckdb")]
    [InlineData("memory", "duckdb")]
    [InlineData("duckdb", "basalt")]
    [InlineData("duckdb", "memory")]
    public async Task A_copied_cloud_is_the_same_cloud(string from, string to)
    {
        Assert.SkipWhen((from == "duckdb" || to == "duckdb") && DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");
        var random = new Random(Generator.SeedOfRun);
        var sample = CloudSample.Random(random, ColumnType.Int32, 3, 1500, isWild: false);
        await using var source = Open(from, "source");
        await using var target = Open(to, "target");
        var original = await PointCloud.CreateAsync(source, "c", sample.Schema);
        await sample.IngestAsync(original, ingests: 3);
        // Edits are records, too.
        var labels = sample.Points.Select(static point => point.Label).Distinct().Take(2).ToArray();
        await original.MergeAsync(labels[0], [labels[1]]);
        var moved = new CloudSample(sample.Schema);
        moved.Points.AddRange(sample.Points.Select(point => point.Label == labels[1] ? point with { Label = labels[0] } : point));

        var report = await Copier.RunAsync(source.Collection("c"), target.Collection("copy"));
        Assert.True(report.IsVerified);
        Assert.Equal(await source.Collection("c").CountAsync(), report.Written);
        // The whole way round: what comes back has the hash of what went.
        var back = await Copier.RunAsync(target.Collection("copy"), source.Collection("back"));
        Assert.Equal((report.Written, report.Hash), (back.Written, back.Hash));

        var cloud = await PointCloud.OpenAsync(target, "copy");
        Assert.Empty((await cloud.VerifyAsync()).Damage);
        Assert.Equal(await original.StatsAsync(), await cloud.StatsAsync());
        await AssertReadsAsync(moved, cloud, random);
        // It is a cloud that goes on: it is optimised, and the edit is undone.
        await cloud.OptimizeAsync();
        Assert.Equal(1, (await cloud.StatsAsync()).Runs);
        await AssertReadsAsync(moved, cloud, random);
        await cloud.UndoAsync();
        sample.AssertSame(sample.Points, await cloud.ReadAsync(new PointQuery { WithLabels = true, WithBlocks = true }));
    }

    private static async Task AssertReadsAsync(CloudSample sample, PointCloud cloud, Random random)
    {
        var whole = new PointQuery { WithLabels = true, WithBlocks = true };
        sample.AssertSame(sample.Points, await cloud.ReadAsync(whole));
        foreach (var label in sample.Points.Select(static point => point.Label).Distinct()) sample.AssertSame(sample.Points.Where(point => point.Label == label), await cloud.ReadAsync(whole with { Labels = [label] }));
        for (var i = 0; i < 10; i++)
        {
            var box = sample.RandomBox(random, isWild: false);
            var inside = sample.Points.Where(point => sample.IsIn(point, box)).ToArray();
            sample.AssertSame(inside, await cloud.ReadAsync(whole with { Box = box }));
            Assert.Equal(inside.Length, await cloud.CountAsync(PointQuery.In(box)));
            var (center, radius) = (box.Lowest, random.NextDouble() * 500);
            sample.AssertSame(sample.Points.Where(point => sample.Distance(point, center) <= radius), await cloud.ReadAsync(whole with { Ball = new Ball(center, radius) }));
            var nearest = await cloud.NearestAsync(center, 7, whole);
            Assert.Equal(sample.Points.Select(point => sample.Distance(point, center)).Order().Take(7), nearest.Distances);
        }
    }

    private Database Open(string scheme, string name) => Database.Over(scheme switch
    {
        "memory" => new MemoryBackend(),
        "basalt" => EngineBackend.Open(new EngineOptions { Path = Path.Combine(_folder, name) }),
        _ => DuckDbBackend.Open(new DuckDbOptions { Path = Path.Combine(_folder, name + ".db"), Threads = 2 }),
    });
}

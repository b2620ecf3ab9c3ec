using Basalt.Conformance;
using Basalt.Engine;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Tests.PointClouds;

/// <summary>Every answer of a cloud against that of looking at all points.</summary>
public sealed class CloudReadTests : IDisposable
{
    private static readonly PointQuery Whole = new() { WithLabels = true, WithBlocks = true };
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-points-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, ColumnType, int, bool> Clouds
    {
        get
        {
            var clouds = new TheoryData<string, ColumnType, int, bool>();
            foreach (var type in LatticeTests.Types)
            foreach (var isWild in new[] { false, true })
            {
                clouds.Add("memory:", type, 3, isWild);
                clouds.Add("memory:", type, isWild ? 4 : 2, isWild);
            }

            clouds.Add("basalt:", ColumnType.Int32, 3, false);
            clouds.Add("basalt:", ColumnType.Int64, 3, true);
            clouds.Add("file:", ColumnType.Float64, 3, false);
            return clouds;
        }
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Every_read_gives_what_looking_at_all_points_gives(string scheme, ColumnType type, int axes, bool isWild)
    {
        var random = new Random(Generator.SeedOfRun);
        var sample = CloudSample.Random(random, type, axes, 3_000, isWild);
        await using var database = await Database.OpenAsync(scheme == "memory:" ? scheme : scheme + _folder, new DatabaseOptions { Backends = BackendSet.Default.With(EngineBackend.Scheme) });
        var cloud = await PointCloud.CreateAsync(database, "cloud", sample.Schema, new PointCloudOptions { CacheBytes = random.Next(2) * 100_000, Grace = TimeSpan.Zero });
        await sample.IngestAsync(cloud, ingests: 3);
        await CheckAsync(cloud, sample, random, isWild);
        var report = await cloud.OptimizeAsync();
        Assert.Equal((3, sample.Points.Count, 3), (report.Runs, report.Points, report.Removed));
        Assert.True(report.ChunksAfter <= report.ChunksBefore);
        await CheckAsync(cloud, sample, random, isWild);
        // And by another reader of the same records.
        await CheckAsync(await PointCloud.OpenAsync(database, "cloud"), sample, random, isWild);
    }

    private static async Task CheckAsync(PointCloud cloud, CloudSample sample, Random random, bool isWild)
    {
        sample.AssertSame(sample.Points, await cloud.ReadAsync(Whole));
        Assert.Equal(sample.Points.Count, await cloud.CountAsync(PointQuery.All));
        await CheckLabelsAsync(cloud, sample);
        await CheckBlocksAsync(cloud, sample);
        for (var i = 0; i < 12; i++)
        {
            await CheckPlaceAsync(cloud, sample, Whole with { Box = sample.RandomBox(random, isWild) });
            var near = sample.Points[random.Next(sample.Points.Count)];
            var center = Enumerable.Range(0, sample.Schema.Axes.Count).Select(axis => sample.ValueOf(near, axis)).ToArray();
            // A radius between two distances, so that rounding does not decide.
            var distances = sample.Points.Select(point => sample.Distance(point, center)).Order().ToArray();
            var radius = distances[random.Next(1, 200)] * 1.0000001;
            await CheckPlaceAsync(cloud, sample, Whole with { Ball = new Ball(center, radius) });
            await CheckPlaceAsync(cloud, sample, Whole with { Ball = new Ball(center, radius), Box = sample.RandomBox(random, isWild), Labels = [near.Label, 77] });
            await CheckPlaceAsync(cloud, sample, Whole with { Block = near.Block, Labels = random.Next(2) == 0 ? null : [near.Label] });
            var count = random.Next(1, 50);
            var nearest = await cloud.NearestAsync(center, count, Whole);
            Assert.Equal(distances[..count], nearest.Distances);
            Assert.Equal(nearest.Distances, sample.KeysOf(nearest.Points).Select(key => sample.Distance(sample.Points.Single(point => point.Key == key), center)));
        }
    }

    private static async Task CheckLabelsAsync(PointCloud cloud, CloudSample sample)
    {
        var expected = sample.Points.GroupBy(static point => point.Label).OrderBy(static group => group.Key).ToArray();
        var labels = new List<LabelSummary>();
        await foreach (var label in cloud.LabelsAsync()) labels.Add(label);
        Assert.Equal(expected.Select(static group => (group.Key, (long)group.Count())), labels.Select(static label => (label.Label, label.Points)));
        foreach (var (group, label) in expected.Zip(labels))
        {
            sample.AssertSame(group, await cloud.ReadAsync(Whole with { Labels = [group.Key] }));
            Assert.Equal(group.Count(), await cloud.CountAsync(group.Key));
            Assert.Equal(label.Bounds, await cloud.BoundsAsync(group.Key));
            for (var axis = 0; axis < sample.Schema.Axes.Count; axis++)
            {
                Assert.Equal(group.Select(point => sample.ValueOf(point, axis)).Min(), label.Bounds.Lowest[axis]);
                Assert.Equal(group.Select(point => sample.ValueOf(point, axis)).Max(), label.Bounds.Highest[axis]);
            }

            Assert.Equal(group.Select(static point => point.Block).Distinct().Order(StringComparer.Ordinal), await cloud.BlocksOfAsync(group.Key));
        }

        var two = await cloud.ReadAsync(Whole with { Labels = [expected[0].Key, expected[^1].Key, expected[0].Key] });
        sample.AssertSame(expected[0].Concat(expected[^1]), two);
        Assert.Equal(0, await cloud.CountAsync(123456789));
        Assert.Equal(0, (await cloud.ReadAsync(PointQuery.OfLabel(123456789))).Count);
        Assert.Null(await cloud.BoundsAsync(123456789));
    }

    private static async Task CheckBlocksAsync(PointCloud cloud, CloudSample sample)
    {
        var blocks = new List<KeyValuePair<string, long>>();
        await foreach (var block in cloud.BlocksAsync()) blocks.Add(block);
        Assert.Equal(sample.Points.GroupBy(static point => point.Block).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(static group => KeyValuePair.Create(group.Key, (long)group.Count())), blocks);
        var labels = await cloud.LabelsInAsync(new PointQuery { Block = blocks[0].Key });
        Assert.Equal(sample.Points.Where(point => point.Block == blocks[0].Key).GroupBy(static point => point.Label).OrderBy(static group => group.Key).Select(static group => KeyValuePair.Create(group.Key, (long)group.Count())), labels);
    }

    private static async Task CheckPlaceAsync(PointCloud cloud, CloudSample sample, PointQuery query)
    {
        var expected = sample.Points.Where(point => (query.Box is null || sample.IsIn(point, query.Box)) && (query.Ball is null || sample.Distance(point, query.Ball.Center) <= query.Ball.Radius)
            && (query.Labels is null || query.Labels.Contains(point.Label)) && (query.Block is null || point.Block == query.Block)).ToList();
        sample.AssertSame(expected, await cloud.ReadAsync(query));
        Assert.Equal(expected.Count, await cloud.CountAsync(query));
        var streamed = 0;
        await foreach (var part in cloud.StreamAsync(query)) streamed += part.Count;
        Assert.Equal(expected.Count, streamed);
        Assert.Equal(expected.Select(static point => point.Label).Distinct().Order(), (await cloud.LabelsInAsync(query)).Keys);
    }
}

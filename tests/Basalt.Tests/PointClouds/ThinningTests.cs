using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;

namespace Basalt.Tests.PointClouds;

public sealed class ThinningTests
{
    private static readonly PointQuery Whole = new() { WithLabels = true, WithBlocks = true };

    [Fact]
    public async Task A_sample_is_the_same_wherever_the_points_lie_and_each_point_is_as_likely()
    {
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), ColumnType.Int32, 3, 1_000, isWild: false);
        await using var database = await Database.OpenAsync("memory:");
        var one = await PointCloud.CreateAsync(database, "one", sample.Schema);
        var other = await PointCloud.CreateAsync(database, "other", sample.Schema);
        await sample.IngestAsync(one, ingests: 1);
        await sample.IngestAsync(other, ingests: 3);
        var keys = sample.Points.Select(static point => point.Key).ToHashSet();
        var chosen = new Dictionary<string, int>();
        for (var seed = 0; seed < 200; seed++)
        {
            var points = await one.SampleAsync(50, seed, Whole);
            Assert.Equal(50, points.Count);
            foreach (var key in sample.KeysOf(points))
            {
                Assert.Contains(key, keys);
                chosen[key] = chosen.GetValueOrDefault(key) + 1;
            }

            if (seed % 20 == 0) Assert.Equal(Places(points), Places(await other.SampleAsync(50, seed, Whole)));
        }

        // 10,000 draws of 1,000 points: ten each, and hardly ever more than thirty.
        Assert.True(chosen.Count > 950 && chosen.Values.Max() < 40, $"{chosen.Count} points were ever chosen, one of them {chosen.Values.Max()} times");
        Assert.Equal(1_000, (await one.SampleAsync(5_000, 1, Whole)).Count);
        var label = sample.Points[0].Label;
        Assert.All((await one.SampleAsync(5, 1, Whole with { Labels = [label] })).Labels.ToArray(), l => Assert.Equal(label, l));
    }

    [Theory]
    [InlineData(ColumnType.Int32)]
    [InlineData(ColumnType.Float64)]
    public async Task A_level_of_detail_has_the_lowest_point_of_each_cell(ColumnType type)
    {
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), type, 3, 1_500, isWild: false);
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 2);
        foreach (var level in new[] { 0, 3, 5, 20 })
        {
            var edge = Math.ScaleB(1, level);
            var expected = sample.Points.GroupBy(point => string.Join(',', point.Coordinates.Select(c => Math.Floor(Bits.ToDouble(type, c) / edge))))
                .Select(group => group.Select(point => string.Join(' ', point.Coordinates.Select(c => (Bits.ToDouble(type, c) + 1000).ToString("0000.00", System.Globalization.CultureInfo.InvariantCulture)))).Min(StringComparer.Ordinal));
            var points = await cloud.CoarseAsync(level, Whole);
            var actual = Enumerable.Range(0, points.Count).Select(i => string.Join(' ', points.Coordinates.Select(c => (c.ToDouble(i) + 1000).ToString("0000.00", System.Globalization.CultureInfo.InvariantCulture))));
            Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<string> Places(PointSet points) => Enumerable.Range(0, points.Count).Select(i => string.Join(',', points.Coordinates.Select(c => c[i]))).Order(StringComparer.Ordinal);
}

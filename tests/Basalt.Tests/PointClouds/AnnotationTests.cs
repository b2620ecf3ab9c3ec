using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Files;
using Basalt.PointClouds.Files.Neuroglancer;
using Basalt.PointClouds.Reading;

namespace Basalt.Tests.PointClouds;

public sealed class AnnotationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-annotations-").FullName;

    private string Target => Path.Combine(_folder, "a.precomputed");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ColumnType.Int32, 3, 1)]
    [InlineData(ColumnType.Int32, 2, 20)]
    [InlineData(ColumnType.Float32, 3, 100)]
    [InlineData(ColumnType.Float64, 4, 7)]
    [InlineData(ColumnType.Int64, 3, 5000)]
    public async Task Every_index_of_an_export_has_the_points_of_the_cloud(ColumnType type, int axes, int cellPoints)
    {
        var random = new Random(Generator.SeedOfRun);
        var sample = Sample(random, type, axes, 3000);
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 2);
        var report = await AnnotationExport.RunAsync(cloud, PointQuery.All, Target, new AnnotationOptions { CellPoints = cellPoints, Scale = [.. Enumerable.Range(1, axes).Select(static axis => axis * 4e-9)] });
        Assert.Equal(sample.Points.Count, report.Points);
        Assert.Equal(["exact values of double", "blocks"], report.Dropped);
        var reader = new AnnotationReader(Target);
        Assert.Equal(sample.Schema.Axes, reader.Axes);
        Assert.Equal([4e-9, 8e-9], reader.Info.GetProperty("dimensions").EnumerateObject().Take(2).Select(static d => d.Value[0].GetDouble()));

        var byId = Enumerable.Range(0, sample.Points.Count).ToDictionary(static id => (ulong)id, id => reader.Find((ulong)id)!);
        Assert.Null(reader.Find((ulong)sample.Points.Count));
        Assert.Equal(sample.Points.Select(point => KeyOf(sample, point)).Order(StringComparer.Ordinal), byId.Values.Select(static a => KeyOf(a, Assert.Single(a.Labels))).Order(StringComparer.Ordinal));
        Assert.Equal(report.LargestError, sample.Points.Max(point => point.Coordinates.Max(bits => Math.Abs(Bits.ToDouble(type, bits) - (float)Bits.ToDouble(type, bits)))));

        Assert.Equal(sample.Points.Select(static point => $"{point.Label}").Distinct().Order(StringComparer.Ordinal), Directory.GetFiles(Path.Combine(Target, reader.Relationship)).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        foreach (var label in sample.Points.GroupBy(static point => point.Label))
        {
            var related = reader.Related(label.Key);
            Assert.All(related, one => Assert.Equal(KeyOf(byId[one.Id], label.Key), KeyOf(one, label.Key)));
            Assert.Equal(label.Count(), related.Select(static one => one.Id).Distinct().Count());
        }

        AssertSpatial(reader, byId);
    }

    [Fact]
    public async Task Levels_end_where_more_points_than_a_cell_may_have_are_in_one_place()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema());
        await using (var ingest = await cloud.IngestAsync())
        {
            for (var block = 0; block < 40; block++) await ingest.AddAsync($"{block}", new PointSet([Column.Of("x", [5, block]), Column.Of("y", [5, 0]), Column.Of("z", [5, 0])]).WithLabel(3));
            await ingest.CompleteAsync();
        }

        await AnnotationExport.RunAsync(cloud, PointQuery.All, Target, new AnnotationOptions { CellPoints = 1 });
        var reader = new AnnotationReader(Target);
        Assert.Equal(15, reader.Levels.Length);
        Assert.True(reader.Levels[^1].Limit > 1);
        AssertSpatial(reader, Enumerable.Range(0, 80).ToDictionary(static id => (ulong)id, id => reader.Find((ulong)id)!));
    }

    [Fact]
    public async Task A_loss_is_stated_and_what_the_format_cannot_have_is_refused()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema { CoordinateType = ColumnType.Int64, Attributes = [new("id", ColumnType.UInt64), new("Bad name", ColumnType.UInt8)] });
        await TakeAsync(cloud, new PointSet([Column.Of("x", [(1L << 24) + 1, 4]), Column.Of("y", [1L << 40, 5]), Column.Of("z", [-7L, 6])], [Column.Of("id", [ulong.MaxValue, 1UL << 32 | 9]), Column.Of("Bad name", [(byte)9, (byte)8])], [ulong.MaxValue, 0]));
        Assert.Contains("'Bad name'", (await RefusedAsync(ErrorCode.Unsupported, PointQuery.All)).Message);
        await Assert.ThrowsAsync<ArgumentException>(async () => await AnnotationExport.RunAsync(cloud, new PointQuery { Attributes = ["none"] }, Target));
        var query = new PointQuery { Attributes = ["id"] };
        var report = await PointExport.RunAsync(cloud, query, Target);
        Assert.Equal((2L, 1.0), (report.Points, report.LargestError));
        Assert.Equal(["Bad name", "blocks"], report.Dropped);
        var huge = Assert.Single(new AnnotationReader(Target).Related(ulong.MaxValue));
        Assert.Equal([1 << 24, 1L << 40, -7], huge.Position);
        Assert.Equal([uint.MaxValue, uint.MaxValue], [huge.Properties["id_low"], huge.Properties["id_high"]]);
        var small = Assert.Single(new AnnotationReader(Target).Related(0));
        Assert.Equal([9, 1], [small.Properties["id_low"], small.Properties["id_high"]]);

        // A folder is replaced when it is asked for, and only one of annotations; what fails leaves all as it was.
        Assert.Contains("--overwrite", (await RefusedAsync(ErrorCode.AlreadyExists, query)).Message);
        Assert.Equal(1, (await AnnotationExport.RunAsync(cloud, query with { Labels = [0] }, Target, overwrite: true)).Points);
        Assert.Equal(["0"], Directory.GetFiles(Path.Combine(Target, "by_label")).Select(static file => Path.GetFileName(file)));
        var other = Directory.CreateDirectory(Path.Combine(_folder, "other.precomputed")).FullName;
        await File.WriteAllTextAsync(Path.Combine(other, "info"), "{}");
        Assert.Contains("no annotations", (await Assert.ThrowsAsync<BasaltException>(async () => await AnnotationExport.RunAsync(cloud, query, other, overwrite: true))).Message);
        foreach (var bad in new[] { new AnnotationOptions { CellPoints = 0 }, new AnnotationOptions { Scale = [1, 1] }, new AnnotationOptions { Scale = [1, 0, 1] } })
            Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await AnnotationExport.RunAsync(cloud, query, Target, bad, overwrite: true))).Code);
        var floats = await PointCloud.CreateAsync(database, "f", new PointSchema { CoordinateType = ColumnType.Float64 });
        await TakeAsync(floats, new PointSet([Column.Of("x", [1e300]), Column.Of("y", [0.0]), Column.Of("z", [0.0])], null, [1]));
        Assert.Equal(ErrorCode.Unsupported, (await Assert.ThrowsAsync<BasaltException>(async () => await AnnotationExport.RunAsync(floats, PointQuery.All, Target, overwrite: true))).Code);
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);

        async Task<BasaltException> RefusedAsync(ErrorCode code, PointQuery of)
        {
            var fault = await Assert.ThrowsAsync<BasaltException>(async () => await AnnotationExport.RunAsync(cloud, of, Target));
            Assert.Equal(code, fault.Code);
            return fault;
        }
    }

    [Fact]
    public async Task An_export_of_no_points_is_whole()
    {
        await using var database = await Database.OpenAsync("memory:");
        Assert.Equal(0, (await AnnotationExport.RunAsync(await PointCloud.CreateAsync(database, "c", new PointSchema()), PointQuery.All, Target)).Points);
        var reader = new AnnotationReader(Target);
        Assert.Null(reader.Find(0));
        Assert.Empty(reader.Cells(Assert.Single(reader.Levels)));
    }

    /// <summary>Each annotation is in one cell of one level, which has its place; no cell has more than the limit, and each level divides the cells of the one before.</summary>
    private static void AssertSpatial(AnnotationReader reader, Dictionary<ulong, Annotation> byId)
    {
        Assert.All(reader.Levels[0].Grid, static cells => Assert.Equal(1, cells));
        var seen = new HashSet<ulong>();
        for (var number = 0; number < reader.Levels.Length; number++)
        {
            var level = reader.Levels[number];
            for (var axis = 0; axis < reader.Axes.Length; axis++)
            {
                Assert.Equal(reader.Upper[axis] - reader.Lower[axis], level.Grid[axis] * level.Cell[axis], 1e-9 * (reader.Upper[axis] - reader.Lower[axis]));
                if (number > 0) Assert.Contains(level.Grid[axis] / reader.Levels[number - 1].Grid[axis], (int[])[1, 2]);
            }

            foreach (var (cell, annotations) in reader.Cells(level))
            {
                Assert.InRange(annotations.Count, 1, level.Limit);
                foreach (var one in annotations)
                {
                    Assert.True(seen.Add(one.Id), $"the annotation {one.Id} is there twice");
                    Assert.Equal(KeyOf(byId[one.Id], 0), KeyOf(one, 0));
                    for (var axis = 0; axis < cell.Length; axis++)
                    {
                        Assert.True(one.Position[axis] < reader.Upper[axis]);
                        Assert.InRange(cell[axis], 0, level.Grid[axis] - 1);
                        var slack = 1e-9 * level.Cell[axis];
                        Assert.InRange(one.Position[axis], reader.Lower[axis] + cell[axis] * level.Cell[axis] - slack, reader.Lower[axis] + (cell[axis] + 1) * level.Cell[axis] + slack);
                    }
                }
            }
        }

        Assert.Equal(byId.Count, seen.Count);
    }

    private static CloudSample Sample(Random random, ColumnType type, int axes, int points)
    {
        var plain = CloudSample.Random(random, type, axes, points, isWild: false);
        var sample = new CloudSample(plain.Schema with { Attributes = [new("byte", ColumnType.UInt8), new("long", ColumnType.Int64), new("single", ColumnType.Float32), new("double", ColumnType.Float64), new("other", ColumnType.UInt8), new("int", ColumnType.Int32)] });
        foreach (var point in plain.Points.DistinctBy(static point => (point with { Attributes = [] }).Key))
        {
            sample.Points.Add(point with
            {
                Attributes = [(byte)random.Next(), (ulong)random.NextInt64(long.MinValue, long.MaxValue), BitConverter.SingleToUInt32Bits(random.NextSingle()), BitConverter.DoubleToUInt64Bits(random.NextDouble()), (byte)random.Next(), (ulong)random.Next(int.MinValue, 0)],
            });
        }

        return sample;
    }

    /// <summary>What an annotation of the point must say.</summary>
    private static string KeyOf(CloudSample sample, SamplePoint point) => KeyOf(
        new Annotation(0, [.. point.Coordinates.Select(bits => (float)Bits.ToDouble(sample.Schema.CoordinateType, bits))], new()
        {
            ["byte"] = point.Attributes[0],
            ["long_low"] = (uint)point.Attributes[1],
            ["long_high"] = (int)(point.Attributes[1] >> 32),
            ["single"] = BitConverter.UInt32BitsToSingle((uint)point.Attributes[2]),
            ["double"] = (float)BitConverter.UInt64BitsToDouble(point.Attributes[3]),
            ["other"] = point.Attributes[4],
            ["int"] = (int)point.Attributes[5],
        }, []), point.Label);

    private static string KeyOf(Annotation annotation, ulong label) => $"{label}|{string.Join(',', annotation.Position)}|{string.Join(',', annotation.Properties.OrderBy(static p => p.Key, StringComparer.Ordinal))}";

    private static async Task TakeAsync(PointCloud cloud, PointSet points)
    {
        await using var ingest = await cloud.IngestAsync();
        await ingest.AddAsync("b", points);
        await ingest.CompleteAsync();
    }
}

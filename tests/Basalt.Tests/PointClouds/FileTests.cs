using System.IO.Compression;
using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Files;
using Basalt.PointClouds.Plotting;
using Basalt.PointClouds.Reading;

namespace Basalt.Tests.PointClouds;

public sealed class FileTests : IDisposable
{
    private static readonly string Segments = Repository.Path("tests", "Basalt.Tests", "PointClouds", "Fixtures", "segments");
    private static readonly PointQuery Whole = new() { WithLabels = true, WithBlocks = true };
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-points-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Points of real neurons: 6 labels, 49 files, 787 points. The boxes and counts are those of the files, counted by other means.</summary>
    [Fact]
    public async Task Real_segments_come_in_by_label_and_block_and_answer_as_the_files_do()
    {
        await using var database = await Database.OpenAsync("memory:");
        var suggested = await PointImport.SuggestAsync(Segments);
        Assert.Equal("x, y, z int64; column_3 int64", suggested.ToString());
        var cloud = await PointCloud.CreateAsync(database, "c", suggested with { CoordinateType = ColumnType.Int32, Attributes = [new("supervoxel", ColumnType.UInt64)] });
        var report = await PointImport.RunAsync(cloud, Segments);
        Assert.Equal(787, report.Points);
        Assert.Equal(0, (await PointImport.RunAsync(cloud, Segments)).Points);
        var files = Directory.GetFiles(Segments, "*.npz", SearchOption.AllDirectories);
        Assert.Equal(49, files.Length);
        foreach (var file in files)
        {
            using var stream = File.OpenRead(file);
            var array = NpyArray.ReadArchive(stream).Single();
            var (label, block) = (ulong.Parse(Path.GetFileName(Path.GetDirectoryName(file)!)[6..]), Path.GetFileNameWithoutExtension(file)[6..]);
            var points = await cloud.ReadAsync(Whole with { Labels = [label], Block = block });
            Assert.Equal(Rows(array.Columns), Rows([.. points.Coordinates, points["supervoxel"]]));
            Assert.Contains(block, await cloud.BlocksOfAsync(label));
            Assert.Contains(label, (await cloud.LabelsInAsync(new PointQuery { Block = block })).Keys);
        }

        Assert.Equal(27, await CountInAsync([384, 1920, 128], [511, 2047, 255]));
        Assert.Equal(50, await CountInAsync([512, 1920, 128], [639, 2047, 255]));
        Assert.Equal(110, await CountInAsync([0, 1800, 0], [600, 2100, 200]));
        var inBox = await cloud.LabelsInAsync(PointQuery.In(new Box([384, 1920, 128], [511, 2047, 255])));
        Assert.Equal([(360287970189827102UL, 1L), (360287970189827172, 9), (360287970189827358, 5), (360287970189827870, 12)], inBox.Select(static pair => (pair.Key, pair.Value)));

        ValueTask<long> CountInAsync(Basalt.Records.Value[] lowest, Basalt.Records.Value[] highest) => cloud.CountAsync(PointQuery.In(new Box(lowest, highest)));
    }

    [Theory]
    [InlineData(".npz", ColumnType.Int64, true)]
    [InlineData(".npz", ColumnType.Float32, true)]
    [InlineData(".csv", ColumnType.Int64, true)]
    [InlineData(".csv", ColumnType.Float64, false)]
    [InlineData(".csv", ColumnType.Float32, false)]
    [InlineData(".ply", ColumnType.Int32, true)]
    [InlineData(".ply", ColumnType.Float64, true)]
    public async Task What_is_exported_comes_back_as_it_was(string ending, ColumnType type, bool isWild)
    {
        var sample = CloudSample.Random(new Random(Generator.SeedOfRun), type, 3, 400, isWild);
        // PLY has no integers of 64 bits for attributes, and text no bits of NaN.
        if (ending != ".npz") sample = Without(sample);
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 2);
        var file = Path.Combine(_folder, "points" + ending);
        var report = await PointExport.RunAsync(cloud, PointQuery.All, file);
        Assert.Equal((sample.Points.Count, 0.0), (report.Points, report.LargestError));
        Assert.Equal(ending == ".csv" ? [] : ["blocks"], report.Dropped);
        Assert.Equal(ErrorCode.AlreadyExists, (await Assert.ThrowsAsync<BasaltException>(async () => await PointExport.RunAsync(cloud, PointQuery.All, file))).Code);
        var other = await PointCloud.CreateAsync(database, "other", sample.Schema);
        await PointImport.RunAsync(other, file);
        var expected = ending == ".csv" ? sample.Points : sample.Points.DistinctBy(static point => (point with { Block = "points" }).Key).Select(static point => point with { Block = "points" });
        sample.AssertSame(expected, await other.ReadAsync(Whole));
    }

    [Fact]
    public async Task A_loss_is_stated()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema { CoordinateType = ColumnType.Int64, Attributes = [new("id", ColumnType.UInt64), new("w", ColumnType.UInt8)] });
        await using (var ingest = await cloud.IngestAsync())
        {
            await ingest.AddAsync("b", new PointSet([Column.Of("x", [(1L << 53) + 1]), Column.Of("y", [1L]), Column.Of("z", [2L])], [Column.Of("id", [ulong.MaxValue]), Column.Of("w", [(byte)9])], [ulong.MaxValue]));
            await ingest.CompleteAsync();
        }

        var report = await PointExport.RunAsync(cloud, new PointQuery { Attributes = ["id"] }, Path.Combine(_folder, "p.ply"));
        Assert.Equal(1, report.LargestError);
        Assert.Equal(["w", "exact values of id", "blocks"], report.Dropped);
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await PointExport.RunAsync(cloud, PointQuery.All, Path.Combine(_folder, "p.xyz")))).Code);
    }

    [Fact]
    public async Task Files_that_are_none_are_refused_by_name()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema());
        foreach (var (name, text, because) in new[]
        {
            ("a.npy", "no array", "NumPy"), ("b.ply", "ply\nformat ascii 1.0\nelement vertex 2\nproperty int x\nend_header\n1\n", "fewer than 2"), ("c.csv", "x,y,z,label\n1,2,3,4\n1,two,3,4\n", "no number"),
            ("d.csv", "x,y\n1,2\n", "columns"), ("e.csv", "x,y,z\n1,2,3\n", "label"), ("f.csv", "x,y,z,label\n1,2.5,3,4\n", "float64"), ("g.txt", "", "not .npz"),
        })
        {
            var file = Path.Combine(_folder, name);
            await File.WriteAllTextAsync(file, text);
            var fault = await Assert.ThrowsAsync<BasaltException>(async () => await PointImport.RunAsync(cloud, file));
            Assert.True(fault.Message.Contains(because, StringComparison.Ordinal), $"{name}: {fault.Message}");
        }

        Assert.Equal(0, await cloud.CountAsync(PointQuery.All));
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await PointImport.RunAsync(cloud, Path.Combine(_folder, "none")))).Code);
    }

    [Fact]
    public async Task A_picture_has_a_light_pixel_where_a_point_is_near()
    {
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", new PointSchema());
        await using (var ingest = await cloud.IngestAsync())
        {
            // Looked at along the first axis: a low point far away on the left, a high one near on the right.
            await ingest.AddAsync("b", new PointSet([Column.Of("x", [0, 100]), Column.Of("y", [0, 100]), Column.Of("z", [0, 100])]).WithLabel(1));
            await ingest.CompleteAsync();
        }

        var file = Path.Combine(_folder, "p.png");
        Assert.Equal(2, await PointPlot.WriteAsync(cloud, PointQuery.OfLabel(1), file, 64, 48, new PlotView(0, 0)));
        var pixels = Pixels(await File.ReadAllBytesAsync(file), 64, 48);
        Assert.Equal(2, pixels.Count(static pixel => pixel > 0));
        var (far, near) = (Array.IndexOf(pixels, (byte)60), Array.IndexOf(pixels, (byte)255));
        Assert.True(near / 64 < far / 64 && near % 64 > far % 64, $"near at {near % 64},{near / 64}, far at {far % 64},{far / 64}");
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await PointPlot.WriteAsync(cloud, PointQuery.OfLabel(2), Path.Combine(_folder, "q.png")))).Code);
    }

    private static byte[] Pixels(byte[] png, int width, int height)
    {
        var at = png.AsSpan().IndexOf("IDAT"u8);
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at - 4));
        using var zlib = new ZLibStream(new MemoryStream(png, at + 4, length), CompressionMode.Decompress);
        var rows = new byte[(width + 1) * height];
        zlib.ReadExactly(rows);
        return [.. Enumerable.Range(0, height).SelectMany(row => rows[(row * (width + 1) + 1)..((row + 1) * (width + 1))])];
    }

    private static CloudSample Without(CloudSample sample)
    {
        var plain = new CloudSample(sample.Schema with { Attributes = [] });
        plain.Points.AddRange(sample.Points.Select(static point => point with { Attributes = [] }).DistinctBy(static point => point.Key));
        return plain;
    }

    private static IEnumerable<string> Rows(Column[] columns) => Enumerable.Range(0, columns[0].Count).Select(i => string.Join(',', columns.Select(column => column[i]))).Order(StringComparer.Ordinal);
}

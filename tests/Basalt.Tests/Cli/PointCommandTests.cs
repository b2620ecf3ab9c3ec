using System.Text.Json;

namespace Basalt.Tests.Cli;

public sealed class PointCommandTests : IDisposable
{
    private const string Cloud = "memory:#neurons";
    private static readonly string Segments = Repository.Path("tests", "Basalt.Tests", "PointClouds", "Fixtures", "segments");
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_cloud_is_taken_in_asked_edited_and_written_out()
    {
        var took = await _tool.RunAsync("points", "import", Segments, Cloud, "--attributes", "supervoxel:uint64");
        took.Done();
        Assert.Contains("took in 787 points", took.Error);
        Assert.Contains("were there already", (await _tool.RunAsync("points", "import", Segments, Cloud)).Error);
        Assert.Equal("787\n", (await _tool.RunAsync("points", "count", Cloud)).Done());
        Assert.Equal("27\n", (await _tool.RunAsync("points", "box", Cloud, "--box", "384,1920,128:511,2047,255", "--count")).Done());
        Assert.Equal("50\n", (await _tool.RunAsync("points", "count", Cloud, "--block", "1734")).Done());
        var labels = (await _tool.RunAsync("points", "labels", Cloud, "--format", "csv")).Done().Split('\n');
        Assert.Equal(8, labels.Length);
        Assert.StartsWith("label,points,min_x,max_x", labels[0]);
        using var rows = JsonDocument.Parse((await _tool.RunAsync("points", "get", Cloud, "--label", "360287970189827828", "--format", "json", "--blocks")).Done());
        var row = rows.RootElement[0];
        // Ids of 64 bits are text, so that no reader of JSON rounds them.
        Assert.Equal((1, "1734", JsonValueKind.String), (rows.RootElement.GetArrayLength(), row.GetProperty("block").GetString(), row.GetProperty("supervoxel").ValueKind));
        Assert.Equal(3, (await _tool.RunAsync("points", "nearest", Cloud, "500,1900,130", "-k", "3", "--format", "jsonl")).Done().TrimEnd().Split('\n').Length);
        Assert.Equal(10, (await _tool.RunAsync("points", "sample", Cloud, "--n", "10", "--format", "jsonl")).Done().TrimEnd().Split('\n').Length);
        (await _tool.RunAsync("points", "merge", Cloud, "360287970189827828", "--into", "360287970189827102")).Done();
        Assert.Equal("0\n", (await _tool.RunAsync("points", "count", Cloud, "--label", "360287970189827828")).Done());
        Assert.Equal("1\n", (await _tool.RunAsync("points", "count", Cloud, "--label", "360287970189827828", "--as-of", "0")).Done());
        (await _tool.RunAsync("points", "split", Cloud, "360287970189827102", "--into", "18446744073709551615", "--block", "1504")).Done();
        Assert.Equal("1\n", (await _tool.RunAsync("points", "count", Cloud, "--label", "18446744073709551615")).Done());
        (await _tool.RunAsync("points", "undo", Cloud)).Done();
        Assert.Equal("0\n", (await _tool.RunAsync("points", "count", Cloud, "--label", "18446744073709551615")).Done());
        Assert.Equal(3, (await _tool.RunAsync("points", "history", Cloud, "--format", "jsonl")).Done().TrimEnd().Split('\n').Length);
        (await _tool.RunAsync("points", "optimize", Cloud)).Done();
        Assert.Contains("787 points", (await _tool.RunAsync("points", "verify", Cloud)).Done());
        Assert.Contains("787", (await _tool.RunAsync("points", "stats", Cloud)).Done());
        var file = _tool.PathOf("all.csv");
        Assert.Contains("coordinates are exact", (await _tool.RunAsync("points", "export", Cloud, file)).Error);
        Assert.Equal(788, File.ReadLines(file).Count());
        (await _tool.RunAsync("points", "plot", Cloud, _tool.PathOf("p.png"), "--width", "64", "--height", "64")).Done();
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(_tool.PathOf("p.png"))[..4]);
        Assert.Contains("chunks", (await _tool.RunAsync("points", "count", Cloud, "--box", "0,0,0:9,9,9", "--timing")).Error);
    }

    [Theory]
    [InlineData("count", "--label", "-1")]
    [InlineData("count", "--box", "1,2,3")]
    [InlineData("count", "--box", "1,2:3,4")]
    [InlineData("count", "--ball", "1,2,3:-1")]
    [InlineData("count", "--as-of", "9")]
    [InlineData("get")]
    [InlineData("sample")]
    [InlineData("sample", "--n", "5", "--level", "2")]
    [InlineData("split", "17", "--into", "18", "--attribute", "x")]
    public async Task What_does_not_fit_is_wrong_usage(params string[] arguments)
    {
        (await _tool.RunAsync("points", "generate", Cloud, "--n", "1000", "--labels", "5")).Done();
        var said = await _tool.RunAsync(["points", arguments[0], Cloud, .. arguments[1..]]);
        Assert.True(said.ExitCode == 2, said.Error);
    }

    [Fact]
    public async Task A_small_bench_prints_its_figures()
    {
        using var figures = JsonDocument.Parse((await _tool.RunAsync("bench", "points", "--store", $"basalt:{_tool.PathOf("db")}#p", "--n", "30000", "--labels", "100", "--optimize", "--json")).Done());
        foreach (var name in new[] { "points", "ingest_points_per_s", "bytes_per_point", "optimize_points_per_s", "open_ms" }) Assert.True(figures.RootElement.GetProperty(name).GetDouble() > 0, name);
        Assert.True(figures.RootElement.GetProperty("optimized").GetProperty("scan_points_per_s").GetDouble() > 0);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Basalt.Tests.Catalog;

namespace Basalt.Tests.Cli;

public sealed class DatasetsCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private string Catalog => "basalt:" + _tool.PathOf("catalog");

    [Fact]
    public async Task Datasets_of_a_folder_are_indexed_listed_and_shown()
    {
        var traffic = new SampleDataset("traffic_hourly", seed: 1).Make(series: 12, files: 3);
        Write(traffic);
        Write(new SampleDataset("other", seed: 2).Make(series: 4, files: 1));
        var plan = JsonNode.Parse((await RunAsync("index", _tool.PathOf("root"), "--dry-run", "--format", "json")).Done())!.AsArray();
        Assert.Equal([("other", 1), ("traffic_hourly", 3)], plan.Select(static d => ((string)d!["dataset"]!, (int)d["files_to_read"]!)));
        Assert.False(Path.Exists(_tool.PathOf("catalog")));

        var report = JsonNode.Parse((await RunAsync("index", _tool.PathOf("root"), "--concurrency", "2", "--format", "json")).Done())![0]!;
        Assert.Equal((2, 4, 0), ((int)report["datasets"]!, (int)report["files_read"]!, (int)report["files_failed"]!));
        var again = JsonNode.Parse((await RunAsync("index", _tool.PathOf("root"), "--refresh", "--format", "json")).Done())![0]!;
        Assert.Equal((0, 4), ((int)again["files_read"]!, (int)again["files_unchanged"]!));

        var stats = JsonNode.Parse((await RunAsync("stats", "--format", "json")).Done())!.AsArray();
        var one = Assert.Single(stats, static d => (string)d!["dataset"]! == "traffic_hourly")!;
        Assert.Equal((12L, (long)traffic.Rows.Count, 3L, "full", 1.0), ((long)one["series"]!, (long)one["records"]!, (long)one["files"]!, (string)one["method"]!, (double)one["coverage"]!));
        foreach (var name in new[] { "min_length", "max_length", "avg_length", "first_time", "last_time", "bytes_total", "bytes_read", "requests" }) Assert.NotNull(one[name]);
        Assert.Single(JsonNode.Parse((await RunAsync("stats", "other", "--format", "json")).Done())!.AsArray());

        Assert.Equal("traffic_hourly", (string)JsonNode.Parse((await RunAsync("list", "--where", "series > 10", "--format", "json")).Done())![0]!["dataset"]!);
        var shown = JsonNode.Parse((await RunAsync("show", "traffic_hourly", "--format", "json")).Done())![0]!;
        Assert.Equal(("public", "yaml"), ((string)shown["type"]!, (string)shown["metadata"]!));
        Assert.Equal(3, JsonNode.Parse((await RunAsync("show", "traffic_hourly", "--part", "files", "--format", "json")).Done())!.AsArray().Count);
        Assert.Equal(["k0", "timestamp", "target"], JsonNode.Parse((await RunAsync("show", "traffic_hourly", "--part", "columns", "--limit", "3", "--format", "json")).Done())!.AsArray().Select(static c => (string)c!["name"]!));
        Assert.Equal(5, JsonNode.Parse((await RunAsync("show", "traffic_hourly", "--part", "series", "--limit", "5", "--format", "json")).Done())!.AsArray().Count);
        Assert.Contains("complete", (await RunAsync("status")).Done());
        Assert.Equal("[]\n", (await RunAsync("validate", "--format", "json")).Done());
    }

    [Fact]
    public async Task What_could_not_be_read_is_told()
    {
        Directory.CreateDirectory(_tool.PathOf("root/d"));
        _tool.Write("root/d/bad.csv", "a,b\n1\n");
        _tool.Write("root/d/good.csv", "a,b\n1,2\n");
        var said = await RunAsync("index", _tool.PathOf("root"));
        Assert.Contains("1 files could not be read", said.Error);
        Assert.Equal(0, said.ExitCode);
        var failed = JsonNode.Parse((await RunAsync("status", "--failed", "--format", "json")).Done())!.AsArray();
        Assert.Equal(("bad.csv", "data"), ((string)failed[0]!["file"]!, (string)failed[0]!["failure"]!));
        Assert.Contains("line 2", (string)failed[0]!["error"]!);
        var findings = await RunAsync("validate", "d", "--format", "json");
        Assert.Equal((1, "Unreadable"), (findings.ExitCode, (string)JsonNode.Parse(findings.Output)![0]!["kind"]!));
        Assert.Equal("partial", (string)JsonNode.Parse((await RunAsync("status", "--format", "json")).Done())![0]!["state"]!);
    }

    [Theory]
    [InlineData("NotFound", "index", "NOWHERE")]
    [InlineData("NotFound", "list")]
    [InlineData("NotFound", "stats")]
    [InlineData("InvalidOptions", "index", "s3://Not_A_Bucket/x")]
    [InlineData("InvalidOptions", "index", "s3://key:secret@bucket/x")]
    public async Task What_is_not_there_or_cannot_be_is_an_error(string code, params string[] arguments)
    {
        var said = await RunAsync(arguments);
        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith($"error: {code}: ", said.Error);
        Assert.DoesNotContain("secret", said.Error);
        Assert.Empty(said.Output);
    }

    [Theory]
    [InlineData("index", ".", "--concurrency", "0")]
    [InlineData("index", ".", "--concurrency", "many")]
    [InlineData("show")]
    public async Task Wrong_usage_is_told(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).ExitCode);

    [Fact]
    public async Task Metadata_may_lie_elsewhere()
    {
        Directory.CreateDirectory(_tool.PathOf("root/d"));
        Directory.CreateDirectory(_tool.PathOf("meta"));
        Directory.CreateDirectory(_tool.PathOf("root/below"));
        _tool.Write("root/d/x.csv", "a,b\n1,1\n1,2\n");
        _tool.Write("meta/D_metadata.yaml", "ts_id: [a]\ndescription: outside");
        _tool.Write("root/below/d_metadata.yaml", "ts_id: [a, b]\ndescription: below");
        (await RunAsync("index", _tool.PathOf("root"), "--metadata-prefix", _tool.PathOf("meta"))).Done();
        Assert.Contains("outside", (await RunAsync("show", "d", "--format", "json")).Done());
        (await RunAsync("index", _tool.PathOf("root"), "--metadata-prefix", "below")).Done();
        var shown = JsonNode.Parse((await RunAsync("show", "d", "--format", "json")).Done())![0]!;
        Assert.Equal(("below", 2L), ((string)shown["description"]!, (long)shown["series"]!));
    }

    private Task<Said> RunAsync(params string[] arguments) => _tool.RunAsync(["datasets", .. arguments.Take(1), "--catalog", Catalog, .. arguments.Skip(1)]);

    private void Write(SampleDataset sample)
    {
        Directory.CreateDirectory(_tool.PathOf($"root/{sample.Name}"));
        Directory.CreateDirectory(_tool.PathOf("root/metadata"));
        foreach (var (name, content) in sample.Files(RowOrder.Clustered)) File.WriteAllBytes(_tool.PathOf($"root/{sample.Name}/{name}"), content);
        File.WriteAllText(_tool.PathOf($"root/metadata/{sample.Name}_metadata.yaml"), sample.Yaml(), Encoding.UTF8);
    }
}

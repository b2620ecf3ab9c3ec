using System.Text.Json;
using Basalt.Vectors.Files;

namespace Basalt.Tests.Cli;

public sealed class SearchCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private string Uri => $"basalt:{_tool.PathOf("db")}#points";

    /// <summary>Twenty records on a line: record i is at (i, 0), odd ones are red.</summary>
    private async Task SeedAsync(string uri, bool isIndexed = true)
    {
        var lines = Enumerable.Range(0, 20).Select(static i => $$"""{"$id":"p{{i:D2}}","v":[{{i}},0],"colour":"{{(i % 2 == 1 ? "red" : "blue")}}","n":{{i}}}""");
        (await _tool.RunAsync("import", _tool.Write("points.jsonl", string.Join('\n', lines)), uri, "--vector-field", "v")).Done();
        if (isIndexed) (await _tool.RunAsync("index", "create", uri, "v", "--metric", "l2", "--wait")).Done();
    }

    private static List<(string Id, double Score, double Distance)> Hits(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(static row => (row.GetProperty("$id").GetString()!, row.GetProperty("$score").GetDouble(), row.GetProperty("$distance").GetDouble()))];
    }

    [Fact]
    public async Task Rows_are_records_with_score_and_distance_the_nearest_first()
    {
        await SeedAsync(Uri);
        var said = await _tool.RunAsync("search", Uri, "--vector", "[4.2, 0]", "-k", "3", "--format", "json");
        var hits = Hits(said.Done());
        Assert.Equal(["p04", "p05", "p03"], hits.Select(static hit => hit.Id));
        Assert.All(hits, static hit => Assert.Equal(-hit.Score, hit.Distance));
        Assert.Equal(0.2, hits[0].Distance, 5);
        Assert.Contains("\"colour\":\"blue\"", said.Output, StringComparison.Ordinal);
        Assert.Equal("", said.Error);
    }

    [Fact]
    public async Task Every_format_has_the_score_behind_the_id()
    {
        await SeedAsync(Uri);
        string[] search = ["search", Uri, "--vector", "[4, 0]", "-k", "2", "--select", "n"];
        Assert.Equal("{\"$id\":\"p04\",\"$score\":0.0,\"$distance\":0.0,\"n\":4}", (await _tool.RunAsync([.. search, "--format", "jsonl"])).Done().Split('\n')[0]);
        var csv = (await _tool.RunAsync([.. search, "--format", "csv"])).Done().Split("\r\n");
        Assert.Equal("$id,$score,$distance,n", csv[0]);
        Assert.Equal("p03,-1.0,1.0,3", csv[2]);
        var table = await _tool.RunAsync(search);
        Assert.Matches(@"^\$id  \$score  \$distance  n\n", table.Done());
        Assert.Equal("2 rows, exact\n", table.Error);
    }

    [Fact]
    public async Task Filter_example_distance_and_groups_narrow_the_answer()
    {
        await SeedAsync(Uri);
        Assert.Equal(["p05", "p03", "p07"], Hits((await _tool.RunAsync("search", Uri, "--vector", "[4.9,0]", "-k", "3", "--where", "colour = 'red'", "--format", "json")).Done()).Select(static hit => hit.Id));
        Assert.Equal(["p09", "p11"], Hits((await _tool.RunAsync("search", Uri, "--like", "p10", "-k", "2", "--exact", "--format", "json")).Done()).Select(static hit => hit.Id));
        Assert.Equal(["p00", "p01", "p02"], Hits((await _tool.RunAsync("search", Uri, "--vector", "[0,0]", "-k", "9", "--max-distance", "2.5", "--format", "json")).Done()).Select(static hit => hit.Id));
        Assert.Equal(["p00", "p01"], Hits((await _tool.RunAsync("search", Uri, "--vector", "[0,0]", "-k", "9", "--group-by", "colour", "--format", "json")).Done()).Select(static hit => hit.Id));
        Assert.Equal("p00", Hits((await _tool.RunAsync("search", Uri, "--vector", "[0,0]", "-k", "2", "--diversity", "0.5", "--format", "json")).Done())[0].Id);
        Assert.Equal("[]\n", (await _tool.RunAsync("search", Uri, "--vector", "[0,0]", "--where", "n > 100", "--format", "json")).Done());
    }

    [Fact]
    public async Task Typos_are_forgiven_when_asked_and_weights_go_by_name_or_place()
    {
        (await _tool.RunAsync("import", _tool.Write("texts.jsonl", """
            {"$id":"a","v":[1,0],"text":"deep space"}
            {"$id":"b","v":[0,1],"text":"science fiction science"}
            {"$id":"c","v":[0,1],"text":"science"}
            """), Uri, "--vector-field", "v")).Done();
        (await _tool.RunAsync("index", "create", Uri, "text", "--kind", "text", "--wait")).Done();
        (await _tool.RunAsync("index", "create", Uri, "v", "--metric", "l2", "--wait")).Done();
        Task<Said> SearchAsync(params string[] more) => _tool.RunAsync(["search", Uri, "--select", "$id", "--format", "jsonl", .. more]);
        Assert.Equal("", (await SearchAsync("--text", "sience")).Done());
        Assert.Equal(2, (await SearchAsync("--text", "sience", "--typos", "1")).Done().TrimEnd().Split('\n').Length);
        Assert.Equal("", (await SearchAsync("--text", "siense", "--typos", "1")).Done());
        Assert.Equal("", (await SearchAsync("--text", "sience~0", "--typos", "2")).Done());
        foreach (var (weights, first) in new[] { ("vector=1,text=0", "a"), ("text=1,vector=0", "b"), ("1,0", "a") })
            Assert.StartsWith($$"""{"$id":"{{first}}",""", (await SearchAsync("--text", "fiction", "--vector", "[1, 0]", "--weights", weights)).Done(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vector_comes_from_a_file_of_json_or_of_vectors()
    {
        await SeedAsync(Uri);
        Assert.Equal("p07", Hits((await _tool.RunAsync("search", Uri, "--vector", "@" + _tool.Write("q.json", "[7, 0]"), "-k", "1", "--format", "json")).Done())[0].Id);
        using (var stream = File.Create(_tool.PathOf("q.fvecs")))
        {
            var writer = new VecsWriter(stream, VecsFormat.Float32);
            writer.Write([12f, 0f]);
            writer.Write([1f, 0f]);
        }

        Assert.Equal("p12", Hits((await _tool.RunAsync("search", Uri, "--vector", "@" + _tool.PathOf("q.fvecs"), "-k", "1", "--format", "json")).Done())[0].Id);
    }

    [Fact]
    public async Task Explain_prints_how_the_search_ran_instead_of_its_rows()
    {
        await SeedAsync(Uri);
        var text = (await _tool.RunAsync("search", Uri, "--vector", "[4,0]", "--where", "colour = 'red'", "--explain")).Done();
        Assert.Contains("colour = 'red'", text, StringComparison.Ordinal);
        Assert.EndsWith("the answer is exact\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("p05", text, StringComparison.Ordinal);
        using var plan = JsonDocument.Parse((await _tool.RunAsync("search", Uri, "--vector", "[4,0]", "--explain", "--format", "json")).Done());
        Assert.True(plan.RootElement.GetProperty("exact").GetBoolean());
        Assert.NotEqual(0, plan.RootElement.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task A_backend_without_indexes_looks_at_every_record()
    {
        await SeedAsync("memory:#points", isIndexed: false);
        Assert.Equal(["p01", "p02"], Hits((await _tool.RunAsync("search", "memory:#points", "--like", "p03", "--field", "v", "-k", "2", "--where", "n < 3", "--format", "json")).Done()).Select(static hit => hit.Id).Order());
    }

    [Fact]
    public async Task More_rows_than_a_csv_file_holds_in_memory_keep_their_scores()
    {
        const int Rows = 10_050;
        var lines = Enumerable.Range(0, Rows).Select(static i => $$"""{"$id":"p{{i:D5}}","v":[{{i}}, 1]}""");
        (await _tool.RunAsync("import", _tool.Write("many.jsonl", string.Join('\n', lines)), Uri, "--vector-field", "v", "--no-verify")).Done();
        (await _tool.RunAsync("index", "create", Uri, "v", "--metric", "l1", "--method", "flat", "--wait")).Done();
        var csv = (await _tool.RunAsync("search", Uri, "--vector", "[0, 1]", "-k", "20000", "--select", "$id", "--format", "csv")).Done().Split("\r\n")[1..^1];
        Assert.Equal(Rows, csv.Length);
        for (var i = 1; i < Rows; i += 997) Assert.Equal($"p{i:D5},-{i}.0,{i}.0", csv[i]);
    }

    [Theory]
    [InlineData("InvalidQuery", "has no vector index", "search", "URI", "--vector", "[1,2]")]
    [InlineData("NotFound", "missing", "search", "DB#missing", "--vector", "[1,2]")]
    [InlineData("NotFound", "", "search", "URI", "--vector", "@no-such-file.json")]
    [InlineData("Unsupported", "text", "search", "memory:#points", "--text", "x")]
    [InlineData("InvalidQuery", "typos", "search", "URI", "--text", "x", "--typos", "3")]
    [InlineData("InvalidQuery", "", "search", "memory:#points", "--vector", "[1,2]", "--where", "n >> 1")]
    [InlineData("InvalidQuery", "k", "search", "memory:#points", "--vector", "[1,2]", "--field", "v", "-k", "100001")]
    public async Task What_cannot_be_searched_is_one_line(string code, string says, params string[] arguments)
    {
        await SeedAsync(Uri, isIndexed: false);
        await SeedAsync("memory:#points", isIndexed: false);
        var said = await _tool.RunAsync([.. arguments.Select(word => word.Replace("URI", Uri, StringComparison.Ordinal).Replace("DB", Uri[..Uri.IndexOf('#')], StringComparison.Ordinal))]);
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith($"error: {code}: ", said.Error, StringComparison.Ordinal);
        Assert.Contains(says, said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("search", "memory:#x")]
    [InlineData("search", "memory:#x", "--vector", "[1,2]", "--like", "a")]
    [InlineData("search", "memory:#x", "--vector", "1,2")]
    [InlineData("search", "memory:#x", "--vector", "[]")]
    [InlineData("search", "memory:#x", "--vector", "[1,\"a\"]")]
    [InlineData("search", "memory:#x", "--vector", "[1e99]")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "--exact", "--ef", "10")]
    [InlineData("search", "memory:#x", "--text", "a", "--field", "v")]
    [InlineData("search", "memory:#x", "--text", "a", "--weights", "1,2")]
    [InlineData("search", "memory:#x", "--text", "a", "--like", "b", "--weights", "1")]
    [InlineData("search", "memory:#x", "--text", "a", "--like", "b", "--weights", "vector=1,vector=2")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "--typos", "1")]
    [InlineData("search", "memory:#x", "--text", "a", "--typos", "few")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "--text-field", "t")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "--max-distance", "far")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "--explain", "--format", "csv")]
    [InlineData("search", "memory:#x", "--vector", "[1]", "-k", "-1")]
    [InlineData("index", "create", "memory:#x", "f", "--kind", "tree")]
    [InlineData("index", "create", "memory:#x", "f", "--kind", "scalar", "--dimension", "3")]
    [InlineData("index", "create", "memory:#x", "f", "--kind", "text", "--metric", "l2")]
    [InlineData("index", "create", "memory:#x")]
    [InlineData("index")]
    [InlineData("stats", "file:./data")]
    [InlineData("stats", "basalt:./data#films")]
    [InlineData("restore", "./backup")]
    public async Task Wrong_usage_exits_with_2(params string[] arguments)
    {
        var said = await _tool.RunAsync(arguments);
        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("usage: ", said.Error, StringComparison.Ordinal);
        Assert.Equal(2, said.Error.TrimEnd('\n').Split('\n').Length);
    }
}

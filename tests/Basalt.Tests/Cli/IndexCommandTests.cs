using System.Text.Json;

namespace Basalt.Tests.Cli;

public sealed class IndexCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private string Uri => $"basalt:{_tool.PathOf("db")}#points";

    private async Task SeedAsync() =>
        (await _tool.RunAsync("import", _tool.Write("p.jsonl", """
            {"$id":"a","v":[9,9,9],"name":"a"}
            {"$id":"b","v":[1,2,3],"name":"b"}
            {"$id":"c","v":[3,2,1],"name":"c"}
            """), Uri, "--vector-field", "v")).Done();

    private async Task<JsonElement[]> ListAsync()
    {
        using var document = JsonDocument.Parse((await _tool.RunAsync("index", "list", Uri, "--format", "json")).Done());
        return [.. document.RootElement.EnumerateArray().Select(static row => row.Clone())];
    }

    [Fact]
    public async Task Kind_and_dimension_come_from_the_data()
    {
        await SeedAsync();
        (await _tool.RunAsync("put", Uri, """{"$id":"0","name":"no vector, and first by id"}""")).Done();
        var said = await _tool.RunAsync("index", "create", Uri, "v", "--wait");
        Assert.Equal("", said.Done());
        Assert.Equal("created vector:v, 3 elements, cosine\nindexed all of 'points'\n", said.Error);
        var index = Assert.Single(await ListAsync());
        Assert.Equal(("vector", "v", 3, "cosine", "auto", 1.0), (index.GetProperty("kind").GetString(), index.GetProperty("field").GetString(), index.GetProperty("dimension").GetInt32(),
            index.GetProperty("metric").GetString(), index.GetProperty("method").GetString(), index.GetProperty("built").GetDouble()));
    }

    [Fact]
    public async Task Options_of_a_vector_index_are_kept_and_one_of_a_kind_is_enough()
    {
        await SeedAsync();
        (await _tool.RunAsync("index", "create", Uri, "v", "--kind", "vector", "--dimension", "3", "--metric", "dot", "--method", "hnsw", "--codes", "none", "--m", "8", "--ef-construction", "50")).Done();
        var index = Assert.Single(await ListAsync());
        Assert.Equal(("dot", "hnsw"), (index.GetProperty("metric").GetString(), index.GetProperty("method").GetString()));
        var again = await _tool.RunAsync("index", "create", Uri, "v");
        Assert.Equal(1, again.ExitCode);
        Assert.StartsWith("error: AlreadyExists: ", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebuilt_index_answers_as_before_and_a_dropped_one_is_gone()
    {
        await SeedAsync();
        (await _tool.RunAsync("index", "create", Uri, "v", "--metric", "l2", "--wait")).Done();
        string[] search = ["search", Uri, "--vector", "[1,2,3]", "--format", "json"];
        var before = (await _tool.RunAsync(search)).Done();
        Assert.EndsWith("rebuilt vector:v\n", (await _tool.RunAsync("index", "rebuild", Uri, "v")).Error, StringComparison.Ordinal);
        Assert.Equal(before, (await _tool.RunAsync(search)).Done());
        Assert.Equal("dropped vector:v\n", (await _tool.RunAsync("index", "drop", Uri, "v", "--kind", "vector")).Error);
        Assert.Equal("[]\n", (await _tool.RunAsync("index", "list", Uri, "--format", "json")).Done());
        Assert.Equal(1, (await _tool.RunAsync(search)).ExitCode);
        Assert.Equal("3\n", (await _tool.RunAsync("query", Uri, "--count")).Done());
    }

    [Theory]
    [InlineData("NotFound", "index", "drop", "URI", "v")]
    [InlineData("NotFound", "index", "rebuild", "URI", "v", "--kind", "text")]
    [InlineData("NotFound", "index", "list", "DB#missing")]
    [InlineData("NotFound", "index", "create", "DB#missing", "v", "--kind", "vector", "--dimension", "2")]
    [InlineData("InvalidOptions", "index", "create", "URI", "nowhere")]
    [InlineData("InvalidOptions", "index", "create", "URI", "name", "--kind", "vector")]
    [InlineData("InvalidOptions", "index", "create", "URI", "v", "--m", "1000")]
    [InlineData("Unsupported", "index", "create", "memory:#films", "v", "--kind", "vector", "--dimension", "2")]
    public async Task What_cannot_be_done_is_one_line(string code, params string[] arguments)
    {
        await SeedAsync();
        await _tool.PutAsync("""{"$id":"x"}""");
        var said = await _tool.RunAsync([.. arguments.Select(word => word.Replace("URI", Uri, StringComparison.Ordinal).Replace("DB", Uri[..Uri.IndexOf('#')], StringComparison.Ordinal))]);
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith($"error: {code}: ", said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
    }
}

using System.Text.Json;

namespace Basalt.Tests.Cli;

public sealed class QueryCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private Task SeedAsync() => _tool.PutAsync([.. Enumerable.Range(0, 25).Select(static i => $$"""{"$id": "f{{i:D2}}", "year": {{1990 + (i % 5)}}, "title": "Film {{i}}"}""")]);

    [Fact]
    public async Task Count_prints_one_number_paging_aside()
    {
        await SeedAsync();
        Assert.Equal("5\n", (await _tool.RunAsync("query", "memory:#films", "--where", "year = 1992", "--limit", "2", "--count")).Done());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-year")]
    public async Task Cursors_walk_the_whole_answer_once(string sort)
    {
        await SeedAsync();
        string[] query = sort.Length == 0 ? ["query", "memory:#films", "--format", "jsonl"] : ["query", "memory:#films", "--format", "jsonl", "--sort", sort];
        var whole = (await _tool.RunAsync(query)).Done();
        var walked = "";
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = await _tool.RunAsync([.. query, "--limit", "4", .. cursor is null ? Array.Empty<string>() : ["--cursor", cursor]]);
            walked += page.Done();
            const string Next = "next page: --cursor ";
            cursor = page.Error.StartsWith(Next, StringComparison.Ordinal) ? page.Error[Next.Length..].Trim() : null;
            Assert.True(++pages <= 7, "The walk does not end.");
        }
        while (cursor is not null);
        Assert.Equal(7, pages);
        Assert.Equal(whole, walked);
    }

    [Fact]
    public async Task A_limit_that_cuts_nothing_names_no_next_page()
    {
        await SeedAsync();
        var said = await _tool.RunAsync("query", "memory:#films", "--limit", "25", "--format", "csv");
        Assert.Equal(27, said.Done().Split("\r\n").Length);
        Assert.Equal("", said.Error);
    }

    [Fact]
    public async Task Sort_and_select_take_quoted_names_with_commas_and_quotes_in_them()
    {
        await _tool.PutAsync("""{"$id": "a", "x, \"y\"": 1, "k": 2}""", """{"$id": "b", "x, \"y\"": 3, "k": 4}""");
        var said = await _tool.RunAsync("query", "memory:#films", "--sort", "-\"x, \"\"y\"\"\",k", "--select", "\"x, \"\"y\"\"\"", "--format", "jsonl");
        Assert.Equal("""
            {"$id":"b","x, \"y\"":3}
            {"$id":"a","x, \"y\"":1}

            """, said.Done());
    }

    [Theory]
    [InlineData("select")]
    [InlineData("it's; drop")]
    [InlineData("emoji 🎬")]
    [InlineData("--where")]
    [InlineData("$id")]
    [InlineData("a.b")]
    [InlineData("")]
    public async Task Any_name_of_a_field_can_be_queried_and_printed(string name)
    {
        var json = JsonSerializer.Serialize(name.StartsWith('$') ? "$" + name : name);
        var quoted = $"\"{name.Replace("\"", "\"\"")}\"";
        await _tool.PutAsync($$"""{"$id": "a", {{json}}: 1}""", $$"""{"$id": "b", {{json}}: 2}""");
        var said = await _tool.RunAsync("query", "memory:#films", "--where", $"{quoted} = 2", $"--select={quoted}", $"--sort=-{quoted}", "--format", "json");
        using var answer = JsonDocument.Parse(said.Done());
        var record = Assert.Single(answer.RootElement.EnumerateArray());
        Assert.Equal("b", record.GetProperty("$id").GetString());
        Assert.Equal(2, record.GetProperty(JsonSerializer.Deserialize<string>(json)!).GetInt32());
        Assert.Equal(0, (await _tool.RunAsync("query", "memory:#films", $"--select={quoted}")).ExitCode);
    }

    [Fact]
    public async Task Explain_prints_the_plan_and_runs_nothing()
    {
        await SeedAsync();
        var text = (await _tool.RunAsync("query", "memory:#films", "--where", "year = 1992", "--sort", "title", "--explain")).Done();
        Assert.Contains("pushed    year = 1992", text, StringComparison.Ordinal);
        using var plan = JsonDocument.Parse((await _tool.RunAsync("query", "memory:#films", "--where", "year = 1992", "--limit", "3", "--explain", "--format", "json")).Done());
        Assert.Equal("year = 1992", plan.RootElement.GetProperty("pushed").GetString());
        Assert.True(plan.RootElement.GetProperty("limit_pushed").GetBoolean());
        Assert.Equal(25, plan.RootElement.GetProperty("records").GetInt64());
    }

    [Fact]
    public async Task A_malformed_filter_fails_and_points_at_its_column()
    {
        await SeedAsync();
        var said = await _tool.RunAsync("query", "memory:#films", "--where", "year >> 3");
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("error: InvalidQuery: ", said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_database_of_several_collections_needs_a_fragment_and_one_of_one_does_not()
    {
        await SeedAsync();
        Assert.Equal("25\n", (await _tool.RunAsync("query", "memory:", "--count")).Done());
        (await _tool.RunAsync("create", "memory:#books")).Done();
        var said = await _tool.RunAsync("query", "memory:", "--count");
        Assert.Equal(2, said.ExitCode);
        Assert.Contains("#books, #films", said.Error, StringComparison.Ordinal);
    }
}

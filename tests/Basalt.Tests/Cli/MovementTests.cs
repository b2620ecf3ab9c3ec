using System.Text.Json;

namespace Basalt.Tests.Cli;

public sealed class MovementTests : IDisposable
{
    private const string People = "name,age,city\nAda,36,London\nGrace,85,\"New York, NY\"\nLinus,,Helsinki\n";
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Import_reports_on_stderr_and_prints_nothing()
    {
        var said = await _tool.RunAsync("import", _tool.Write("people.csv", People), "memory:#people", "--id-field", "name");
        Assert.Equal("", said.Done());
        Assert.Matches(@"^imported 3 records into memory:#people in \d+\.\d s, verified\n$", said.Error);
        Assert.Equal("{\"$id\":\"Grace\",\"name\":\"Grace\",\"age\":85,\"city\":\"New York, NY\"}\n", (await _tool.RunAsync("get", "memory:#people", "Grace", "--format", "jsonl")).Done());
    }

    [Fact]
    public async Task Import_acknowledges_each_batch_by_the_id_of_its_last_record()
    {
        var lines = string.Join('\n', Enumerable.Range(1, 10).Select(static i => $$"""{"$id":"r{{i:D2}}","n":{{i}}}"""));
        var said = await _tool.RunAsync("import", _tool.Write("r.jsonl", lines), "memory:#r", "--ack", "--batch", "4");
        Assert.Equal("r04\nr08\nr10\n", said.Done());
    }

    [Theory]
    [InlineData("fail", 1, "A", "error: AlreadyExists: ")]
    [InlineData("skip", 0, "A", "imported 1 record into memory:#r in 0.0 s, 1 skipped")]
    [InlineData("upsert", 0, "B", "imported 2 records into memory:#r in 0.0 s")]
    public async Task Import_treats_an_existing_id_as_told(string policy, int exitCode, string kept, string expected)
    {
        (await _tool.RunAsync("put", "memory:#r", """{"$id":"x","v":"A"}""")).Done();
        var said = await _tool.RunAsync("import", _tool.Write("r.jsonl", "{\"$id\":\"x\",\"v\":\"B\"}\n{\"$id\":\"y\",\"v\":\"C\"}"), "memory:#r", "--on-conflict", policy);
        Assert.Equal(exitCode, said.ExitCode);
        Assert.StartsWith(expected[..20], said.Error, StringComparison.Ordinal);
        Assert.Contains($"\"v\":\"{kept}\"", (await _tool.RunAsync("get", "memory:#r", "x", "--format", "jsonl")).Done(), StringComparison.Ordinal);
        Assert.Equal(expected.Contains("1 skipped", StringComparison.Ordinal), said.Error.Contains("1 skipped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_of_bad_input_writes_nothing_and_says_where()
    {
        var said = await _tool.RunAsync("import", _tool.Write("bad.jsonl", "{\"n\":1}\n{\"n\":\n"), "memory:#r");
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("error: InvalidData: ", said.Error, StringComparison.Ordinal);
        Assert.Contains("bad.jsonl", said.Error, StringComparison.Ordinal);
        Assert.Equal("[]\n", (await _tool.RunAsync("collections", "memory:", "--format", "json")).Done());
    }

    [Fact]
    public async Task Import_takes_a_schema_a_vector_field_and_a_format()
    {
        var schema = _tool.Write("schema.json", """{"open":false,"idField":"k","fields":[{"name":"k","type":"string"},{"name":"v","type":"vector","dimension":2}]}""");
        var data = _tool.Write("data.txt", "k,v\na,\"[0.5, 1]\"\n");
        (await _tool.RunAsync("import", data, "memory:#v", "--schema", schema, "--vector-field", "v", "--input-format", "csv")).Done();
        using var described = JsonDocument.Parse((await _tool.RunAsync("describe", "memory:#v", "--format", "json")).Done());
        Assert.Equal("vector", described.RootElement.GetProperty("fields")[1].GetProperty("type").GetString());
        Assert.Equal("{\"$id\":\"a\",\"k\":\"a\",\"v\":[0.5,1]}\n", (await _tool.RunAsync("get", "memory:#v", "a", "--format", "jsonl")).Done());
    }

    [Fact]
    public async Task Export_writes_what_the_filter_chooses_and_replaces_only_when_told()
    {
        (await _tool.RunAsync("import", _tool.Write("people.csv", People), "memory:#people", "--id-field", "name")).Done();
        var file = _tool.PathOf("out.jsonl");
        var said = await _tool.RunAsync("export", "memory:#people", file, "--where", "age is not null");
        Assert.Matches(@"^exported 2 records to .*out\.jsonl in \d+\.\d s\n$", said.Error);
        Assert.Equal(2, (await File.ReadAllLinesAsync(file)).Length);
        Assert.StartsWith("error: AlreadyExists: ", (await _tool.RunAsync("export", "memory:#people", file)).Error, StringComparison.Ordinal);
        (await _tool.RunAsync("export", "memory:#people", file, "--overwrite", "--exact")).Done();
        Assert.Contains("\"$version\":", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_applies_the_transform_and_both_filters()
    {
        (await _tool.RunAsync("import", _tool.Write("people.csv", People), "memory:#people", "--id-field", "name")).Done();
        var transform = _tool.Write("t.json", """{"where": "age is not null", "rename": {"name": "who"}}""");
        var said = await _tool.RunAsync("copy", "memory:#people", "memory:#old", "--transform", transform, "--where", "age > 50 or age < 10");
        Assert.Matches(@"^copied 1 record from memory:#people to memory:#old in \d+\.\d s, 2 filtered out, verified\n$", said.Error);
        Assert.Equal("{\"$id\":\"Grace\",\"age\":85,\"city\":\"New York, NY\",\"who\":\"Grace\"}\n", Sorted((await _tool.RunAsync("query", "memory:#old", "--format", "jsonl")).Done()));
    }

    [Fact]
    public async Task Copy_to_itself_is_refused()
    {
        await _tool.PutAsync("""{"$id":"a"}""");
        Assert.Equal(2, (await _tool.RunAsync("copy", "memory:#films", "memory:#films")).ExitCode);
        Assert.Equal(2, (await _tool.RunAsync("copy", "memory:#films", "memory:")).ExitCode);
    }

    [Fact]
    public async Task Resume_of_what_ends_with_the_process_is_refused() =>
        Assert.Equal(2, (await _tool.RunAsync("import", _tool.Write("people.csv", People), "memory:#people", "--resume")).ExitCode);

    [Fact]
    public async Task A_single_file_needs_no_fragment_and_is_made_by_the_first_write()
    {
        var uri = "file:" + _tool.PathOf("people.jsonl");
        (await _tool.RunAsync("import", _tool.Write("source.csv", People), uri, "--id-field", "name")).Done();
        Assert.Equal("3\n", (await _tool.RunAsync("query", uri, "--count")).Done());
        (await _tool.RunAsync("put", uri, """{"$id":"Alan","name":"Alan"}""")).Done();
        Assert.Equal("Ada,Alan,Grace,Linus", string.Join(',', (await _tool.RunAsync("query", uri, "--select", "name", "--format", "csv")).Done().Split("\r\n")[1..^1].Select(static row => row.Split(',')[0])));
        Assert.Equal("4\n", (await _tool.RunAsync("query", uri + "#people", "--count")).Done());
    }

    [Fact]
    public async Task A_folder_keeps_collections_between_runs()
    {
        var uri = "file:" + _tool.PathOf("data");
        (await _tool.RunAsync("create", uri + "#empty")).Done();
        (await _tool.RunAsync("put", uri + "#films", """{"$id":"alien","year":1979}""")).Done();
        Assert.Equal("{\"$id\":\"alien\",\"year\":1979}\n", (await _tool.RunAsync("query", uri + "#films", "--format", "jsonl")).Done());
        var both = await _tool.RunAsync("query", uri);
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("#empty, #films", both.Error, StringComparison.Ordinal);
        (await _tool.RunAsync("copy", uri + "#films", uri + "#more")).Done();
        (await _tool.RunAsync("drop", uri + "#empty", "--yes")).Done();
        using var listed = JsonDocument.Parse((await _tool.RunAsync("collections", uri, "--format", "json")).Done());
        Assert.Equal(["films", "more"], listed.RootElement.EnumerateArray().Select(static c => c.GetProperty("name").GetString()!));
    }

    private static string Sorted(string jsonLine)
    {
        using var document = JsonDocument.Parse(jsonLine);
        return "{" + string.Join(',', document.RootElement.EnumerateObject().OrderBy(static p => p.Name, StringComparer.Ordinal).Select(static p => $"\"{p.Name}\":{p.Value.GetRawText()}")) + "}\n";
    }

    [Fact]
    public async Task Copy_refuses_a_filter_on_a_field_that_a_closed_schema_does_not_declare()
    {
        var schema = _tool.Write("closed.json", """{"open":false,"fields":[{"name":"year","type":"int64"}]}""");
        (await _tool.RunAsync("create", "memory:#r", "--schema", schema)).Done();
        (await _tool.RunAsync("put", "memory:#r", """{"$id":"a","year":1}""")).Done();
        var said = await _tool.RunAsync("copy", "memory:#r", "memory:#s", "--where", "yaer = 1");
        Assert.Equal(1, said.ExitCode);
        Assert.Contains("did you mean 'year'?", said.Error, StringComparison.Ordinal);
        Assert.Equal("r\n", string.Concat((await _tool.RunAsync("collections", "memory:", "--format", "csv")).Done().Split('\n')[1..2].Select(static l => l.Split(',')[0] + "\n")));
    }
}

using System.Text.Json;

namespace Basalt.Tests.Cli;

public sealed class RecordCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Put_reads_the_argument_a_file_and_standard_input()
    {
        Assert.Equal("a\n", (await _tool.RunAsync("put", "memory:#films", """{"$id":"a","n":1}""")).Done());
        Assert.Equal("b\n", (await _tool.RunAsync("put", "memory:#films", "@" + _tool.Write("b.json", """{"$id":"b","n":2}"""))).Done());
        Assert.Equal("c\n", (await _tool.RunAsync("""{"$id":"c","n":3}""", CancellationToken.None, "put", "memory:#films", "-")).Done());
        Assert.Equal("{\"$id\":\"c\",\"n\":3}\n{\"$id\":\"a\",\"n\":1}\n", (await _tool.RunAsync("get", "memory:#films", "c", "a", "--format", "jsonl")).Done());
    }

    [Fact]
    public async Task Put_import_and_create_say_how_long_a_record_lives()
    {
        var data = $"basalt:{_tool.PathOf("data")}";
        (await _tool.RunAsync("put", data + "#s", """{"$id":"a"}""", "--ttl", "12h")).Done();
        (await _tool.RunAsync("put", data + "#s", """{"$id":"gone","$expires":"2001-01-01T00:00:00Z"}""")).Done();
        (await _tool.RunAsync("import", _tool.Write("rows.jsonl", "{\"$id\":\"b\"}\n{\"$id\":\"c\",\"$expires\":\"2001-01-01T00:00:00Z\"}\n"), data + "#s", "--ttl", "7d")).Done();
        Assert.Equal("2\n", (await _tool.RunAsync("query", data + "#s", "--count", "--where", "$expires is not null")).Done());
        Assert.Equal("2\n", (await _tool.RunAsync("query", data + "#s", "--count")).Done());
        (await _tool.RunAsync("create", data + "#t", "--ttl", "1h")).Done();
        (await _tool.RunAsync("put", data + "#t", """{"$id":"a"}""")).Done();
        Assert.Equal("1\n", (await _tool.RunAsync("query", data + "#t", "--count", "--where", "$expires is not null")).Done());
        Assert.Equal(2, (await _tool.RunAsync("put", data + "#s", "{}", "--ttl", "soon")).ExitCode);
        Assert.StartsWith("error: Unsupported: ", (await _tool.RunAsync("put", $"file:{_tool.PathOf("x.jsonl")}", "{}", "--ttl", "1h")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_prints_the_id_that_was_minted()
    {
        var id = (await _tool.RunAsync("put", "memory:#films", """{"n":1}""")).Done().Trim();
        Assert.Equal($"{{\"$id\":\"{id}\",\"n\":1}}\n", (await _tool.RunAsync("get", "memory:#films", id, "--format", "jsonl")).Done());
    }

    [Fact]
    public async Task Put_replaces_unless_told_to_create_or_to_expect_a_version()
    {
        await _tool.PutAsync("""{"$id":"a","n":1}""", """{"$id":"a","n":2}""");
        Assert.StartsWith("error: AlreadyExists: ", (await _tool.RunAsync("put", "memory:#films", """{"$id":"a"}""", "--create-only")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: Conflict: ", (await _tool.RunAsync("put", "memory:#films", """{"$id":"a"}""", "--if-version", "0")).Error, StringComparison.Ordinal);
        Assert.Equal("{\"$id\":\"a\",\"n\":2}\n", (await _tool.RunAsync("get", "memory:#films", "a", "--format", "jsonl")).Done());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("")]
    public async Task Put_refuses_what_is_no_record(string json)
    {
        var said = await _tool.RunAsync("put", "memory:#films", json);
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("error: InvalidData: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_prints_what_is_there_and_fails_for_the_rest()
    {
        await _tool.PutAsync("""{"$id":"a","n":1}""");
        var said = await _tool.RunAsync("get", "memory:#films", "a", "zz", "--format", "jsonl");
        Assert.Equal((1, "{\"$id\":\"a\",\"n\":1}\n"), (said.ExitCode, said.Output));
        Assert.Equal("error: NotFound: There is no record 'zz' in 'films'.\n", said.Error);
    }

    [Fact]
    public async Task Delete_removes_by_id_and_by_a_confirmed_filter_only()
    {
        await _tool.PutAsync("""{"$id":"a","n":1}""", """{"$id":"b","n":2}""", """{"$id":"c","n":3}""");
        Assert.Equal("1\n", (await _tool.RunAsync("delete", "memory:#films", "a")).Done());
        Assert.Equal(2, (await _tool.RunAsync("delete", "memory:#films", "--where", "n > 2")).ExitCode);
        Assert.Equal(2, (await _tool.RunAsync("delete", "memory:#films")).ExitCode);
        Assert.Equal(2, (await _tool.RunAsync("delete", "memory:#films", "b", "--where", "n > 2", "--yes")).ExitCode);
        Assert.Equal("2\n", (await _tool.RunAsync("query", "memory:#films", "--count")).Done());
        Assert.Equal("1\n", (await _tool.RunAsync("delete", "memory:#films", "--where", "n > 2", "--yes")).Done());
        var said = await _tool.RunAsync("delete", "memory:#films", "b", "zz");
        Assert.Equal((1, "1\n"), (said.ExitCode, said.Output));
        Assert.StartsWith("error: NotFound: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collections_are_created_listed_described_and_dropped()
    {
        var schema = _tool.Write("s.json", """{"idField":"key","fields":[{"name":"key","type":"string"},{"name":"n","type":"int64","required":true}]}""");
        (await _tool.RunAsync("create", "memory:#x", "--schema", schema)).Done();
        Assert.StartsWith("error: AlreadyExists: ", (await _tool.RunAsync("create", "memory:#x")).Error, StringComparison.Ordinal);
        Assert.Equal("k1\n", (await _tool.RunAsync("put", "memory:#x", """{"key":"k1","n":1,"extra":[1]}""")).Done());
        Assert.StartsWith("error: InvalidRecord: ", (await _tool.RunAsync("put", "memory:#x", """{"key":"k2"}""")).Error, StringComparison.Ordinal);

        Assert.Equal("[\n{\"name\":\"x\",\"records\":1,\"bytes\":null,\"fields\":2,\"location\":\"this process\"}\n]\n", (await _tool.RunAsync("collections", "memory:", "--format", "json")).Done());
        using var described = JsonDocument.Parse((await _tool.RunAsync("describe", "memory:#x", "--format", "json")).Done());
        Assert.Equal(1, described.RootElement.GetProperty("records").GetInt64());
        Assert.Equal("key", described.RootElement.GetProperty("schema").GetProperty("idField").GetString());
        Assert.Equal(["key:string", "n:int64", "extra:list"], described.RootElement.GetProperty("fields").EnumerateArray().Select(static f => $"{f.GetProperty("name")}:{f.GetProperty("type")}"));

        Assert.Equal(2, (await _tool.RunAsync("drop", "memory:#x")).ExitCode);
        (await _tool.RunAsync("drop", "memory:#x", "--yes")).Done();
        Assert.StartsWith("error: NotFound: ", (await _tool.RunAsync("drop", "memory:#x", "--yes")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_tells_mixed_types_apart()
    {
        await _tool.PutAsync("""{"$id":"a","n":1}""", """{"$id":"b","n":"x"}""", """{"$id":"c"}""");
        Assert.Equal("""
            collection  films
            location    this process
            records     3
            schema      none, takes every record
            seen        in all records

            field  declared  seen  present  null  values
            -----  --------  ----  -------  ----  -----------------
            n                any         2     1  1 int64, 1 string

            """, (await _tool.RunAsync("describe", "memory:#films")).Done());
    }
}

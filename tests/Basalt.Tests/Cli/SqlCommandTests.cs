using Basalt.DuckDb.Native;

namespace Basalt.Tests.Cli;

/// <summary>The command <c>sql</c> as a person types it.</summary>
public sealed class SqlCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public SqlCommandTests() => Assert.SkipWhen(DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Collections_of_several_backends_join_and_two_of_one_database_share_it()
    {
        await File.WriteAllTextAsync(_tool.PathOf("films.json"), """[{"title":"Alien","year":1979,"by":"rs"},{"title":"Brazil","year":1985,"by":"tg"}]""");
        await File.WriteAllTextAsync(_tool.PathOf("people.csv"), "key,name\nrs,Ridley Scott\ntg,Terry Gilliam\n");
        var database = $"basalt:{_tool.PathOf("db")}";
        (await _tool.RunAsync("import", _tool.PathOf("films.json"), $"{database}#films")).Done();
        (await _tool.RunAsync("import", _tool.PathOf("people.csv"), $"{database}#people", "--id-field", "key")).Done();
        string[] join = ["sql", "SELECT people.\"$id\", title, name FROM films JOIN people ON films.by = people.key WHERE films.year > 1980", "--attach", $"films={database}#films", "--attach"];
        Assert.Equal("{\"$id\":\"tg\",\"title\":\"Brazil\",\"name\":\"Terry Gilliam\"}\n", (await _tool.RunAsync([.. join, $"people={database}#people", "--format", "jsonl"])).Done());
        Assert.Equal("$id,title,name\nrow-000000000002,Brazil,Terry Gilliam\n", (await _tool.RunAsync([.. join, $"people=file:{_tool.PathOf("people.csv")}", "--format", "csv"])).Done().Replace("\r", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal));
        var plan = (await _tool.RunAsync([.. join, $"people={database}#people", "--explain"])).Done();
        Assert.Contains("pushed    year > 1980", plan);
        Assert.Contains("HASH_JOIN", plan);
    }

    [Fact]
    public async Task A_statement_writes_parquet_that_reads_back()
    {
        await File.WriteAllTextAsync(_tool.PathOf("films.jsonl"), "{\"title\":\"Alien\",\"tags\":[\"a\",\"b\"]}\n");
        var parquet = _tool.PathOf("films.parquet");
        (await _tool.RunAsync("sql", $"COPY (SELECT title, tags FROM f) TO '{parquet}'", "--attach", $"f=file:{_tool.PathOf("films.jsonl")}")).Done();
        Assert.Equal("{\"title\":\"Alien\",\"tags\":[\"a\",\"b\"]}\n", (await _tool.RunAsync("sql", $"FROM '{parquet}'", "--format", "jsonl", "--threads", "1", "--memory", "128mb")).Done());
    }

    [Theory]
    [InlineData(2, "NAME=URI", "sql", "SELECT 1", "--attach", "x")]
    [InlineData(2, "above 0", "sql", "SELECT 1", "--sample", "0")]
    [InlineData(1, "memory", "sql", "SELECT 1", "--memory", "1")]
    [InlineData(1, "Parser Error", "sql", "SELEC 1")]
    [InlineData(1, "NotFound", "sql", "SELECT 1", "--attach", "m=basalt:/nowhere/at/all#m")]
    public async Task What_cannot_be_run_is_refused(int exitCode, string words, params string[] command)
    {
        var said = await _tool.RunAsync(command);
        Assert.Equal(exitCode, said.ExitCode);
        Assert.Contains(words, said.Error);
    }
}

using System.CommandLine;
using System.Text.Json;
using Basalt.Backends;
using Basalt.Cli;
using Basalt.Cli.Commands;

namespace Basalt.Tests.Cli;

public sealed class ToolTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    public static TheoryData<string> Commands()
    {
        var root = new BasaltCommand(new Session(TextWriter.Null, TextWriter.Null, TextReader.Null, BasaltTool.Backends));
        return [.. Descendants(root).Select(static command => BasaltTool.PathOf(command)["./basalt ".Length..])];
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_of_every_command_has_an_example_that_parses_and_describes_everything(string path)
    {
        var words = path.Split(' ');
        var help = (await _tool.RunAsync([.. words, "--help"])).Done();
        Assert.Contains($"Usage: ./basalt {path}", help, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  ./basalt ", help, StringComparison.Ordinal);

        var root = new BasaltCommand(new Session(TextWriter.Null, TextWriter.Null, TextReader.Null, BasaltTool.Backends));
        var command = Assert.IsType<ToolCommand>(Descendants(root).Single(c => BasaltTool.PathOf(c) == $"./basalt {path}"), exactMatch: false);
        Assert.All(command.Options, static option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
        Assert.All(command.Arguments, static argument => Assert.False(string.IsNullOrEmpty(argument.Description), argument.Name));
        Assert.NotEmpty(command.Examples);
        foreach (var example in command.Examples)
        {
            var parsed = root.Parse(ShellWords.Split(example), BasaltTool.Parsing);
            Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join(' ', parsed.Errors)}");
        }
    }

    [Fact]
    public async Task Help_of_the_tool_lists_every_command()
    {
        var help = (await _tool.RunAsync("--help")).Done();
        foreach (var command in Commands().Where(static c => !((string)c.Data).Contains(' ', StringComparison.Ordinal))) Assert.Contains($"\n  {command.Data} ", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query")]
    [InlineData("qery", "memory:#x")]
    [InlineData("query", "memory:#x", "--nope")]
    [InlineData("query", "memory:#x", "--limit", "many")]
    [InlineData("query", "memory:#x", "--limit", "-1")]
    [InlineData("query", "memory:#x", "--limit")]
    [InlineData("query", "memory:#x", "--format", "xml")]
    [InlineData("query", "nowhere:#x")]
    [InlineData("query", "no store")]
    [InlineData("query", "memory:#x", "--count", "--explain")]
    [InlineData("query", "memory:#x", "--explain", "--format", "csv")]
    [InlineData("get", "memory:#x")]
    [InlineData("put", "memory:#x", "{}", "--create-only", "--if-version", "1")]
    [InlineData("create", "memory:")]
    [InlineData("collections", "memory:#x")]
    [InlineData("import", "a.json", "memory:#x", "--input-format", "xml")]
    [InlineData("import", "a.json", "memory:#x", "--batch", "0")]
    [InlineData("import", "a.json", "memory:#x", "--batch", "1000000")]
    [InlineData("import", "a.json", "memory:#x", "--on-conflict", "join")]
    [InlineData("bench", "records", "--n", "5")]
    [InlineData("bench", "records", "--store", "memory:", "--n", "0")]
    [InlineData("bench")]
    [InlineData]
    public async Task Wrong_usage_exits_with_2_and_one_clear_line_and_a_hint(params string[] arguments)
    {
        var said = await _tool.RunAsync(arguments);
        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        var lines = said.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("usage: ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^See './basalt( [a-z]+)* --help'\\.$", lines[1]);
    }

    [Fact]
    public async Task A_failure_exits_with_1_and_its_code_and_only_debug_shows_where_it_arose()
    {
        var said = await _tool.RunAsync("query", "memory:#missing");
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.Equal("error: NotFound: There is no collection 'missing' in memory.\n", said.Error);
        var debug = await _tool.RunAsync("query", "memory:#missing", "--debug");
        Assert.Equal(1, debug.ExitCode);
        Assert.Contains("   at Basalt.", debug.Error, StringComparison.Ordinal);
        Assert.EndsWith(said.Error, debug.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_not_found()
    {
        var said = await _tool.RunAsync("put", "memory:#x", "@" + _tool.PathOf("missing.json"));
        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith("error: NotFound: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_exits_with_130()
    {
        await _tool.PutAsync("""{"$id":"a"}""");
        var said = await _tool.RunAsync("", new CancellationToken(canceled: true), "query", "memory:#films");
        Assert.Equal((130, "", "cancelled\n"), (said.ExitCode, said.Output, said.Error));
    }

    [Fact]
    public async Task A_closed_pipe_ends_quietly()
    {
        var (output, error) = (new ClosedPipe(), new StringWriter());
        var exitCode = await BasaltTool.RunAsync(["--help"], new Session(output, error, TextReader.Null, BasaltTool.Backends), TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (exitCode, error.ToString()));
    }

    [Fact]
    public async Task A_full_disk_under_standard_output_does_not()
    {
        var (output, error) = (new ClosedPipe(hresult: 28), new StringWriter());
        var exitCode = await BasaltTool.RunAsync(["--help"], new Session(output, error, TextReader.Null, BasaltTool.Backends), TestContext.Current.CancellationToken);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: Unavailable: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_line() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", (await _tool.RunAsync("--version")).Done());

    [Fact]
    public async Task Bench_of_records_prints_every_figure()
    {
        using var figures = JsonDocument.Parse((await _tool.RunAsync("bench", "records", "--store", "memory:", "--n", "300", "--json")).Done());
        Assert.Equal("memory:", figures.RootElement.GetProperty("store").GetString());
        Assert.Equal(300, figures.RootElement.GetProperty("n").GetInt32());
        Assert.Equal(1, figures.RootElement.GetProperty("threads").GetInt32());
        foreach (var name in new[] { "create_per_s", "read_per_s", "update_per_s", "delete_per_s", "batch_create_per_s", "filter_records_per_s", "filter_text_records_per_s", "search_per_s" })
            Assert.True(figures.RootElement.GetProperty(name).GetDouble() > 0, name);
        Assert.Equal("[]\n", (await _tool.RunAsync("collections", "memory:", "--format", "json")).Done());
    }

    [Fact]
    public async Task Doctor_reports_each_check_and_each_store()
    {
        await _tool.PutAsync("""{"$id":"a"}""");
        var said = await _tool.RunAsync("doctor", "memory:", "--dir", _tool.Folder);
        var lines = said.Done().TrimEnd('\n').Split('\n');
        Assert.All(lines, static line => Assert.Matches("^(ok|warn) +(.NET|processor|SIMD|memory|temp|fsync|locking|store) +.+$", line));
        Assert.Equal(8, lines.Length);
        Assert.Contains("the collection 'films'", lines[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_tool.Folder));
    }

    [Fact]
    public async Task Doctor_fails_for_a_store_without_the_named_collection()
    {
        var said = await _tool.RunAsync("doctor", "memory:#missing", "--dir", _tool.Folder);
        Assert.Equal(1, said.ExitCode);
        Assert.Contains("\nfail  store ", said.Output, StringComparison.Ordinal);
        Assert.StartsWith("error: Unavailable: ", said.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<Command> Descendants(Command command) => command.Subcommands.SelectMany(static c => Descendants(c).Prepend(c));

    private sealed class ClosedPipe(int hresult = 32) : StringWriter
    {
        public override void Write(char[] buffer, int index, int count) => throw new IOException("gone", hresult);

        public override void Write(string? value) => throw new IOException("gone", hresult);

        public override void WriteLine(string? value) => throw new IOException("gone", hresult);
    }
}

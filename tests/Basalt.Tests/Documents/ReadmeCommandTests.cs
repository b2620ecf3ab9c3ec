using Basalt.DuckDb.Native;
using Basalt.Tests.Cli;

namespace Basalt.Tests.Documents;

/// <summary>Every <c>./basalt</c> line of the README, run in the order in which it stands there.</summary>
public sealed class ReadmeCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Every_command_of_the_README_works_and_says_something()
    {
        if (!Directory.Exists(Repository.Path("node_modules", "vega-datasets"))) Assert.Skip("The sample data is not installed (npm ci).");
        Assert.SkipWhen(DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");
        var commands = Repository.Read("README.md").Split('\n').Where(static line => line.StartsWith("./basalt ", StringComparison.Ordinal) && !line.StartsWith("./basalt quickstart", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 5);
        foreach (var command in commands)
        {
            var words = ShellWords.Split(command)[1..].Select(word => word
                .Replace("node_modules/", Repository.Path("node_modules") + "/", StringComparison.Ordinal)
                .Replace("./quickstart-data", _tool.PathOf("data"), StringComparison.Ordinal)).ToArray();
            var said = await _tool.RunAsync(words);
            Assert.True(said.ExitCode == 0, $"{command}: {said.Error}");
            Assert.NotEmpty(said.Output + said.Error);
            if (words[0] == "query") Assert.True(said.Output.Split('\n').Length > 1 && said.Output.Trim() is not ("0" or "[]"), $"{command} finds nothing: {said.Output}");
        }
    }
}

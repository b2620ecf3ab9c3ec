using Basalt.Backends;
using Basalt.Cli;

namespace Basalt.Tests.Cli;

/// <summary>What a run of the tool said.</summary>
internal sealed record Said(int ExitCode, string Output, string Error)
{
    /// <summary>The output of a run that must have succeeded.</summary>
    public string Done()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return Output;
    }
}

/// <summary>Runs the tool in this process; what it stores in <c>memory:</c> stays for the next run, and in a folder of its own for files.</summary>
internal sealed class Tool : IDisposable
{
    private readonly BackendSet _backends;

    public Tool()
    {
        var kept = new KeptBackend();
        _backends = BasaltTool.Backends.With(new BackendScheme("memory", "memory:#x", "kept for a test", (_, _, _) => ValueTask.FromResult<IBackend>(kept)));
    }

    /// <summary>A folder for the test's files; removed with this.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("basalt-cli-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public Task<Said> RunAsync(params string[] arguments) => RunAsync("", CancellationToken.None, arguments);

    public async Task<Said> RunAsync(string input, CancellationToken cancellationToken, params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exitCode = await BasaltTool.RunAsync(arguments, new Session(output, error, new StringReader(input), _backends), cancellationToken);
        return new Said(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Puts records, given as JSON, into <c>memory:#films</c>.</summary>
    public async Task PutAsync(params string[] records)
    {
        foreach (var record in records) (await RunAsync("put", "memory:#films", record)).Done();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

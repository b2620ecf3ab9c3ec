using System.CommandLine;
using Basalt.Cli.Quickstart;
using Basalt.DuckDb.Native;

namespace Basalt.Cli.Commands;

/// <summary>Shows the tool at work on real data, each command as a person would type it.</summary>
internal sealed class QuickstartCommand : ToolCommand
{
    private const string Marker = ".basalt-quickstart";
    private readonly Session _session;
    private readonly Option<string> _directory = new("--dir")
    {
        Description = "The folder to put the data in, made anew by each run (quickstart-data unless given)",
        HelpName = "DIR",
        DefaultValueFactory = static _ => "quickstart-data",
    };

    public QuickstartCommand(Session session)
        : base("quickstart", "See it work: import real data, query it, copy it", CommandGroup.Start, "quickstart", "quickstart --dir /tmp/tour")
    {
        _session = session;
        Add(_directory);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var started = _session.TimeProvider.GetTimestamp();
        var data = Shortest(SampleSets.Find());
        var folder = Shortest(Path.GetFullPath(arguments.GetRequiredValue(_directory)));
        MakeAnew(folder);
        var tour = new Tour(data, folder);
        Directory.CreateDirectory(Path.GetDirectoryName(tour.TidyFile)!);
        await File.WriteAllTextAsync(tour.TidyFile, Tour.TidyTransform, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(tour.HotFile, Tour.HotTransform, cancellationToken).ConfigureAwait(false);
        foreach (var stop in tour.Stops)
        {
            if (stop.Text.Length > 0) _session.Output.WriteLine($"\n# {stop.Text}");
            _session.Output.WriteLine($"$ ./basalt {ShellCommand.Line(stop.Command)}");
            await _session.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            var exitCode = await BasaltTool.RunAsync(stop.Command, _session, cancellationToken).ConfigureAwait(false);
            if (exitCode != ExitCode.Done) return exitCode;
        }

        if (DuckDbLibrary.Problem is { } problem) _session.Error.WriteLine($"The stop with SQL was left out: {problem}");
        _session.Output.WriteLine($"\nThat took {_session.TimeProvider.GetElapsedTime(started).TotalSeconds:N1} s. The data is in {folder}; every command above can be repeated and changed.");
        _session.Output.WriteLine("'./basalt --help' lists all commands, './basalt query --help' the options of one.");
        return ExitCode.Done;
    }

    // Only a folder that an earlier quickstart made, or an empty one, is emptied.
    private static void MakeAnew(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(Path.Combine(folder, Marker))) throw new UsageException($"{folder} holds files that no quickstart put there; choose another folder with --dir.");
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Marker), "");
    }

    private static string Shortest(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path : "./" + relative;
    }
}

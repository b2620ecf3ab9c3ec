using System.CommandLine;
using System.CommandLine.Help;
using Basalt.Cli.Commands.Points;
using Basalt.Cli.Output;

namespace Basalt.Cli.Commands;

/// <summary>The whole tool: every command once.</summary>
internal sealed class BasaltCommand : RootCommand
{
    public BasaltCommand(Session session)
        : base("One data engine: records, filters and queries with one meaning on every backend.")
    {
        Debug = new Option<bool>("--debug") { Description = "On a failure also print where in the program it arose", Recursive = true };
        Options.Remove(Options.OfType<HelpOption>().Single());
        Options.OfType<VersionOption>().Single().Action = new VersionLine(session.Output);
        Directives.Clear();
        Add(new HelpOption("--help", "-h") { Description = "Show this help", Action = new HelpPage(session.Output) });
        Add(Debug);
        Add(new QuickstartCommand(session));
        Add(new ImportCommand(session));
        Add(new ExportCommand(session));
        Add(new CopyCommand(session));
        Add(new ChangesCommand(session));
        Add(new QueryCommand(session));
        Add(new SearchCommand(session));
        Add(new PointsCommand(session));
        Add(new SqlCommand(session));
        Add(new GetCommand(session));
        Add(new PutCommand(session));
        Add(new DeleteCommand(session));
        Add(new CollectionsCommand(session));
        Add(new DescribeCommand(session));
        Add(new CreateCommand(session));
        Add(new DropCommand(session));
        Add(new IndexCommand(session));
        Add(new DatasetsCommand(session));
        Add(new StatsCommand(session));
        Add(new VerifyCommand(session));
        Add(new CompactCommand(session));
        Add(new BackupCommand(session));
        Add(new RestoreCommand(session));
        Add(new DoctorCommand(session));
        Add(new BenchCommand(session));
    }

    public Option<bool> Debug { get; }
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;

namespace Basalt.Cli.Commands;

/// <summary>Tells what a database holds and takes.</summary>
internal sealed class StatsCommand : ToolCommand
{
    private enum StatsFormat
    {
        Table,
        Json,
    }

    private readonly Session _session;
    private readonly EngineArgument _folder;
    private readonly ChoiceOption<StatsFormat> _format = new("--format", "How to print: json is one object, whose names end in _bytes and _ms where they have a unit", StatsFormat.Table);

    public StatsCommand(Session session)
        : base("stats", "Tell what a basalt: database holds: collections, indexes, tables, memory, and whether its maintenance is well", CommandGroup.Care, "stats ./data", "stats ./data --format json")
    {
        _session = session;
        _folder = new EngineArgument(session);
        Add(_folder);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var engine = _session.OpenEngine(arguments.GetRequiredValue(_folder), cancellationToken);
        await using var closing = engine.ConfigureAwait(false);
        var stats = new StatsText(engine.Stats());
        if (arguments.GetValue(_format) == StatsFormat.Json) stats.PrintJson(_session.Output);
        else stats.Print(_session.Output);
        return ExitCode.Done;
    }
}

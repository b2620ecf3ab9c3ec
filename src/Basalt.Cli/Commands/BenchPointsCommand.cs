using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Bench.Points;
using Basalt.PointClouds.Samples;

namespace Basalt.Cli.Commands;

/// <summary>Measures a cloud of points from ingest to reads.</summary>
internal sealed class BenchPointsCommand : ToolCommand
{
    private readonly Session _session;
    private readonly Option<StoreUri> _store = new("--store") { Description = "The database, in which a collection (#NAME, points unless given) is made and stays", HelpName = "URI", Required = true };
    private readonly NumberOption _count = new("--n", "About how many points (1000000 unless given)", minimum: 1000);
    private readonly NumberOption _labels = new("--labels", "How many labels, at most a fiftieth of the points (20000 unless given)", minimum: 1);
    private readonly Option<bool> _optimize = new("--optimize") { Description = "Also optimise, and read again" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public BenchPointsCommand(Session session)
        : base("points", "Measure a labelled point cloud of generated neurites: ingest, bytes a point, reads by label and box, optimising, opening", CommandGroup.Tool, "bench points --store basalt:./bench-data#p --n 5000000 --optimize --json")
    {
        _session = session;
        _store.CustomParser = result => StoreArgument.Parse(result, result.Tokens[0].Value, session.Backends);
        foreach (var option in new Option[] { _store, _count, _labels, _optimize, _json }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (count, labels) = (arguments.GetValue(_count) ?? 1_000_000, arguments.GetValue(_labels) ?? 20_000);
        if (count > 10_000_000_000 || labels > int.MaxValue) throw new UsageException("--n takes at most 10,000,000,000 points, and --labels 2,147,483,647.");
        var figures = await new PointBench(_session, arguments.GetRequiredValue(_store), new Neurites(count, (int)labels), arguments.GetValue(_optimize)).RunAsync(cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json)) _session.Output.WriteLine(figures.ToJsonString());
        else foreach (var (name, value) in figures) _session.Output.WriteLine($"{name}: {value?.ToJsonString()}");
        return ExitCode.Done;
    }
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Counts points.</summary>
internal sealed class PointsCountCommand : CloudCommand
{
    private readonly PointOptions _points = new();

    public PointsCountCommand(Session session)
        : base(session, "count", "Count points: of labels, in a box, ball or block, or all", "points count basalt:./data#neurons --label 720575940611644529", "points count basalt:./data#neurons --box 0,0,0:127,127,127")
    {
        foreach (var option in _points.All) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments);
        Session.Output.WriteLine(await cloud.CountAsync(query, cancellationToken).ConfigureAwait(false));
        PointOptions.Tell(query, Session.Error);
    }
}

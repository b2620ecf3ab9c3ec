using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Prints the points nearest to a place.</summary>
internal sealed class PointsNearestCommand : CloudCommand
{
    private const int MostPoints = 1 << 24;
    private readonly Argument<Value[]> _place = PointOptions.Place();
    private readonly NumberOption _k = new("-k", "How many points (10 unless given)", minimum: 1);
    private readonly PointOptions _points = new();
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsNearestCommand(Session session)
        : base(session, "nearest", "Print the points nearest to a place, the nearest first, each with its distance", "points nearest basalt:./data#neurons 500,1900,130 -k 5", "points nearest basalt:./data#neurons 500,1900,130 --label 17 --format json")
    {
        Add(_place);
        Add(_k);
        foreach (var option in _points.All) Add(option);
        Add(_format);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments) with { WithLabels = true };
        var (k, format) = (arguments.GetValue(_k) ?? 10, arguments.GetValue(_format));
        if (k > MostPoints) throw new UsageException($"-k takes at most {MostPoints}.");
        var nearest = await cloud.NearestAsync(arguments.GetRequiredValue(_place), (int)k, query, cancellationToken).ConfigureAwait(false);
        await PrintAsync(format, Rows(nearest, format).ToAsyncEnumerable()).ConfigureAwait(false);
        PointOptions.Tell(query, Session.Error);
    }

    private static IEnumerable<ValueMap> Rows(NearestPoints nearest, RowFormat format)
    {
        for (var i = 0; i < nearest.Points.Count; i++) yield return PointRow.Of(nearest.Points, i, format).Set("distance", nearest.Distances[i]).Build();
    }
}

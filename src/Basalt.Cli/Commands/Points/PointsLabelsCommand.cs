using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Lists the labels of a cloud, or those in a place.</summary>
internal sealed class PointsLabelsCommand : CloudCommand
{
    private readonly PointOptions _points = new();
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsLabelsCommand(Session session)
        : base(session, "labels", "List the labels with how many points each has: all of them with their boxes, or those in a box, ball or block", "points labels basalt:./data#neurons --format csv", "points labels basalt:./data#neurons --box 0,0,0:127,127,127")
    {
        foreach (var option in _points.All) Add(option);
        Add(_format);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var (query, format) = (_points.Query(arguments), arguments.GetValue(_format));
        var isAll = query is { Labels: null, Box: null, Ball: null, Block: null };
        await PrintAsync(format, isAll ? AllAsync(cloud, query, format, cancellationToken) : InAsync(cloud, query, format, cancellationToken)).ConfigureAwait(false);
        PointOptions.Tell(query, Session.Error);
    }

    private static async IAsyncEnumerable<ValueMap> AllAsync(PointCloud cloud, PointQuery query, RowFormat format, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var label in cloud.LabelsAsync(query.AsOf, cancellationToken).ConfigureAwait(false))
        {
            var row = new ValueMapBuilder().Set("label", PointRow.Label(label.Label, format)).Set("points", label.Points);
            for (var axis = 0; axis < cloud.Schema.Axes.Count; axis++) row.Set("min_" + cloud.Schema.Axes[axis], label.Bounds.Lowest[axis]).Set("max_" + cloud.Schema.Axes[axis], label.Bounds.Highest[axis]);
            yield return row.Build();
        }
    }

    private static async IAsyncEnumerable<ValueMap> InAsync(PointCloud cloud, PointQuery query, RowFormat format, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (label, points) in await cloud.LabelsInAsync(query, cancellationToken).ConfigureAwait(false)) yield return new ValueMapBuilder().Set("label", PointRow.Label(label, format)).Set("points", points).Build();
    }
}

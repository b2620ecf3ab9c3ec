using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Prints points.</summary>
internal sealed class PointsGetCommand : CloudCommand
{
    private readonly PointOptions _points = new();
    private readonly Option<string?> _attributes = new("--attributes") { Description = "Only these attributes, with commas between; all unless given", HelpName = "A,B" };
    private readonly Option<bool> _blocks = new("--blocks") { Description = "Also print the block of each point" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsGetCommand(Session session)
        : base(session, "get", "Print the points of labels, a box, a ball or a block", "points get basalt:./data#neurons --label 720575940611644529 --format csv", "points get basalt:./data#neurons --label 17 --box 0,0,0:127,127,127 --attributes supervoxel")
    {
        foreach (var option in _points.All) Add(option);
        foreach (var option in new Option[] { _attributes, _blocks, _format }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments);
        if (query is { Labels: null, Box: null, Ball: null, Block: null }) throw new UsageException("Say which points by --label, --box, --ball or --block; points export writes all of them.");
        query = query with { Attributes = arguments.GetValue(_attributes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), WithBlocks = arguments.GetValue(_blocks), WithLabels = query.Labels is not { Count: 1 } };
        var format = arguments.GetValue(_format);
        await PrintAsync(format, RowsAsync(cloud, query, format, cancellationToken)).ConfigureAwait(false);
        PointOptions.Tell(query, Session.Error);
    }

    private static async IAsyncEnumerable<ValueMap> RowsAsync(PointCloud cloud, PointQuery query, RowFormat format, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
            foreach (var row in PointRow.Of(part, format)) yield return row;
    }
}

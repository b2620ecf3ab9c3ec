using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Prints or counts the points of a box.</summary>
internal sealed class PointsBoxCommand : CloudCommand
{
    private readonly PointOptions _points = new();
    private readonly Option<bool> _count = new("--count") { Description = "Print how many points there are, as one number" };
    private readonly Option<bool> _blocks = new("--blocks") { Description = "Also print the block of each point" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsBoxCommand(Session session)
        : base(session, "box", "Print or count the points in a box", "points box basalt:./data#neurons --box 0,0,0:127,127,127 --count", "points box basalt:./data#neurons --box 0,0,0:63,63,63 --label 17 --format jsonl")
    {
        foreach (var option in _points.All) Add(option);
        foreach (var option in new Option[] { _count, _blocks, _format }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments) with { WithLabels = true, WithBlocks = arguments.GetValue(_blocks) };
        if (query.Box is null) throw new UsageException("Say which box with --box x0,y0,z0:x1,y1,z1.");
        var format = arguments.GetValue(_format);
        if (arguments.GetValue(_count)) Session.Output.WriteLine(await cloud.CountAsync(query, cancellationToken).ConfigureAwait(false));
        else await PrintAsync(format, RowsAsync(cloud, query, format, cancellationToken)).ConfigureAwait(false);
        PointOptions.Tell(query, Session.Error);
    }

    private static async IAsyncEnumerable<ValueMap> RowsAsync(PointCloud cloud, PointQuery query, RowFormat format, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
            foreach (var row in PointRow.Of(part, format)) yield return row;
    }
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Tells what a cloud has.</summary>
internal sealed class PointsStatsCommand : CloudCommand
{
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsStatsCommand(Session session)
        : base(session, "stats", "Tell what a cloud has, without reading its points", "points stats basalt:./data#neurons", "points stats basalt:./data#neurons --format json") => Add(_format);

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var stats = await cloud.StatsAsync(cancellationToken).ConfigureAwait(false);
        var bounds = await cloud.BoundsAsync(null, cancellationToken).ConfigureAwait(false);
        var row = new ValueMapBuilder().Set("schema", cloud.Schema.ToString()).Set("points", stats.Points).Set("blocks", stats.Blocks).Set("runs", stats.Runs).Set("chunks", stats.Chunks).Set("bytes", stats.Bytes)
            .Set("bytes_per_point", stats.Points == 0 ? Value.Null : Math.Round((double)stats.Bytes / stats.Points, 3)).Set("bounds", bounds?.ToString())
            .Set("edits", stats.Edits).Set("pending_runs", stats.Pending).Set("retired_runs", stats.Retired).Build();
        await PrintAsync(arguments.GetValue(_format), new[] { row }.ToAsyncEnumerable()).ConfigureAwait(false);
    }
}

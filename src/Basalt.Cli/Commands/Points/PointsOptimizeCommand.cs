using System.CommandLine;
using Basalt.Cli.Movement;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Merges the runs of a cloud.</summary>
internal sealed class PointsOptimizeCommand : CloudCommand
{
    public PointsOptimizeCommand(Session session)
        : base(session, "optimize", "Merge what was taken in piece by piece, so that every label and place is found in few chunks; readers go on meanwhile", "points optimize basalt:./data#neurons")
    {
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var report = await ShareView.ShowAsync(Session, "merging", progress => cloud.OptimizeAsync(progress, cancellationToken).AsTask()).ConfigureAwait(false);
        var removed = report.Removed > 0 ? $"; removed {report.Removed:N0} runs that nobody needs any more" : "";
        Session.Error.WriteLine(report.Runs == 0 ? $"nothing to merge{removed}" : $"merged {report.Runs:N0} runs of {report.Points:N0} points: {report.ChunksBefore:N0} chunks became {report.ChunksAfter:N0}{removed}");
    }
}

using System.CommandLine;
using Basalt.Cli.Movement;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Reads all of a cloud.</summary>
internal sealed class PointsVerifyCommand : CloudCommand
{
    public PointsVerifyCommand(Session session)
        : base(session, "verify", "Read every page and every point, and compare them with each other", "points verify basalt:./data#neurons")
    {
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var report = await ShareView.ShowAsync(Session, "reading", progress => cloud.VerifyAsync(progress, cancellationToken).AsTask()).ConfigureAwait(false);
        foreach (var damage in report.Damage) Session.Output.WriteLine(damage);
        if (report.Damage.Count > 0) throw new BasaltException(ErrorCode.Corrupt, $"{report.Damage.Count:N0} records of '{cloud.Name}' are damaged or missing; they are named above.") { Target = cloud.Name };
        Session.Output.WriteLine($"{report.Points:N0} points in {report.Chunks:N0} chunks are whole");
    }
}

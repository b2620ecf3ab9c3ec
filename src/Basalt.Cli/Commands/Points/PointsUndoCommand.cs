using System.CommandLine;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Takes the last edit back.</summary>
internal sealed class PointsUndoCommand : CloudCommand
{
    public PointsUndoCommand(Session session)
        : base(session, "undo", "Take the last merge or split back that still counts", "points undo basalt:./data#neurons")
    {
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var edit = await cloud.UndoAsync(cancellationToken).ConfigureAwait(false) ?? throw new BasaltException(ErrorCode.NotFound, $"No edit of '{cloud.Name}' is left to be taken back.") { Target = cloud.Name };
        Session.Error.WriteLine($"edit {edit.Number}: took edit {edit.Undoes} back");
    }
}

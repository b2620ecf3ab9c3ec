namespace Basalt.Cli.Commands.Points;

/// <summary>The commands of labelled point clouds.</summary>
internal sealed class PointsCommand : ToolCommand
{
    public PointsCommand(Session session)
        : base("points", "Labelled point clouds: take in, find by label and place, merge and split, export, plot", CommandGroup.Records,
            "points import ./segments basalt:./data#neurons", "points count basalt:./data#neurons --label 720575940611644529", "points box basalt:./data#neurons --box 0,0,0:127,127,127 --count")
    {
        Add(new PointsImportCommand(session));
        Add(new PointsGenerateCommand(session));
        Add(new PointsLabelsCommand(session));
        Add(new PointsBlocksCommand(session));
        Add(new PointsCountCommand(session));
        Add(new PointsGetCommand(session));
        Add(new PointsBoxCommand(session));
        Add(new PointsNearestCommand(session));
        Add(new PointsSampleCommand(session));
        Add(new PointsExportCommand(session));
        Add(new PointsPlotCommand(session));
        Add(new PointsOptimizeCommand(session));
        Add(new PointsStatsCommand(session));
        Add(new PointsVerifyCommand(session));
        Add(new PointsMergeCommand(session));
        Add(new PointsSplitCommand(session));
        Add(new PointsUndoCommand(session));
        Add(new PointsHistoryCommand(session));
    }
}

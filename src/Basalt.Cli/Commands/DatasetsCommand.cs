namespace Basalt.Cli.Commands;

/// <summary>Catalogues of time-series datasets.</summary>
internal sealed class DatasetsCommand : ToolCommand
{
    public DatasetsCommand(Session session)
        : base("datasets", "Index the time-series datasets of a folder or bucket, and look them up", CommandGroup.Datasets,
            "datasets index ./lotsa --catalog basalt:./catalog", "datasets stats --catalog basalt:./catalog --format json")
    {
        Add(new DatasetsIndexCommand(session));
        Add(new DatasetsListCommand(session));
        Add(new DatasetsShowCommand(session));
        Add(new DatasetsStatsCommand(session));
        Add(new DatasetsStatusCommand(session));
        Add(new DatasetsValidateCommand(session));
    }
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;
using Basalt.PointClouds.Files;

namespace Basalt.Cli.Commands.Points;

/// <summary>Writes points to a file.</summary>
internal sealed class PointsExportCommand : CloudCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file: .npz, .csv or .ply" };
    private readonly PointOptions _points = new();
    private readonly Option<string?> _attributes = new("--attributes") { Description = "Only these attributes, with commas between; all unless given", HelpName = "A,B" };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if it is there" };

    public PointsExportCommand(Session session)
        : base(session, "export", "Write points to a file and say what the format could not keep", "points export basalt:./data#neurons all.npz", "points export basalt:./data#neurons neuron.ply --label 720575940611644529")
    {
        Add(_file);
        foreach (var option in _points.All) Add(option);
        foreach (var option in new Option[] { _attributes, _overwrite }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments) with { Attributes = arguments.GetValue(_attributes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) };
        var file = arguments.GetRequiredValue(_file);
        var report = await PointExport.RunAsync(cloud, query, file, arguments.GetValue(_overwrite), cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"wrote {report.Points:N0} points to {file}; {(report.LargestError == 0 ? "coordinates are exact" : $"coordinates are off by up to {report.LargestError}")}{(report.Dropped.Count > 0 ? $"; not in it: {string.Join(", ", report.Dropped)}" : "")}");
        PointOptions.Tell(query, Session.Error);
    }
}

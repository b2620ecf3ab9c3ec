using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;
using Basalt.PointClouds.Files;
using Basalt.PointClouds.Files.Neuroglancer;
using Basalt.PointClouds.Reading;

namespace Basalt.Cli.Commands.Points;

/// <summary>Writes points to a file.</summary>
internal sealed class PointsExportCommand : CloudCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file: .npz, .csv or .ply; or a folder .precomputed, of annotations for Neuroglancer" };
    private readonly PointOptions _points = new();
    private readonly Option<string?> _attributes = new("--attributes") { Description = "Only these attributes, with commas between; all unless given", HelpName = "A,B" };
    private readonly Option<string?> _scale = new("--scale") { Description = "Metres of a unit of each axis, as 8e-9,8e-9,33e-9; without a unit unless given. Only for .precomputed", HelpName = "X,Y,Z" };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file or folder if it is there" };

    public PointsExportCommand(Session session)
        : base(session, "export", "Write points to a file and say what the format could not keep", "points export basalt:./data#neurons all.npz", "points export basalt:./data#neurons neuron.ply --label 720575940611644529", "points export basalt:./data#neurons neurons.precomputed --scale 8e-9,8e-9,33e-9")
    {
        Add(_file);
        foreach (var option in _points.All) Add(option);
        foreach (var option in new Option[] { _attributes, _scale, _overwrite }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments) with { Attributes = arguments.GetValue(_attributes)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) };
        var file = arguments.GetRequiredValue(_file);
        var report = await WriteAsync(cloud, query, file, arguments, cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"wrote {report.Points:N0} points to {file}; {(report.LargestError == 0 ? "coordinates are exact" : $"coordinates are off by up to {report.LargestError}")}{(report.Dropped.Count > 0 ? $"; not in it: {string.Join(", ", report.Dropped)}" : "")}");
        PointOptions.Tell(query, Session.Error);
    }
    private ValueTask<PointExportReport> WriteAsync(PointCloud cloud, PointQuery query, string file, ParseResult arguments, CancellationToken cancellationToken)
    {
        var overwrite = arguments.GetValue(_overwrite);
        if (AnnotationExport.IsMeant(file)) return AnnotationExport.RunAsync(cloud, query, file, new AnnotationOptions { Scale = Scale(arguments.GetValue(_scale)) }, overwrite, cancellationToken);
        if (arguments.GetValue(_scale) is not null) throw new UsageException($"--scale is for a folder {AnnotationExport.Ending}, not for '{file}'.");
        return PointExport.RunAsync(cloud, query, file, overwrite, cancellationToken);
    }

    private static double[]? Scale(string? text) => text?.Split(',').Select(static word => RealOption.TryParse(word, out var number) ? number : throw new UsageException($"'{word}' is no number of metres.")).ToArray();
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;
using Basalt.PointClouds.Plotting;

namespace Basalt.Cli.Commands.Points;

/// <summary>Draws points.</summary>
internal sealed class PointsPlotCommand : CloudCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The picture: .png" };
    private readonly PointOptions _points = new();
    private readonly NumberOption _width = new("--width", "Its width in pixels, 32 to 8192 (800 unless given)", minimum: 32);
    private readonly NumberOption _height = new("--height", "Its height in pixels, 32 to 8192 (800 unless given)", minimum: 32);
    private readonly RealOption _azimuth = new("--azimuth", "From where: degrees around the third axis (30 unless given)");
    private readonly RealOption _elevation = new("--elevation", "From how high: degrees, -90 to 90 (25 unless given)");
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the file if it is there" };

    public PointsPlotCommand(Session session)
        : base(session, "plot", "Draw points to a PNG picture, without perspective; the nearer, the lighter", "points plot basalt:./data#neurons neuron.png --label 720575940611644529")
    {
        Add(_file);
        foreach (var option in _points.All) Add(option);
        foreach (var option in new Option[] { _width, _height, _azimuth, _elevation, _overwrite }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var (query, file) = (_points.Query(arguments), arguments.GetRequiredValue(_file));
        if (!file.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) throw new UsageException($"'{file}' is not .png.");
        var standard = new PlotView();
        var view = new PlotView(arguments.GetValue(_azimuth) ?? standard.Azimuth, arguments.GetValue(_elevation) ?? standard.Elevation);
        var (width, height) = (Math.Min(arguments.GetValue(_width) ?? 800, int.MaxValue), Math.Min(arguments.GetValue(_height) ?? 800, int.MaxValue));
        var count = await PointPlot.WriteAsync(cloud, query, file, (int)width, (int)height, view, arguments.GetValue(_overwrite), cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"drew {count:N0} points to {file}");
        PointOptions.Tell(query, Session.Error);
    }
}

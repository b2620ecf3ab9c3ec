using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.PointClouds;
using Basalt.PointClouds.Samples;

namespace Basalt.Cli.Commands.Points;

/// <summary>Makes a cloud to try things on.</summary>
internal sealed class PointsGenerateCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly NumberOption _count = new("--n", "About how many points (100000 unless given)", minimum: 1000);
    private readonly NumberOption _labels = new("--labels", "How many labels, at most a fiftieth of the points (20000 unless given)", minimum: 1);
    private readonly NumberOption _seed = new("--seed", "Which sample (1 unless given)");

    public PointsGenerateCommand(Session session)
        : base("generate", "Make points like those of neurites, the same on every machine", CommandGroup.Records, "points generate basalt:./data#neurites --n 1000000 --labels 500")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        foreach (var option in new Option[] { _count, _labels, _seed }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (count, labels) = (arguments.GetValue(_count) ?? 100_000, arguments.GetValue(_labels) ?? 20_000);
        if (count > 10_000_000_000 || labels > int.MaxValue) throw new UsageException("--n takes at most 10,000,000,000 points, and --labels 2,147,483,647.");
        var sample = new Neurites(count, (int)labels, (ulong)(arguments.GetValue(_seed) ?? 1));
        var opened = await _session.OpenTargetAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var cloud = await PointCloud.OpenOrCreateAsync(opened.Database, opened.Name, new PointSchema(), new PointCloudOptions { TimeProvider = _session.TimeProvider }, cancellationToken).ConfigureAwait(false);
        var report = await ShareView.ShowAsync(_session, "making", async progress =>
        {
            var ingest = await cloud.IngestAsync(null, cancellationToken).ConfigureAwait(false);
            await using var ending = ingest.ConfigureAwait(false);
            var made = 0L;
            foreach (var (block, points) in sample.Blocks())
            {
                await ingest.AddAsync(block, points, cancellationToken).ConfigureAwait(false);
                progress.Report(Math.Min(1, (made += points.Count) / (double)count));
            }

            return await ingest.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        _session.Error.WriteLine($"made {report.Points:N0} points of {sample.Labels:N0} labels in {report.Blocks:N0} blocks{(report.Skipped > 0 ? $"; {report.Skipped:N0} blocks were there already" : "")}");
        return ExitCode.Done;
    }
}

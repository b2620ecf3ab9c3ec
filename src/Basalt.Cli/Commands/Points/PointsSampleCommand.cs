using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Prints fewer points that stand for all.</summary>
internal sealed class PointsSampleCommand : CloudCommand
{
    private const int MostPoints = 1 << 24;
    private readonly NumberOption _count = new("--n", "So many points, each set of them equally likely", minimum: 1);
    private readonly NumberOption _seed = new("--seed", "Which sample (1 unless given); the same points and seed give the same sample anywhere");
    private readonly NumberOption _level = new("--level", "A level of detail instead: one point of each cell whose edge is two to this level");
    private readonly PointOptions _points = new();
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsSampleCommand(Session session)
        : base(session, "sample", "Print fewer points that stand for all: a random sample, or one point of each cell of a grid", "points sample basalt:./data#neurons --label 17 --n 1000 --seed 7 --format csv", "points sample basalt:./data#neurons --label 17 --level 5")
    {
        foreach (var option in new Option[] { _count, _seed, _level }) Add(option);
        foreach (var option in _points.All) Add(option);
        Add(_format);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = _points.Query(arguments) with { WithLabels = true };
        var (count, seed, level) = (arguments.GetValue(_count), arguments.GetValue(_seed), arguments.GetValue(_level));
        if (count is null == level is null) throw new UsageException("Say either how many points with --n, or a level of detail with --level.");
        if (seed is not null && level is not null) throw new UsageException("--seed goes with --n: a level of detail is the same every time.");
        if (count > MostPoints) throw new UsageException($"--n takes at most {MostPoints}.");
        if (level > 62) throw new UsageException("--level takes 0 to 62.");
        var points = count is { } n
            ? await cloud.SampleAsync((int)n, seed ?? 1, query, cancellationToken).ConfigureAwait(false)
            : await cloud.CoarseAsync((int)level!.Value, query, cancellationToken).ConfigureAwait(false);
        var format = arguments.GetValue(_format);
        await PrintAsync(format, PointRow.Of(points, format).ToAsyncEnumerable()).ConfigureAwait(false);
        PointOptions.Tell(query, Session.Error);
    }
}

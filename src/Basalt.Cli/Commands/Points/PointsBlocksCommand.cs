using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Lists the blocks of a cloud, or those of a label.</summary>
internal sealed class PointsBlocksCommand : CloudCommand
{
    private readonly Option<ulong[]> _label = PointOptions.Labels("--label", "Only the blocks that this label has points in");
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsBlocksCommand(Session session)
        : base(session, "blocks", "List the blocks with how many points each has, or those that a label has points in", "points blocks basalt:./data#neurons", "points blocks basalt:./data#neurons --label 720575940611644529")
    {
        Add(_label);
        Add(_format);
    }

    protected override Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var labels = arguments.GetResult(_label) is { Implicit: false } ? arguments.GetValue(_label)! : [];
        if (labels.Length > 1) throw new UsageException("--label takes one label here.");
        return PrintAsync(arguments.GetValue(_format), labels is [var label] ? OfAsync(cloud, label, cancellationToken) : AllAsync(cloud, cancellationToken));
    }

    private static async IAsyncEnumerable<ValueMap> AllAsync(PointCloud cloud, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (block, points) in cloud.BlocksAsync(cancellationToken).ConfigureAwait(false)) yield return new ValueMapBuilder().Set("block", block).Set("points", points).Build();
    }

    private static async IAsyncEnumerable<ValueMap> OfAsync(PointCloud cloud, ulong label, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var block in await cloud.BlocksOfAsync(label, cancellationToken).ConfigureAwait(false)) yield return new ValueMapBuilder().Set("block", block).Build();
    }
}

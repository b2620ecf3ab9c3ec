using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.PointClouds.Editing;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Lists the edits of labels.</summary>
internal sealed class PointsHistoryCommand : CloudCommand
{
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public PointsHistoryCommand(Session session)
        : base(session, "history", "List the merges, splits and undos; --as-of N of other commands reads as of one", "points history basalt:./data#neurons") => Add(_format);

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var format = arguments.GetValue(_format);
        var edits = await cloud.HistoryAsync(cancellationToken).ConfigureAwait(false);
        await PrintAsync(format, edits.Select(edit => Row(edit, format)).ToAsyncEnumerable()).ConfigureAwait(false);
    }

    private static ValueMap Row(LabelEdit edit, RowFormat format) => new ValueMapBuilder()
        .Set("edit", edit.Number).Set("kind", edit.Kind.ToString().ToLowerInvariant())
        .Set("labels", string.Join(' ', edit.Sources)).Set("into", PointRow.Label(edit.Target, format))
        .Set("undoes", edit.Undoes is { } undone ? undone : Value.Null).Set("at", edit.At).Build();
}

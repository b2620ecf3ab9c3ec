using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Indexes;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Lists the indexes of a collection, and how far each is built.</summary>
internal sealed class IndexListCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public IndexListCommand(Session session)
        : base("list", "List the indexes of a collection: what they are, how far they are built (0 to 1), what they take", CommandGroup.Collections,
            "index list basalt:./data#films", "index list basalt:./data#films --format json")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        await opened.DescribeAsync(cancellationToken).ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        foreach (var index in await opened.Collection.ListIndexesAsync(cancellationToken).ConfigureAwait(false)) writer.Write(new Record(Row(index)));
        writer.Complete();
        return ExitCode.Done;
    }

    private static ValueMap Row(IndexState index)
    {
        var definition = index.Definition;
        var isVector = definition.Kind == IndexKind.Vector;
        return ValueMap.From(
        [
            new("kind", IndexOptions.Word(definition.Kind)),
            new("field", definition.Path.ToString()),
            new("dimension", definition.Dimension is { } dimension ? dimension : Value.Null),
            new("metric", isVector ? IndexOptions.Word(definition.Metric) : Value.Null),
            new("method", isVector ? IndexOptions.Word(definition.Method) : Value.Null),
            new("built", Math.Round(index.Built, 4)),
            new("bytes", index.Bytes),
            new("fault", index.Fault is { } fault ? fault : Value.Null),
        ]);
    }
}

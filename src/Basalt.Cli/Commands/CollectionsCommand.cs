using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Records;
using System.CommandLine;

namespace Basalt.Cli.Commands;

/// <summary>Lists the collections of a database.</summary>
internal sealed class CollectionsCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public CollectionsCommand(Session session)
        : base("collections", "List the collections of a database, with what is known of each without reading it", CommandGroup.Collections,
            "collections file:./data", "collections file:./data --format json")
    {
        _session = session;
        _uri = StoreArgument.Database(session.Backends);
        Add(_uri);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_uri);
        if (uri.Collection is not null) throw new UsageException($"'{uri}' is a collection; leave out #{uri.Collection}, or use describe.");
        _session.RequireThere(uri);
        var database = await _session.OpenAsync(uri, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        foreach (var name in await database.ListCollectionsAsync(cancellationToken).ConfigureAwait(false))
        {
            // One that was dropped meanwhile is no longer listed.
            if (await database.DescribeCollectionAsync(name, cancellationToken).ConfigureAwait(false) is not { } found) continue;
            writer.Write(new Record(ValueMap.From(
            [
                new("name", name),
                new("records", found.Records is { } records ? records : Value.Null),
                new("bytes", found.Bytes is { } bytes ? bytes : Value.Null),
                new("fields", found.Schema.Fields.Count),
                new("location", found.Location),
            ])));
        }

        writer.Complete();
        return ExitCode.Done;
    }
}

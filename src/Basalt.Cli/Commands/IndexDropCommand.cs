using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Filters;
using Basalt.Indexes;

namespace Basalt.Cli.Commands;

/// <summary>Removes an index; the records stay.</summary>
internal sealed class IndexDropCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string> _field = IndexOptions.Field();
    private readonly ChoiceOption<IndexKind> _kind = IndexOptions.Kind();

    public IndexDropCommand(Session session)
        : base("drop", "Remove an index; the records stay", CommandGroup.Collections, "index drop basalt:./data#films embedding", "index drop basalt:./data#films title --kind text")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_field);
        Add(_kind);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = FieldPath.Parse(arguments.GetRequiredValue(_field));
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var index = await IndexOptions.FindAsync(opened.Collection, path, _kind.GivenIn(arguments), cancellationToken).ConfigureAwait(false);
        await opened.Collection.DropIndexAsync(index.Kind, path, cancellationToken).ConfigureAwait(false);
        _session.Error.WriteLine($"dropped {index.Name}");
        return ExitCode.Done;
    }
}

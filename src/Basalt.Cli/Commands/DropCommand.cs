using System.CommandLine;
using Basalt.Cli.Arguments;

namespace Basalt.Cli.Commands;

/// <summary>Removes a collection with its records.</summary>
internal sealed class DropCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Option<bool> _yes = QueryOptions.Yes("Confirm that the collection and all its records are to be removed");

    public DropCommand(Session session)
        : base("drop", "Remove a collection with all its records; needs --yes", CommandGroup.Collections, "drop file:./data#movies --yes")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_yes);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!arguments.GetValue(_yes)) throw new UsageException("drop removes the collection with all its records; confirm with --yes.");
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        if (await opened.Database.DropCollectionAsync(opened.Name, cancellationToken).ConfigureAwait(false)) return ExitCode.Done;
        throw new BasaltException(ErrorCode.NotFound, $"There is no collection '{opened.Name}'.");
    }
}

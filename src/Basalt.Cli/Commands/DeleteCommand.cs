using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Filters;

namespace Basalt.Cli.Commands;

/// <summary>Removes records by id or by filter.</summary>
internal sealed class DeleteCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string[]> _ids = new("ID") { Description = "The ids; after -- where one starts with a hyphen", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _where = QueryOptions.Where();
    private readonly Option<bool> _yes = QueryOptions.Yes("Confirm that every record that satisfies --where is to be removed");

    public DeleteCommand(Session session)
        : base("delete", "Remove records by id, or by a filter with --yes, and print how many", CommandGroup.Records,
            "delete file:./data#movies alien", "delete file:./data#movies --where \"year < 1950\" --yes")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_ids);
        Add(_where);
        Add(_yes);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var ids = arguments.GetValue(_ids) ?? [];
        var where = arguments.GetValue(_where);
        if (ids.Length == 0 == where is null) throw new UsageException("Name the records to remove: either ids or --where.");
        if (where is not null && !arguments.GetValue(_yes)) throw new UsageException("--where may remove many records; confirm with --yes (query --where ... --count tells how many).");
        var filter = where is null ? null : Filter.Parse(where);

        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        if (filter is not null)
        {
            _session.Output.WriteLine(await opened.Collection.DeleteWhereAsync(filter, cancellationToken).ConfigureAwait(false));
            return ExitCode.Done;
        }

        var result = await DeleteManyAsync(opened.Collection, ids, cancellationToken).ConfigureAwait(false);
        _session.Output.WriteLine(result.Done);
        result.EnsureDone();
        return ExitCode.Done;
    }

    private static async Task<BatchResult> DeleteManyAsync(Collection collection, string[] ids, CancellationToken cancellationToken)
    {
        try
        {
            return await collection.DeleteManyAsync(ids, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message, e);
        }
    }
}

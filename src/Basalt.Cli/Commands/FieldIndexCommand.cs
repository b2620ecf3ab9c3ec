using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Filters;
using Basalt.Indexes;

namespace Basalt.Cli.Commands;

/// <summary>A command that does something to an index that is there, named by its field.</summary>
internal abstract class FieldIndexCommand : ToolCommand
{
    private readonly StoreArgument _uri;
    private readonly Argument<string> _field = IndexOptions.Field();
    private readonly ChoiceOption<IndexKind> _kind = IndexOptions.Kind();

    protected FieldIndexCommand(Session session, string name, string description, params string[] examples)
        : base(name, description, CommandGroup.Collections, examples)
    {
        Session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_field);
        Add(_kind);
        SetAction(RunAsync);
    }

    protected Session Session { get; }

    /// <summary>Does it; says what was done.</summary>
    protected abstract ValueTask<string> DoAsync(Collection collection, IndexDefinition index, CancellationToken cancellationToken);

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = FieldPath.Parse(arguments.GetRequiredValue(_field));
        var opened = await Session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var index = await IndexOptions.FindAsync(opened.Collection, path, _kind.GivenIn(arguments), cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"{await DoAsync(opened.Collection, index, cancellationToken).ConfigureAwait(false)} {index.Name}");
        return ExitCode.Done;
    }
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Schemas;

namespace Basalt.Cli.Commands;

/// <summary>Creates an empty collection.</summary>
internal sealed class CreateCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Option<string?> _schema = new("--schema") { Description = "A schema file; without one the collection takes every record", HelpName = "FILE" };

    private readonly DurationOption _ttl = new("--ttl", "How long records live that do not say when they expire, such as 12h or 7d; for good unless given");

    public CreateCommand(Session session)
        : base("create", "Create an empty collection, with a schema or without", CommandGroup.Collections,
            "create file:./data#movies", "create file:./data#movies --schema movies.schema.json", "create basalt:./data#sessions --ttl 12h")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_schema);
        Add(_ttl);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_uri);
        if (uri.Collection is null) throw new UsageException($"Name the collection to create: {uri}#NAME.");
        var schema = await SchemaFile.ReadAsync(arguments.GetValue(_schema), cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_ttl) is { } life) schema = new Schema(schema?.Fields ?? [], schema?.IdField, schema?.IsOpen ?? true, life);
        var opened = await _session.OpenTargetAsync(uri, cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        if (await opened.Database.CreateCollectionAsync(opened.Name, schema, cancellationToken).ConfigureAwait(false)) return ExitCode.Done;
        throw new BasaltException(ErrorCode.AlreadyExists, $"The collection '{opened.Name}' exists already; it was left as it is.");
    }
}

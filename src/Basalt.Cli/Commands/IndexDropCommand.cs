using Basalt.Indexes;

namespace Basalt.Cli.Commands;

/// <summary>Removes an index; the records stay.</summary>
internal sealed class IndexDropCommand(Session session)
    : FieldIndexCommand(session, "drop", "Remove an index; the records stay", "index drop basalt:./data#films embedding", "index drop basalt:./data#films title --kind text")
{
    protected override async ValueTask<string> DoAsync(Collection collection, IndexDefinition index, CancellationToken cancellationToken)
    {
        await collection.DropIndexAsync(index.Kind, index.Path, cancellationToken).ConfigureAwait(false);
        return "dropped";
    }
}

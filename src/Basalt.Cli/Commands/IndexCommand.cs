namespace Basalt.Cli.Commands;

/// <summary>The indexes of a collection.</summary>
internal sealed class IndexCommand : ToolCommand
{
    public IndexCommand(Session session)
        : base("index", "Create, list, rebuild and drop the indexes of a collection", CommandGroup.Collections,
            "index create basalt:./data#films embedding --kind vector --metric cosine --wait", "index list basalt:./data#films")
    {
        Add(new IndexCreateCommand(session));
        Add(new IndexListCommand(session));
        Add(new IndexRebuildCommand(session));
        Add(new IndexDropCommand(session));
    }
}

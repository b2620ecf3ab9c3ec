using Basalt.Cli.Movement;
using Basalt.Indexes;

namespace Basalt.Cli.Commands;

/// <summary>Builds an index anew from the records.</summary>
internal sealed class IndexRebuildCommand(Session session)
    : FieldIndexCommand(session, "rebuild", "Build an index anew from the records, as after damage, and end when it is whole", "index rebuild basalt:./data#films embedding", "index rebuild basalt:./data#films title --kind text")
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    protected override async ValueTask<string> DoAsync(Collection collection, IndexDefinition index, CancellationToken cancellationToken)
    {
        await ShareView.ShowAsync(Session, "rebuilding", progress => RebuildAsync(collection, index, progress, cancellationToken)).ConfigureAwait(false);
        return "rebuilt";
    }

    /// <summary>A rebuild tells nothing on its way; the state of its index does.</summary>
    private async Task<bool> RebuildAsync(Collection collection, IndexDefinition index, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var rebuild = collection.RebuildIndexAsync(index.Kind, index.Path, cancellationToken).AsTask();
        while (await Task.WhenAny(rebuild, Task.Delay(Pause, Session.TimeProvider, CancellationToken.None)).ConfigureAwait(false) != rebuild)
        {
            var states = await collection.ListIndexesAsync(CancellationToken.None).ConfigureAwait(false);
            if (states.FirstOrDefault(state => state.Definition.Name == index.Name) is { } state) progress.Report(state.Built);
        }

        return await rebuild.ConfigureAwait(false);
    }
}

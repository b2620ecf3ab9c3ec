using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Filters;
using Basalt.Indexes;

namespace Basalt.Cli.Commands;

/// <summary>Builds an index anew from the records.</summary>
internal sealed class IndexRebuildCommand : ToolCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string> _field = IndexOptions.Field();
    private readonly ChoiceOption<IndexKind> _kind = IndexOptions.Kind();

    public IndexRebuildCommand(Session session)
        : base("rebuild", "Build an index anew from the records, as after damage, and end when it is whole", CommandGroup.Collections,
            "index rebuild basalt:./data#films embedding", "index rebuild basalt:./data#films title --kind text")
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
        await ShareView.ShowAsync(_session, "rebuilding", progress => RebuildAsync(opened.Collection, index, progress, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine($"rebuilt {index.Name}");
        return ExitCode.Done;
    }

    /// <summary>A rebuild tells nothing on its way; the state of its index does.</summary>
    private async Task<bool> RebuildAsync(Collection collection, IndexDefinition index, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var rebuild = collection.RebuildIndexAsync(index.Kind, index.Path, cancellationToken).AsTask();
        while (await Task.WhenAny(rebuild, Task.Delay(Pause, _session.TimeProvider, CancellationToken.None)).ConfigureAwait(false) != rebuild)
        {
            var states = await collection.ListIndexesAsync(CancellationToken.None).ConfigureAwait(false);
            if (states.FirstOrDefault(state => state.Definition.Name == index.Name) is { } state) progress.Report(state.Built);
        }

        return await rebuild.ConfigureAwait(false);
    }
}

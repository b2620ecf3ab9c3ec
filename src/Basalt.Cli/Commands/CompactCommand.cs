using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Lsm;

namespace Basalt.Cli.Commands;

/// <summary>Merges the tables of a database.</summary>
internal sealed class CompactCommand : ToolCommand
{
    private readonly Session _session;
    private readonly EngineArgument _folder;

    public CompactCommand(Session session)
        : base("compact", "Merge the tables of a basalt: database, and free what was overwritten and deleted; what is done stays done when it is stopped", CommandGroup.Care, "compact ./data")
    {
        _session = session;
        _folder = new EngineArgument(session);
        Add(_folder);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_folder);
        var engine = _session.OpenEngine(uri, cancellationToken);
        await using var closing = engine.ConfigureAwait(false);
        var before = engine.Stats().Store;
        var after = await ShareView.ShowAsync(_session, "compacting", _ =>
        {
            engine.Compact(cancellationToken);
            return engine.Stats().Store;
        }).ConfigureAwait(false);
        _session.Error.WriteLine($"compacted {uri.Path}: {Size(before)} before, {Size(after)} now");
        return ExitCode.Done;
    }

    private static string Size(LsmStats store) => $"{store.TableBytes:N0} bytes in {(store.Tables == 1 ? "1 table" : $"{store.Tables:N0} tables")}";
}

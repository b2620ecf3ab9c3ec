using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Engine;
using Basalt.Lsm.Backups;

namespace Basalt.Cli.Commands;

/// <summary>Makes a database out of a backup.</summary>
internal sealed class RestoreCommand : ToolCommand
{
    private readonly Session _session;
    private readonly Argument<string> _backup = new("BACKUP") { Description = "The folder of the backup, which stays as it is" };
    private readonly EngineArgument _folder;

    public RestoreCommand(Session session)
        : base("restore", "Make a basalt: database out of a backup, with every checksum verified", CommandGroup.Care, "restore ./data-backup ./data-restored")
    {
        _session = session;
        _folder = new EngineArgument(session, description: "The folder of the new database: absent or empty");
        Add(_backup);
        Add(_folder);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var backup = arguments.GetRequiredValue(_backup);
        var options = EngineOptions.Of(arguments.GetRequiredValue(_folder), _session.TimeProvider);
        var report = await ShareView.ShowAsync(_session, "restoring", progress => EngineBackend.Restore(backup, options, new TransferOptions { Progress = new TransferShare(progress) }, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine($"restored {backup} to {options.Path}: {TransferShare.Summary(report)}, verified");
        return ExitCode.Done;
    }
}

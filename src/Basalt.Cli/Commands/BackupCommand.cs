using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Lsm.Backups;

namespace Basalt.Cli.Commands;

/// <summary>Backs a database up.</summary>
internal sealed class BackupCommand : ToolCommand
{
    private readonly Session _session;
    private readonly EngineArgument _folder;
    private readonly Argument<string> _target = new("TARGET") { Description = "The folder of the backup: absent, empty, or with an earlier backup of the same database, to which only what is new is added" };
    private readonly Option<bool> _copy = new("--copy") { Description = "Copy every file; else files on the same disk are linked, which takes no space and shares the fate of the disk" };

    public BackupCommand(Session session)
        : base("backup", "Back a basalt: database up into a folder", CommandGroup.Care, "backup ./data /mnt/backup/data", "backup ./data ./data-backup --copy")
    {
        _session = session;
        _folder = new EngineArgument(session);
        Add(_folder);
        Add(_target);
        Add(_copy);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_folder);
        var target = arguments.GetRequiredValue(_target);
        var placement = arguments.GetValue(_copy) ? Placement.Copy : Placement.Link;
        var engine = _session.OpenEngine(uri, cancellationToken);
        await using var closing = engine.ConfigureAwait(false);
        var report = await ShareView.ShowAsync(_session, "backing up", progress => engine.BackUp(target, new TransferOptions { Placement = placement, Progress = new TransferShare(progress) }, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine($"backed up {uri.Path} to {target}: {TransferShare.Summary(report)}");
        if (report.FilesLeft > 0) _session.Error.WriteLine($"{report.FilesLeft:N0} files of earlier backups are in use and were left; the next backup removes them");
        return ExitCode.Done;
    }
}

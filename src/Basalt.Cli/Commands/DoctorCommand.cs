using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Diagnosis;

namespace Basalt.Cli.Commands;

/// <summary>Checks that this machine and the given stores are fit.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    private readonly Session _session;
    private readonly Argument<StoreUri[]> _stores = new("URI") { Description = "Databases to open", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _directory = new("--dir") { Description = "The folder to measure and to lock files in (the current one unless given)", HelpName = "DIR", DefaultValueFactory = static _ => "." };

    public DoctorCommand(Session session)
        : base("doctor", "Check this machine, and that stores can be opened; each line says what to do", CommandGroup.Tool, "doctor", "doctor file:./data --dir /var/lib/basalt")
    {
        _session = session;
        _stores.CustomParser = result => [.. result.Tokens.Select(token => StoreArgument.Parse(result, token.Value, session.Backends)!)];
        Add(_stores);
        Add(_directory);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var machine = new MachineChecks(Path.GetFullPath(arguments.GetRequiredValue(_directory)), _session.TimeProvider);
        var failures = 0;
        foreach (var finding in machine.Run()) Print(finding);
        foreach (var uri in arguments.GetValue(_stores) ?? []) Print(await StoreCheck.RunAsync(_session, uri, cancellationToken).ConfigureAwait(false));
        if (failures == 0) return ExitCode.Done;
        throw new BasaltException(ErrorCode.Unavailable, failures == 1 ? "One check failed." : $"{failures} checks failed.");

        void Print(Finding finding)
        {
            if (finding.Verdict == Verdict.Fail) failures++;
            _session.Output.WriteLine(finding);
        }
    }
}

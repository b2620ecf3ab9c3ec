using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Cli.Output;
using Basalt.Engine;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Looks for damage in a database or a backup.</summary>
internal sealed class VerifyCommand : ToolCommand
{
    private readonly Session _session;
    private readonly EngineArgument _folder;
    private readonly ChoiceOption<RowFormat> _format = new("--format", "How to print what is damaged: file, offset, collection, record, problem", RowFormat.Table);

    public VerifyCommand(Session session)
        : base("verify", "Read all of a basalt: database or backup, which may be in use, and name what is damaged; fails if anything is", CommandGroup.Care, "verify ./data", "verify ./backup --format json")
    {
        _session = session;
        _folder = new EngineArgument(session, description: "The folder of a basalt: database or backup, or its address");
        Add(_folder);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var started = _session.TimeProvider.GetTimestamp();
        var options = EngineOptions.Of(arguments.GetRequiredValue(_folder), _session.TimeProvider);
        var damages = await ShareView.ShowAsync(_session, "verifying", progress => EngineBackend.VerifyStored(options, progress, cancellationToken)).ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        foreach (var damage in damages) writer.Write(new Record(Row(damage)));
        writer.Complete();
        if (damages.Count > 0) throw new BasaltException(ErrorCode.Corrupt, $"{options.Path} is damaged in {(damages.Count == 1 ? "one place" : $"{damages.Count:N0} places")}.") { Target = options.Path };
        _session.Error.WriteLine($"{options.Path} is whole, verified in {_session.TimeProvider.GetElapsedTime(started).TotalSeconds:N1} s");
        return ExitCode.Done;
    }

    private static ValueMap Row(Damage damage) => ValueMap.From(
    [
        new("file", damage.File is { } file ? file : Value.Null),
        new("offset", damage.Offset is { } offset ? offset : Value.Null),
        new("collection", damage.Collection is { } collection ? collection : Value.Null),
        new("record", damage.Record is { } record ? record : Value.Null),
        new("problem", damage.Message),
    ]);
}

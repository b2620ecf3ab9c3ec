using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Migration;
using Basalt.Queries;

namespace Basalt.Cli.Commands;

/// <summary>Copies a collection to another one, on any backend.</summary>
internal sealed class CopyCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _source;
    private readonly StoreArgument _target;
    private readonly ChoiceOption<ConflictPolicy> _onConflict = new("--on-conflict", "What to do with a record whose id exists in DESTINATION", ConflictPolicy.Fail);
    private readonly Option<string?> _transform = MoveOptions.Transform();
    private readonly Option<string?> _where = QueryOptions.Where();
    private readonly NumberOption _batch = MoveOptions.Batch();
    private readonly Option<bool> _resume = MoveOptions.Resume();
    private readonly Option<bool> _noVerify = MoveOptions.NoVerify();

    public CopyCommand(Session session)
        : base("copy", "Copy a collection to another one, on any backend, with ids, metadata and timestamps", CommandGroup.Movement,
            "copy file:movies.json file:./data#movies",
            "copy file:./data#movies file:./data#nineties --where \"year between 1990 and 1999\"",
            "copy file:./data#movies file:./films#movies --transform rename.json --resume")
    {
        _session = session;
        _source = new StoreArgument("SOURCE", "The collection to copy, such as file:./data#movies", session.Backends);
        _target = new StoreArgument("DESTINATION", "The collection to copy to; it is created when it is missing", session.Backends);
        Add(_source);
        Add(_target);
        foreach (var option in new Option[] { _onConflict, _transform, _where, _batch, _resume, _noVerify }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (from, to) = (arguments.GetRequiredValue(_source), arguments.GetRequiredValue(_target));
        var options = new CopyOptions
        {
            OnConflict = arguments.GetValue(_onConflict),
            Transform = await TransformFile.ReadAsync(arguments.GetValue(_transform), arguments.GetValue(_where), cancellationToken).ConfigureAwait(false),
            BatchSize = arguments.BatchSizeOf(_batch),
            Verify = !arguments.GetValue(_noVerify),
        };
        var source = await _session.OpenCollectionAsync(from, cancellationToken).ConfigureAwait(false);
        await using var closingSource = source.ConfigureAwait(false);
        // Planning refuses a field that the source's schema does not know; a transform would take it for missing.
        if (arguments.GetValue(_where) is { } where) await source.Collection.ExplainAsync(Query.Where(where), cancellationToken).ConfigureAwait(false);
        var target = await TargetAsync(source, from, to, cancellationToken).ConfigureAwait(false);
        await using var closingTarget = target.ConfigureAwait(false);
        var checkpoints = CheckpointFolder.For(target, arguments.GetValue(_resume));
        options = options with { Checkpoint = checkpoints.Between(from.ToString(), to) };
        var report = await MoveView.ShowAsync(_session, progress => Copier.RunAsync(source.Collection, target.Collection, options, progress, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine(MoveView.Summary("copied", report, $"from {from} to {to}"));
        return ExitCode.Done;
    }

    // One database is opened once: some backends allow a single writer.
    private async ValueTask<OpenCollection> TargetAsync(OpenCollection source, StoreUri from, StoreUri to, CancellationToken cancellationToken)
    {
        if (!IsSameDatabase(from, to)) return await _session.OpenTargetAsync(to, cancellationToken).ConfigureAwait(false);
        if (to.Collection is null) throw new UsageException($"Name the collection to copy to: {to}#NAME.");
        if (to.Collection == source.Name) throw new UsageException($"'{source.Name}' cannot be copied to itself.");
        return Session.Named(source.Database, to.Collection);
    }

    private static bool IsSameDatabase(StoreUri from, StoreUri to) =>
        from.Scheme == to.Scheme && from.Path == to.Path && from.Options.Count == to.Options.Count && from.Options.All(option => to.Options.GetValueOrDefault(option.Key) == option.Value);
}

using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Migration;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Writes a collection to a file.</summary>
internal sealed class ExportCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string> _file = new("FILE") { Description = "A .json, .jsonl, .csv or .tsv file, also with .gz" };
    private readonly Option<bool> _exact = new("--exact") { Description = "Keep every type, the metadata and the timestamps (JSON only)" };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace FILE when it exists" };
    private readonly Option<string?> _where = QueryOptions.Where();

    public ExportCommand(Session session)
        : base("export", "Write a collection, or the part that a filter chooses, to a file", CommandGroup.Movement,
            "export file:./data#movies movies.csv", "export file:./data#movies backup.jsonl.gz --exact --overwrite")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_file);
        Add(_exact);
        Add(_overwrite);
        Add(_where);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_uri);
        var file = arguments.GetRequiredValue(_file);
        var query = Query.Where(arguments.FilterOf(_where));
        var options = new ExportOptions { Form = arguments.GetValue(_exact) ? JsonForm.Exact : JsonForm.Plain, Overwrite = arguments.GetValue(_overwrite) };
        var opened = await _session.OpenCollectionAsync(uri, cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var report = await MoveView.ShowAsync(_session, progress => Exporter.RunAsync(opened.Collection, query, file, options, progress, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine(MoveView.Summary("exported", report, $"to {file}"));
        return ExitCode.Done;
    }
}

using System.CommandLine;
using Basalt.Catalog.Storage;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Tells how far a catalogue is, and what could not be read.</summary>
internal sealed class DatasetsStatusCommand : ToolCommand
{
    private readonly Session _session;
    private readonly CatalogOption _catalog;
    private readonly Option<bool> _failed = new("--failed") { Description = "List the files that could not be read instead, with the reason" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsStatusCommand(Session session)
        : base("status", "Tell how far each dataset of a catalogue is: files read, failed and still to be read", CommandGroup.Datasets, "datasets status --catalog basalt:./catalog", "datasets status --failed --catalog basalt:./catalog")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        foreach (var option in new Option[] { _catalog, _failed, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var database = await _catalog.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var store = new CatalogStore(database);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        if (arguments.GetValue(_failed)) await PrintFailedAsync(store, writer, cancellationToken).ConfigureAwait(false);
        else await PrintAsync(store, writer, cancellationToken).ConfigureAwait(false);
        writer.Complete();
        return ExitCode.Done;
    }

    private static async Task PrintFailedAsync(CatalogStore store, RecordWriter writer, CancellationToken cancellationToken)
    {
        await foreach (var file in store.Files.StreamAsync(Query.Where(Filter.Field("state") == "failed"), cancellationToken).ConfigureAwait(false))
            writer.Write(new Record(ValueMap.From([new("dataset", file["dataset"]), new("file", file["name"]), new("failure", file["failure"]), new("error", file["error"])])));
    }

    private static async Task PrintAsync(CatalogStore store, RecordWriter writer, CancellationToken cancellationToken)
    {
        var (done, failed) = (new Dictionary<string, long>(), new Dictionary<string, long>());
        await foreach (var file in store.Files.StreamAsync(Query.All.Select("dataset", "state"), cancellationToken).ConfigureAwait(false))
        {
            var counts = file["state"].AsString == "done" ? done : failed;
            counts[file["dataset"].AsString] = counts.GetValueOrDefault(file["dataset"].AsString) + 1;
        }

        await foreach (var dataset in store.Datasets.StreamAsync(Query.All, cancellationToken).ConfigureAwait(false))
        {
            writer.Write(new Record(ValueMap.From(
            [
                new("dataset", dataset.Id), new("state", dataset["state"]), new("files", dataset["files"]), new("files_done", done.GetValueOrDefault(dataset.Id)), new("files_failed", failed.GetValueOrDefault(dataset.Id)),
                new("coverage", dataset["coverage"]), new("indexed", dataset["indexed"]), new("fault", dataset["metadata_fault"]),
            ])));
        }
    }
}

using System.CommandLine;
using Basalt.Catalog.Storage;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Lists the datasets of a catalogue.</summary>
internal sealed class DatasetsListCommand : ToolCommand
{
    private static readonly string[] Columns = ["state", "series", "records", "files", "bytes_total", "type", "source", "metadata"];
    private readonly Session _session;
    private readonly CatalogOption _catalog;
    private readonly Option<string?> _where = QueryOptions.Where();
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsListCommand(Session session)
        : base("list", "List the datasets of a catalogue, by name", CommandGroup.Datasets, "datasets list --catalog basalt:./catalog", "datasets list --catalog basalt:./catalog --where \"source = 'monash' and series > 100\"")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        foreach (var option in new Option[] { _catalog, _where, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var database = await _catalog.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        await foreach (var record in new CatalogStore(database).Datasets.StreamAsync(Query.Where(arguments.FilterOf(_where)), cancellationToken).ConfigureAwait(false))
            writer.Write(new Record(ValueMap.From(Columns.Select(name => new KeyValuePair<string, Value>(name, record[name])).Prepend(new("dataset", record.Id)))));
        writer.Complete();
        return ExitCode.Done;
    }
}

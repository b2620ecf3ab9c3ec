using System.CommandLine;
using Basalt.Catalog.Storage;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Shows a dataset: what is said of it, or its files, columns or series.</summary>
internal sealed class DatasetsShowCommand : ToolCommand
{
    private enum Part
    {
        Dataset,
        Files,
        Columns,
        Series,
    }

    private readonly Session _session;
    private readonly CatalogOption _catalog;
    private readonly Argument<string> _name = new("NAME") { Description = "The dataset" };
    private readonly ChoiceOption<Part> _part = new("--part", "What to show: all that is known of the dataset, its files, the columns of each file, or its series", Part.Dataset);
    private readonly NumberOption _limit = new("--limit", "At most so many rows");
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsShowCommand(Session session)
        : base("show", "Show a dataset: its description and statistics, its files, their columns, or its series", CommandGroup.Datasets,
            "datasets show traffic_hourly --catalog basalt:./catalog --format json", "datasets show traffic_hourly --part series --limit 10 --catalog basalt:./catalog")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        Add(_name);
        foreach (var option in new Option[] { _catalog, _part, _limit, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var database = await _catalog.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var store = new CatalogStore(database);
        var dataset = await store.Datasets.GetRequiredAsync(arguments.GetRequiredValue(_name), cancellationToken).ConfigureAwait(false);
        var ofIt = Query.Where(Filter.Field("dataset") == dataset.Id) with { Limit = arguments.GetValue(_part) == Part.Columns ? null : arguments.GetValue(_limit) };
        var rows = arguments.GetValue(_part) switch
        {
            Part.Files => store.Files.StreamAsync(ofIt, cancellationToken).Select(static file => file.Fields.Without("columns").Without("key").Without("chunks")),
            Part.Columns => store.Files.StreamAsync(ofIt, cancellationToken).SelectMany(Columns),
            Part.Series => store.Series.StreamAsync(ofIt, cancellationToken).Select(static series => series.Fields.Without("generation")),
            // One row of fifty columns is nothing to look at.
            _ when arguments.GetValue(_format) == RowFormat.Table => FieldsOf(dataset).ToAsyncEnumerable(),
            _ => AsyncEnumerable.Repeat(dataset.Fields.With("dataset", dataset.Id), 1),
        };
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        var left = arguments.GetValue(_limit) ?? long.MaxValue;
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (left-- == 0) break;
            writer.Write(new Record(row));
        }

        writer.Complete();
        return ExitCode.Done;
    }

    private static IEnumerable<ValueMap> FieldsOf(Record dataset) =>
        dataset.Fields.Prepend(new("dataset", dataset.Id)).Where(static field => !field.Value.IsNull).Select(static field => ValueMap.From([new("field", field.Key), new("value", field.Value)]));

    private static IEnumerable<ValueMap> Columns(Record file) => file["columns"] is { IsNull: false } columns
        ? columns.AsList.ToArray().Select(column => ValueMap.From(column.AsMap.Prepend(new("file", file["name"]))))
        : [];
}

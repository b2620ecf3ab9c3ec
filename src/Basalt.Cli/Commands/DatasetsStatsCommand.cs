using System.CommandLine;
using Basalt.Catalog.Storage;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Prints the statistics of datasets, one row each.</summary>
internal sealed class DatasetsStatsCommand : ToolCommand
{
    private static readonly string[] Columns =
    [
        "series", "records", "min_length", "max_length", "avg_length", "median_length", "p5_length", "p25_length", "p75_length", "p95_length", "p99_length", "first_time", "last_time", "steps",
        "unordered_series", "repeated_series", "untimed_records", "files", "failed_files", "bytes_total", "bytes_read", "requests", "method", "coverage", "state",
    ];

    private readonly Session _session;
    private readonly CatalogOption _catalog;
    private readonly Argument<string[]> _names = new("NAME") { Description = "The datasets; all of them unless given", Arity = ArgumentArity.ZeroOrMore };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsStatsCommand(Session session)
        : base("stats", "Print exact statistics of datasets: series, records, lengths, times, and how they were made (full: every row was read; coverage: of which share of the bytes)", CommandGroup.Datasets,
            "datasets stats --catalog basalt:./catalog", "datasets stats traffic_hourly --catalog basalt:./catalog --format json")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        Add(_names);
        Add(_catalog);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var database = await _catalog.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var datasets = new CatalogStore(database).Datasets;
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        if (arguments.GetValue(_names) is { Length: > 0 } names)
            foreach (var name in names) Write(writer, await datasets.GetRequiredAsync(name, cancellationToken).ConfigureAwait(false));
        else
            await foreach (var record in datasets.StreamAsync(Query.All, cancellationToken).ConfigureAwait(false)) Write(writer, record);
        writer.Complete();
        return ExitCode.Done;
    }

    private static void Write(RecordWriter writer, Record record) =>
        writer.Write(new Record(ValueMap.From(Columns.Select(name => new KeyValuePair<string, Value>(name, record[name])).Prepend(new("dataset", record.Id)))));
}

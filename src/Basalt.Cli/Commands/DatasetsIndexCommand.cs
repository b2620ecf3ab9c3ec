using System.CommandLine;
using System.Globalization;
using Basalt.Catalog.Indexing;
using Basalt.Catalog.Storage;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Cli.Output;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Brings a catalogue up to date with the datasets of a root.</summary>
internal sealed class DatasetsIndexCommand : ToolCommand
{
    private const int MostAtOnce = 64;
    private readonly Session _session;
    private readonly RootArgument _root = new();
    private readonly CatalogOption _catalog;
    private readonly Option<string?> _metadata = new("--metadata-prefix") { Description = "Where the files NAME_metadata.yaml lie: a folder below ROOT's folder or bucket, or an address of its own (/path, ./path, s3://...). Anywhere below ROOT unless given", HelpName = "P" };
    private readonly Option<string?> _concurrency = new("--concurrency") { Description = $"Read so many files at once, 1 to {MostAtOnce}; auto, which is the default, follows the processors and what the store bears", HelpName = "N|auto" };
    private readonly Option<bool> _refresh = new("--refresh") { Description = "Also read files again that could not be read before and have not changed; new and changed files are read in any case" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read and write nothing; print what would be read for each dataset" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsIndexCommand(Session session)
        : base("index", "Read what is new or changed below ROOT, and keep exact statistics of it. Goes on where an earlier run ended; ctrl-C keeps what was read", CommandGroup.Datasets,
            "datasets index ./lotsa --catalog basalt:./catalog", "datasets index s3://bucket/lotsa_long_format --metadata-prefix metadata/lotsa_long_format --catalog basalt:./catalog --dry-run")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        Add(_root);
        foreach (var option in new Option[] { _catalog, _metadata, _concurrency, _refresh, _dryRun, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = new IndexingOptions { Concurrency = ConcurrencyOf(arguments.GetValue(_concurrency)), ReadsFailedAgain = arguments.GetValue(_refresh), TimeProvider = _session.TimeProvider };
        var root = RootArgument.Open(arguments.GetRequiredValue(_root), arguments.GetValue(_metadata), _session.TimeProvider);
        await using var closingRoot = root.ConfigureAwait(false);
        var catalog = arguments.GetRequiredValue(_catalog);
        // Who only asks for a plan does not want a database made for it.
        var isPlanOfNew = arguments.GetValue(_dryRun) && !_session.IsThere(catalog);
        var database = isPlanOfNew ? await Database.OpenAsync("memory:", cancellationToken: cancellationToken).ConfigureAwait(false) : await _session.OpenAsync(catalog, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var indexer = new Indexer(root.Root, new CatalogStore(database), options);
        if (arguments.GetValue(_dryRun)) PrintPlan(await indexer.PlanAsync(cancellationToken).ConfigureAwait(false), arguments.GetValue(_format));
        else await IndexAsync(indexer, arguments.GetValue(_format), cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task IndexAsync(Indexer indexer, RowFormat format, CancellationToken cancellationToken)
    {
        var report = await ShareView.ShowAsync(_session, "indexing", async share => await indexer.RunAsync(new Share(share), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        using var writer = RecordWriter.Create(format, _session.Output, null, withId: false);
        writer.Write(new Record(ValueMap.From(
        [
            new("datasets", report.Datasets), new("files_read", report.FilesRead), new("files_failed", report.FilesFailed), new("files_unchanged", report.FilesUnchanged),
            new("files_removed", report.FilesRemoved), new("bytes_read", report.BytesRead), new("requests", report.Requests),
        ])));
        writer.Complete();
        if (report.FilesFailed > 0) _session.Error.WriteLine($"{report.FilesFailed} files could not be read; datasets status tells which.");
    }

    private void PrintPlan(IndexPlan plan, RowFormat format)
    {
        using var writer = RecordWriter.Create(format, _session.Output, null, withId: false);
        foreach (var dataset in plan.Datasets.OrderBy(static d => d.Dataset.Name, StringComparer.Ordinal))
        {
            writer.Write(new Record(ValueMap.From(
            [
                new("dataset", dataset.Dataset.Name), new("files", dataset.Dataset.Files.Count), new("files_to_read", dataset.ToRead.Count), new("files_removed", dataset.Removed.Count),
                new("bytes_total", dataset.Dataset.Bytes), new("bytes_to_read", dataset.Bytes), new("requests", dataset.Requests), new("fault", dataset.MetadataFault),
            ])));
        }

        writer.Complete();
        _session.Error.WriteLine($"{plan.Datasets.Sum(static d => d.ToRead.Count)} files, {plan.Datasets.Sum(static d => d.Bytes)} bytes, {plan.Datasets.Sum(static d => (long)d.Requests)} requests; {plan.Gone.Count} datasets are gone");
    }

    private static int? ConcurrencyOf(string? text) => text switch
    {
        null or "auto" => null,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostAtOnce => number,
        _ => throw new UsageException($"--concurrency takes 1 to {MostAtOnce}, or auto, not '{text}'."),
    };

    // Where nothing has bytes, files are counted.
    private sealed class Share(IProgress<double> share) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => share.Report(value.TotalBytes > 0 ? (double)value.Bytes / value.TotalBytes : (double)value.Files / value.TotalFiles);
    }
}

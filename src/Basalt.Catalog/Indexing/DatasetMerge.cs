using System.Runtime.CompilerServices;
using System.Text;
using Basalt.Catalog.Statistics;
using Basalt.Catalog.Storage;
using Basalt.Records;

namespace Basalt.Catalog.Indexing;

/// <summary>Makes one dataset of its files: merges their series by key, exactly, and writes the dataset's record last.</summary>
internal sealed class DatasetMerge(CatalogStore store, string root, TimeProvider timeProvider)
{
    private static readonly double[] Shares = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    /// <summary>Says that a dataset is being read; the numbers of an earlier run stay.</summary>
    public async ValueTask BeginAsync(DatasetPlan plan, CancellationToken cancellationToken)
    {
        var fields = plan.Stored?.Record.Fields ?? ValueMap.Empty;
        foreach (var (name, value) in Known(plan)) fields = fields.With(name, value);
        await store.Datasets.UpsertAsync(new Record(plan.Dataset.Name, fields.With("files", plan.Dataset.Files.Count).With("bytes_total", plan.Dataset.Bytes).With("state", "pending")), null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the series and the record of a dataset whose files are all known.</summary>
    public async ValueTask EndAsync(DatasetPlan plan, IReadOnlyList<StoredFile> files, CancellationToken cancellationToken)
    {
        var readable = files.Where(static f => f.Summary is not null).OrderBy(static f => f.Name, StringComparer.Ordinal).ToList();
        var generation = timeProvider.GetUtcNow().UtcTicks;
        var numbers = new Numbers();
        var hasOlder = plan.Stored is not null;
        await store.ReplaceSeriesAsync(plan.Dataset.Name, generation, SeriesAsync(plan.Dataset.Name, readable, generation, numbers, cancellationToken), hasOlder, cancellationToken).ConfigureAwait(false);

        var fields = Known(plan).Concat(Statistics(plan, readable, numbers)).Append(new("indexed", timeProvider.GetUtcNow()));
        await store.Datasets.UpsertAsync(new Record(plan.Dataset.Name, ValueMap.From(fields)), null, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<KeyValuePair<string, Value>> Known(DatasetPlan plan) =>
        StoredDataset.Described(plan.Metadata).Concat<KeyValuePair<string, Value>>([new("root", root), new("metadata_key", plan.Dataset.MetadataKey), new("metadata_etag", plan.Dataset.MetadataETag), new("metadata_fault", plan.MetadataFault)]);

    private static IEnumerable<KeyValuePair<string, Value>> Statistics(DatasetPlan plan, List<StoredFile> readable, Numbers numbers)
    {
        var (found, total, done) = (plan.Dataset.Files.Count, plan.Dataset.Bytes, readable.Sum(static f => f.Bytes));
        var state = plan.MetadataFault is not null ? DatasetState.Failed
            : found == 0 ? DatasetState.Empty
            : readable.Count == 0 ? DatasetState.Failed
            : readable.Count < found ? DatasetState.Partial : DatasetState.Complete;
        var lengths = numbers.Lengths;
        var quantiles = lengths.Quantiles(Shares);
        return
        [
            new("state", state.ToString().ToLowerInvariant()),
            new("series", lengths.Series), new("records", readable.Sum(static f => f.Summary!.Rows)),
            new("min_length", Of(lengths.Least)), new("max_length", Of(lengths.Most)), new("avg_length", Of(lengths.Mean)),
            .. Shares.Select((share, i) => new KeyValuePair<string, Value>(share == 0.5 ? "median_length" : $"p{share * 100:0}_length", Of(quantiles[i]))),
            new("first_time", Time(numbers.First)), new("last_time", Time(numbers.Last)),
            new("steps", Value.FromList(numbers.Steps.OrderByDescending(static s => s.Value).ThenBy(static s => s.Key).Take(8).Select(static s => (Value)ValueMap.From([new("seconds", (double)s.Key / TimeSpan.TicksPerSecond), new("series", s.Value)])))),
            new("unordered_series", numbers.Unordered), new("repeated_series", numbers.Repeated), new("untimed_records", readable.Sum(static f => f.Summary!.Untimed)),
            new("files", found), new("failed_files", found - readable.Count),
            new("bytes_total", total), new("bytes_read", readable.Sum(static f => f.BytesRead)), new("requests", readable.Sum(static f => (long)f.Requests)),
            new("method", readable.Count == 0 ? Value.Null : "full"), new("coverage", readable.Count == found ? 1.0 : total == 0 ? 0.0 : (double)done / total),
        ];
    }

    private async IAsyncEnumerable<Record> SeriesAsync(string dataset, List<StoredFile> files, long generation, Numbers numbers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var merge = new FragmentMerge(files.ConvertAll(f => store.ChunksAsync(f).GetAsyncEnumerator(cancellationToken)));
        await using var closing = merge.ConfigureAwait(false);
        while (await NextAsync(dataset, merge).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var names = Value.FromList(merge.Parts.Select(part => (Value)files[part.Source].Name));
            var tally = merge.TotalByTime();
            numbers.See(tally);
            var name = Encoding.UTF8.GetString(merge.Name);
            yield return new Record($"{dataset}/{name}", ValueMap.From(
            [
                new("dataset", dataset), new("name", name), new("key", Value.FromList(SeriesKey.PartsOf(name).Select(static p => (Value)p))), new("records", tally.Rows), new("files", names),
                new("first_time", tally.Timed > 0 ? Time(tally.First) : Value.Null), new("last_time", tally.Timed > 0 ? Time(tally.Last) : Value.Null),
                new("step_seconds", tally.Step > 0 ? (double)tally.Step / TimeSpan.TicksPerSecond : Value.Null),
                new("unordered", tally.Flaws.HasFlag(SeriesFlaws.Unordered)), new("repeated", tally.Flaws.HasFlag(SeriesFlaws.Repeated)), new("generation", generation),
            ]));
        }
    }

    private static async ValueTask<bool> NextAsync(string dataset, FragmentMerge merge)
    {
        try
        {
            return await merge.ReadAsync().ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new BasaltException(ErrorCode.Corrupt, $"What the catalogue keeps of the series of '{dataset}' is damaged: {e.Message}. Index into a new catalogue.", e) { Target = dataset };
        }
    }

    private static Value Of(long? number) => number is { } known ? known : Value.Null;

    private static Value Of(double? number) => number is { } known ? known : Value.Null;

    private static Value Time(long? ticks) => ticks is { } known ? new DateTimeOffset(known, TimeSpan.Zero) : Value.Null;

    /// <summary>What is gathered while series go by.</summary>
    private sealed class Numbers
    {
        public LengthStatistics Lengths { get; } = new();

        public Dictionary<long, long> Steps { get; } = [];

        public long? First { get; private set; }

        public long? Last { get; private set; }

        public long Unordered { get; private set; }

        public long Repeated { get; private set; }

        public void See(in SeriesTally tally)
        {
            Lengths.See(tally.Rows);
            if (tally.Flaws.HasFlag(SeriesFlaws.Unordered)) Unordered++;
            if (tally.Flaws.HasFlag(SeriesFlaws.Repeated)) Repeated++;
            if (tally.Timed == 0) return;
            First = Math.Min(First ?? long.MaxValue, tally.First);
            Last = Math.Max(Last ?? long.MinValue, tally.Last);
            if (tally.Step > 0) Steps[tally.Step] = Steps.GetValueOrDefault(tally.Step) + 1;
        }
    }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Basalt.Cli.Arguments;
using Basalt.Cli.Bench;
using Basalt.Cli.Bench.Ingest;
using Basalt.Vectors;

namespace Basalt.Cli.Commands;

/// <summary>Measures a collection of vectors from ingest to churn.</summary>
internal sealed class BenchIngestCommand : ToolCommand
{
    private const int MostBatch = 1_000_000;
    private readonly Session _session;
    private readonly Option<StoreUri> _store = new("--store") { Description = "The database, in which a collection (#NAME, vectors unless given) is made and stays", HelpName = "URI", Required = true };
    private readonly Option<string?> _base = new("--base") { Description = "The vectors: .fvecs, .bvecs or IDX images, plain or .gz", HelpName = "FILE" };
    private readonly Option<string?> _query = new("--query") { Description = "The vectors to search with", HelpName = "FILE" };
    private readonly Option<string?> _generate = new("--generate") { Description = "Make vectors and queries instead: 100,000 or 1,000,000 of 128 dimensions, the same on every machine", HelpName = "s100k|s1m" };
    private readonly NumberOption _batch = new("--batch", "Records a durable batch (1000 unless given)", minimum: 1);
    private readonly NumberListOption _ef = new("--ef", "Candidates that a search keeps, one run each");
    private readonly NumberOption _k = new("-k", "Neighbours a query (10 unless given)", minimum: 1);
    private readonly Option<bool> _churn = new("--churn") { Description = "Also update and delete 30 % each, and search again" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public BenchIngestCommand(Session session)
        : base("ingest", "Measure a collection of vectors: durable ingest, search at once, the index catching up, filters, reopening", CommandGroup.Tool,
            "bench ingest --store basalt:./bench-data#v --generate s100k --ef 32,64 --json")
    {
        _session = session;
        _store.CustomParser = result => StoreArgument.Parse(result, result.Tokens[0].Value, session.Backends);
        Option[] all = [_store, _base, _query, _generate, _batch, _ef, _k, _churn, _json];
        foreach (var option in all) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var set = Load(arguments, cancellationToken);
        var (batch, k) = (arguments.GetValue(_batch) ?? 1000, arguments.GetValue(_k) ?? 10);
        if (batch > MostBatch) throw new UsageException($"--batch takes at most {MostBatch}.");
        if (k > set.Base.Count) throw new UsageException($"-k is {k}, and there are {set.Base.Count} vectors.");
        var efforts = arguments.GetResult(_ef) is null ? [64] : arguments.GetValue(_ef)!;
        var figures = await new IngestBench(_session, set, new IngestOptions(arguments.GetRequiredValue(_store), (int)batch, efforts, (int)k, arguments.GetValue(_churn))).RunAsync(cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json)) _session.Output.WriteLine(figures.ToJsonString());
        else foreach (var (name, value) in figures) Print(name, value);
        return ExitCode.Done;
    }

    private void Print(string name, JsonNode? value)
    {
        if (value is JsonArray rows)
            foreach (var row in rows) _session.Output.WriteLine($"{name}: {row!.ToJsonString()}");
        else _session.Output.WriteLine($"{name}: {(value is JsonValue plain && plain.GetValueKind() == JsonValueKind.String ? plain.GetValue<string>() : value?.ToJsonString())}");
    }

    private VectorSet Load(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (basePath, queryPath, name) = (arguments.GetValue(_base), arguments.GetValue(_query), arguments.GetValue(_generate));
        if (name is null) return basePath is null || queryPath is null ? throw new UsageException("Name the vectors with --base and --query, or let them be made with --generate.") : VectorSet.Read(basePath, queryPath, null, null, Metric.L2, cancellationToken);
        if (basePath is not null || queryPath is not null) throw new UsageException("--generate makes vectors and queries; it goes with neither --base nor --query.");
        return VectorSet.Generated.ContainsKey(name) ? VectorSet.Generate(name, Metric.L2, cancellationToken) : throw new UsageException($"--generate takes {string.Join(" or ", VectorSet.Generated.Keys)}, not '{name}'.");
    }
}

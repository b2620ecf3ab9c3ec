using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Bench;
using Basalt.Vectors;

namespace Basalt.Cli.Commands;

/// <summary>Measures the building and searching of a vector index.</summary>
internal sealed class BenchVectorsCommand : ToolCommand
{
    private const int MostThreads = 1_024;
    private readonly Session _session;
    private readonly Option<string> _base = new("--base") { Description = "The vectors to be found: .fvecs, .bvecs or IDX images, plain or .gz", HelpName = "FILE" };
    private readonly Option<string> _query = new("--query") { Description = "The vectors to search with", HelpName = "FILE" };
    private readonly Option<string> _truth = new("--truth") { Description = "The true neighbours of each query, .ivecs; found by comparing all with all unless given, and whenever there is a filter", HelpName = "FILE" };
    private readonly Option<string> _generate = new("--generate") { Description = "Make vectors and queries instead of reading them: 100,000 or 1,000,000 of 128 dimensions, the same on every machine", HelpName = string.Join('|', VectorSet.Generated.Keys) };
    private readonly NumberOption _queries = new("--queries", "Read only so many queries", minimum: 1);
    private readonly ChoiceOption<BenchMetric> _metric = new("--metric", "How far vectors are apart", BenchMetric.L2);
    private readonly Option<string> _index = new("--index") { Description = "The index", HelpName = string.Join('|', IndexKind.All.Select(static kind => kind.Name)), Required = true };
    private readonly Option<Quantization?> _quantization = new("--quantization") { Description = "What is kept of a vector to search by (what is usual for the index unless given)", HelpName = string.Join('|', Enum.GetNames<Quantization>()).ToLowerInvariant() };
    private readonly NumberOption _m = new("--m", "Links of a graph's node (16 unless given)", minimum: 1);
    private readonly NumberOption _efConstruction = new("--ef-construction", "Candidates while a graph is built (200 unless given)", minimum: 1);
    private readonly NumberOption _lists = new("--nlist", "Lists of an inverted file (the root of the number of vectors unless given)", minimum: 1);
    private readonly NumberOption _subspaces = new("--pq", "Subspaces of a product code (a quarter of the dimensions unless given)", minimum: 1);
    private readonly NumberOption _codeBits = new("--pq-bits", "Bits of a subspace: 4 or 8 (8 unless given)", minimum: 4);
    private readonly NumberOption _rescore = new("--rescore", "Candidates that are measured again by their full vectors", minimum: 1);
    private readonly NumberListOption _ef = new("--ef", "Candidates that a search of a graph keeps, one run each");
    private readonly NumberListOption _probes = new("--nprobe", "Lists that a search of an inverted file probes, one run each");
    private readonly NumberOption _threads = new("--threads", "Threads that build and search (1 unless given)", minimum: 1);
    private readonly NumberOption _batch = new("--batch", "Queries a call (1 unless given, or all with several threads)", minimum: 1);
    private readonly NumberOption _rounds = new("--rounds", "Passes over all queries, of which the middle one counts (3 unless given)", minimum: 1);
    private readonly NumberOption _k = new("-k", "Neighbours a query (10 unless given)", minimum: 1);
    private readonly NumberOption _selectivity = new("--filter-selectivity", "Find only this percentage of the vectors, chosen independently of them", minimum: 1);
    private readonly Option<bool> _reopen = new("--reopen") { Description = "Write vectors and index to temporary files and search them where they lie" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public BenchVectorsCommand(Session session)
        : base("vectors", "Measure how fast and how well a vector index finds", CommandGroup.Tool,
            "bench vectors --generate s100k --index flat --json", "bench vectors --base base.fvecs --query query.fvecs --index flat --quantization sq8 --filter-selectivity 10")
    {
        _session = session;
        _quantization.CustomParser = static result =>
        {
            foreach (var quantization in Enum.GetValues<Quantization>())
                if (quantization.ToString().ToLowerInvariant().Equals(result.Tokens[0].Value, StringComparison.Ordinal)) return quantization;
            result.AddError($"--quantization takes {string.Join(", ", Enum.GetNames<Quantization>()).ToLowerInvariant()}, not '{result.Tokens[0].Value}'.");
            return null;
        };
        Option[] all = [_base, _query, _truth, _generate, _queries, _metric, _index, _quantization, _m, _efConstruction, _lists, _subspaces, _codeBits, _rescore, _ef, _probes, _threads, _batch, _rounds, _k, _selectivity, _reopen, _json];
        foreach (var option in all) Add(option);
        SetAction(RunAsync);
    }

    /// <summary>The metrics of float vectors that files hold.</summary>
    private enum BenchMetric
    {
        L2,
        Cosine,
        Dot,
        L1,
    }

    private Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = OptionsOf(arguments);
        using var set = Load(arguments, options.Metric, cancellationToken);
        if (arguments.GetValue(_batch) is null && options.Threads > 1) options = options with { Batch = set.QueryCount };
        if (options.K > set.Base.Count) throw new UsageException($"-k is {options.K}, and there are {set.Base.Count} vectors.");
        var figures = new VectorBench(set, options, _session.TimeProvider, _session.Error).Run(cancellationToken);
        if (arguments.GetValue(_json)) figures.PrintJson(_session.Output);
        else figures.Print(_session.Output);
        return Task.FromResult(ExitCode.Done);
    }

    private VectorSet Load(ParseResult arguments, Metric metric, CancellationToken cancellationToken)
    {
        var (basePath, queryPath, truthPath, name) = (arguments.GetValue(_base), arguments.GetValue(_query), arguments.GetValue(_truth), arguments.GetValue(_generate));
        if (name is not null)
        {
            if (basePath is not null || queryPath is not null || truthPath is not null || arguments.GetValue(_queries) is not null) throw new UsageException("--generate makes vectors and queries; it goes with none of --base, --query, --queries and --truth.");
            if (!VectorSet.Generated.ContainsKey(name)) throw new UsageException($"--generate takes {string.Join(" or ", VectorSet.Generated.Keys)}, not '{name}'.");
            return VectorSet.Generate(name, metric, cancellationToken);
        }

        if (basePath is null || queryPath is null) throw new UsageException("Name the vectors with --base and --query, or let them be made with --generate.");
        return VectorSet.Read(basePath, queryPath, truthPath, Number(arguments, _queries), metric, cancellationToken);
    }

    private VectorBenchOptions OptionsOf(ParseResult arguments)
    {
        var name = arguments.GetRequiredValue(_index);
        var kind = IndexKind.All.FirstOrDefault(kind => kind.Name == name) ?? throw new UsageException($"--index takes {string.Join(", ", IndexKind.All.Select(static kind => kind.Name))}, not '{name}'.");
        var quantization = arguments.GetValue(_quantization);
        if (quantization is { } wanted && !kind.Quantizations.Contains(wanted)) throw new UsageException($"An index '{name}' has no quantization '{wanted.ToString().ToLowerInvariant()}'; it has {string.Join(", ", kind.Quantizations).ToLowerInvariant()}.");
        Option[] special = [_m, _efConstruction, _lists, _subspaces, _codeBits, _rescore, _ef, _probes];
        foreach (var option in special)
            if (arguments.GetResult(option) is not null && !kind.Options.Contains(option.Name)) throw new UsageException($"{option.Name} means nothing to an index '{name}'.");
        if (Number(arguments, _threads) > MostThreads) throw new UsageException($"--threads takes at most {MostThreads}.");
        if (Number(arguments, _selectivity) > 100) throw new UsageException("--filter-selectivity is a percentage, from 1 to 100.");
        if (Number(arguments, _codeBits) is not (null or 4 or 8)) throw new UsageException("--pq-bits is 4 or 8.");
        return new VectorBenchOptions
        {
            Kind = kind,
            Metric = Enum.Parse<Metric>(arguments.GetValue(_metric).ToString()),
            Quantization = quantization,
            M = Number(arguments, _m),
            EfConstruction = Number(arguments, _efConstruction),
            Lists = Number(arguments, _lists),
            Subspaces = Number(arguments, _subspaces),
            CodeBits = Number(arguments, _codeBits),
            Rescore = Number(arguments, _rescore),
            Efforts = Efforts(arguments, _ef) ?? Efforts(arguments, _probes) ?? [0],
            K = Number(arguments, _k) ?? 10,
            Threads = Number(arguments, _threads) ?? 1,
            Batch = Number(arguments, _batch) ?? 1,
            Rounds = Number(arguments, _rounds) ?? 3,
            FilterSelectivity = Number(arguments, _selectivity),
            Reopen = arguments.GetValue(_reopen),
        };
    }

    private static int[]? Efforts(ParseResult arguments, NumberListOption option) => arguments.GetResult(option) is null ? null : arguments.GetValue(option);

    private static int? Number(ParseResult arguments, NumberOption option) =>
        arguments.GetValue(option) is not { } number ? null : number <= int.MaxValue ? (int)number : throw new UsageException($"{option.Name} takes at most {int.MaxValue}.");
}

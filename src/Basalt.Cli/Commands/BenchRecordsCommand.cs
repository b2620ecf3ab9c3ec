using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Bench;

namespace Basalt.Cli.Commands;

/// <summary>Measures record operations on a store, by one thread.</summary>
internal sealed class BenchRecordsCommand : ToolCommand
{
    private const long DefaultCount = 100_000;
    private const long MostRecords = 100_000_000;
    private readonly Session _session;
    private readonly Option<StoreUri> _store = new("--store") { Description = "The database to measure; its own collections are not touched", HelpName = "URI", Required = true };
    private readonly NumberOption _count = new("--n", $"How many records ({DefaultCount} unless given)", minimum: 1);
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public BenchRecordsCommand(Session session)
        : base("records", "Measure creates, reads, updates, deletes, batches, filters and searches of records by one thread", CommandGroup.Tool,
            "bench records --store memory: --n 200000", "bench records --store file:./bench-data --n 1000 --json")
    {
        _session = session;
        _store.CustomParser = result => StoreArgument.Parse(result, result.Tokens[0].Value, session.Backends);
        Add(_store);
        Add(_count);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(_store);
        var count = arguments.GetValue(_count) ?? DefaultCount;
        if (count > MostRecords) throw new UsageException($"--n takes at most {MostRecords}, because the records are made in memory first.");
        if (uri.Collection is not null) throw new UsageException($"--store takes a database; leave out #{uri.Collection}.");
        var database = await _session.OpenAsync(uri, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var figures = await new RecordBench(database, (int)count, _session.TimeProvider).RunAsync(cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json)) figures.PrintJson(uri, _session.Output);
        else figures.Print(uri, _session.Output);
        return ExitCode.Done;
    }
}

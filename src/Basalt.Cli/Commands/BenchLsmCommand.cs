using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Bench.Lsm;
using Basalt.Lsm;
using Basalt.Lsm.Tables;

namespace Basalt.Cli.Commands;

/// <summary>Measures a store of ordered bytes, and SQLite beside it.</summary>
internal sealed class BenchLsmCommand : ToolCommand
{
    private const long MostEntries = 10_000_000_000;
    private const long MostBatchBytes = 256L << 20;
    private const int MostThreads = 256;
    private const int MostKeyBytes = 1024;
    private const int MostValueBytes = 16 << 20;
    private const int BatchOverhead = 32;
    private const long MostMemoryBytes = 1L << 40;
    private const int MostPutMilliseconds = 600_000;
    private static readonly Workload Defaults = new(Count: 1_000_000, KeyBytes: 16, ValueBytes: 100, BatchSize: 1000, Threads: 16, Durability.Always, CompressiblePercent: 50, Seed: 1);
    private readonly Session _session;
    private readonly Option<string> _directory = new("--dir") { Description = "The folder to measure in: empty or not there, and removed afterwards", HelpName = "DIR", Required = true };
    private readonly NumberOption _count = new("--n", $"How many entries to load ({Defaults.Count} unless given)", minimum: 1);
    private readonly NumberOption _keyBytes = new("--key-bytes", $"The length of a key: {EntrySource.LeastKeyBytes} to {MostKeyBytes} ({Defaults.KeyBytes} unless given)", EntrySource.LeastKeyBytes);
    private readonly NumberOption _valueBytes = new("--value-bytes", $"The length of a value: up to {MostValueBytes} ({Defaults.ValueBytes} unless given)");
    private readonly NumberOption _compressible = new("--compressible", $"Percent of a value that repeats what stands before it: 0 to 100 ({Defaults.CompressiblePercent} unless given)");
    private readonly NumberOption _batch = new("--batch", $"Entries of a durable batch of the load ({Defaults.BatchSize} unless given)", minimum: 1);
    private readonly NumberOption _threads = new("--threads", $"How many concurrent writers of single puts: up to {MostThreads} ({Defaults.Threads} unless given)", minimum: 1);
    private readonly NumberOption _putTime = new("--put-ms", $"How many milliseconds a round of single puts takes at most: up to {MostPutMilliseconds} ({Defaults.PutTime.TotalMilliseconds} unless given)", minimum: 1);
    private readonly NumberOption _memory = new("--memory", $"How many bytes a store may keep in memory; for SQLite, its page cache ({Defaults.MemoryBytes} unless given)", minimum: 32L << 20);
    private readonly ChoiceOption<TableCompression> _compression = new("--compression", "How tables are compressed", Defaults.Compression);
    private readonly Option<bool> _encrypt = new("--encrypt") { Description = "Encrypt everything on disk (not SQLite, which cannot)" };
    private readonly ChoiceOption<Durability> _sync = new("--sync", "When a write is durable: before it returns, within 100 ms, or when the system writes it; for SQLite synchronous=FULL, NORMAL, OFF", Defaults.Durability);
    private readonly NumberOption _seed = new("--seed", $"Keys and values are made from it ({Defaults.Seed} unless given)");
    private readonly ChoiceOption<PeerChoice> _peer = new("--sqlite", "Measure SQLite beside it, phase by phase, when this machine has the library, or not at all", PeerChoice.Auto);
    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the stores in the folder, for --reopen" };
    private readonly Option<bool> _reopen = new("--reopen") { Description = "Measure only how long a kept folder's stores take to open, and to their first read" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object (with --reopen an array), as bench/README.md describes it" };

    public BenchLsmCommand(Session session)
        : base("lsm", "Measure loads, point reads, scans, durable puts and compaction of ordered bytes, beside SQLite", CommandGroup.Tool,
            "bench lsm --dir ./bench-data", "bench lsm --dir ./bench-data --n 9000000 --sqlite off --keep --json", "bench lsm --dir ./bench-data --reopen")
    {
        _session = session;
        foreach (var option in (Option[])[_directory, _count, _keyBytes, _valueBytes, _compressible, _batch, _threads, _putTime, _memory, _compression, _encrypt, _sync, _seed, _peer, _keep, _reopen, _json]) Add(option);
        SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
    }

    private int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var withPeer = arguments.GetValue(_peer) == PeerChoice.Auto && SqliteLibrary.Version is not null;
        var directory = Path.GetFullPath(arguments.GetRequiredValue(_directory));
        try
        {
            if (arguments.GetValue(_reopen)) Reopen(arguments, directory, withPeer, cancellationToken);
            else Measure(arguments, directory, withPeer, cancellationToken);
            return ExitCode.Done;
        }
        catch (LsmException e)
        {
            throw new BasaltException(CodeOf(e.Code), e.Message, e);
        }
    }

    private void Measure(ParseResult arguments, string directory, bool withPeer, CancellationToken cancellationToken)
    {
        var workload = WorkloadOf(arguments);
        using var folder = new BenchFolder(directory);
        var start = MemoryPeak.Current;
        var orders = new LsmBench(workload, folder.Path, withPeer, _session.Error, _session.TimeProvider).Run(cancellationToken);
        var figures = new LsmFigures(workload, orders, start, arguments.GetValue(_peer));
        if (arguments.GetValue(_keep))
        {
            new KeptBench(workload, [.. orders.SelectMany(static order => order.Stores)]).Write(folder.Path);
            folder.Keep();
        }

        if (arguments.GetValue(_json)) figures.PrintJson(_session.Output);
        else figures.Print(_session.Output);
    }

    private void Reopen(ParseResult arguments, string directory, bool withPeer, CancellationToken cancellationToken)
    {
        foreach (var option in (Option[])[_count, _keyBytes, _valueBytes, _compressible, _batch, _threads, _putTime, _memory, _compression, _encrypt, _sync, _seed, _keep])
            if (arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"--reopen measures what was kept; {option.Name} was settled then.");
        var figures = new ReopenBench(directory, withPeer, _session.TimeProvider).Run(cancellationToken);
        if (arguments.GetValue(_json)) ReopenFigures.PrintJson(figures, _session.Output);
        else ReopenFigures.Print(figures, _session.Output);
    }

    private Workload WorkloadOf(ParseResult arguments)
    {
        var workload = new Workload(
            Bounded(arguments, _count, Defaults.Count, MostEntries),
            (int)Bounded(arguments, _keyBytes, Defaults.KeyBytes, MostKeyBytes),
            (int)Bounded(arguments, _valueBytes, Defaults.ValueBytes, MostValueBytes),
            (int)Bounded(arguments, _batch, Defaults.BatchSize, int.MaxValue),
            (int)Bounded(arguments, _threads, Defaults.Threads, MostThreads),
            arguments.GetValue(_sync),
            (int)Bounded(arguments, _compressible, Defaults.CompressiblePercent, 100),
            arguments.GetValue(_seed) ?? Defaults.Seed)
        {
            MemoryBytes = Bounded(arguments, _memory, Defaults.MemoryBytes, MostMemoryBytes),
            Compression = arguments.GetValue(_compression),
            IsEncrypted = arguments.GetValue(_encrypt),
            PutTime = TimeSpan.FromMilliseconds(Bounded(arguments, _putTime, (long)Defaults.PutTime.TotalMilliseconds, MostPutMilliseconds)),
        };
        if ((long)workload.BatchSize * (workload.EntryBytes + BatchOverhead) > MostBatchBytes) throw new UsageException($"A batch has at most {MostBatchBytes >> 20} MiB; take a smaller --batch.");
        return workload;
    }

    private static ErrorCode CodeOf(LsmErrorCode code) => code switch
    {
        LsmErrorCode.Corrupt => ErrorCode.Corrupt,
        LsmErrorCode.Locked => ErrorCode.Locked,
        LsmErrorCode.FormatTooNew => ErrorCode.Unsupported,
        _ => ErrorCode.Unavailable,
    };

    private static long Bounded(ParseResult arguments, NumberOption option, long otherwise, long most)
    {
        var number = arguments.GetValue(option) ?? otherwise;
        return number <= most ? number : throw new UsageException($"{option.Name} takes at most {most}, not {number}.");
    }
}

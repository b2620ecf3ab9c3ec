namespace Basalt.Cli.Bench.Lsm;

/// <summary>
/// Measures a store of ordered bytes and, beside it, SQLite: each phase first on the one, then on the other, for both orders of keys. Every
/// read, hit or miss, and every entry of every scan is checked against the workload; a wrong answer ends the run.
/// </summary>
internal sealed class LsmBench(Workload workload, string folder, bool withPeer, TextWriter progress, TimeProvider time)
{
    private const long WarmUpCount = 20_000;
    private const int PutRounds = 5;

    /// <summary>Measures both orders, after a warm-up that is thrown away.</summary>
    public IReadOnlyList<OrderFigures> Run(CancellationToken cancellationToken)
    {
        progress.WriteLine("warming up");
        var small = workload with { Count = Math.Min(workload.Count, WarmUpCount), PutTime = TimeSpan.FromMilliseconds(20) };
        var warmUp = Path.Combine(folder, "warm-up");
        new LsmBench(small, warmUp, withPeer, TextWriter.Null, time).Measure(KeyOrder.Random, cancellationToken);
        Directory.Delete(warmUp, recursive: true);
        return [.. Enum.GetValues<KeyOrder>().Select(order => Measure(order, cancellationToken))];
    }

    private OrderFigures Measure(KeyOrder order, CancellationToken cancellationToken)
    {
        var runs = new List<ContenderRun>();
        try
        {
            runs.Add(new(new BasaltContender(KeptBench.FolderOf(folder, "basalt", order), workload, cancellationToken), workload, order, time));
            if (withPeer) runs.Add(new(new SqliteContender(KeptBench.FolderOf(folder, "sqlite", order), workload), workload, order, time));
            foreach (var (name, measure) in Phases())
            foreach (var run in runs)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Settle();
                MemoryPeak.Forget();
                var figure = measure(run, cancellationToken);
                run.PeakBytes = Math.Max(run.PeakBytes, MemoryPeak.Bytes);
                progress.WriteLine($"{order.ToString().ToLowerInvariant()} keys, {run.Contender.Name}: {name} {figure}");
            }

            return new OrderFigures(order, runs[0].Figures(), runs.ElementAtOrDefault(1)?.Figures());
        }
        finally
        {
            foreach (var run in runs) run.Contender.Dispose();
        }
    }

    private static IEnumerable<(string Name, Func<ContenderRun, CancellationToken, string> Measure)> Phases() =>
    [
        ("load", static (run, cancellation) => run.Load(cancellation)),
        ("read what is there", static (run, cancellation) => run.Read("read_hit_per_s", isMiss: false, cancellation)),
        ("read what is not", static (run, cancellation) => run.Read("read_miss_per_s", isMiss: true, cancellation)),
        ("scan", static (run, cancellation) => run.Scan("scan_per_s", descending: false, cancellation)),
        ("scan in reverse", static (run, cancellation) => run.Scan("reverse_scan_per_s", descending: true, cancellation)),
        .. Enumerable.Repeat<(string, Func<ContenderRun, CancellationToken, string>)>(("put", static (run, cancellation) => run.PutForAWhile(cancellation)), PutRounds),
        ("put in all", static (run, _) => run.SumUpPuts()),
        ("compact", static (run, cancellation) => run.Compact(cancellation)),
        ("read what is there, compacted", static (run, cancellation) => run.Read("compacted_read_hit_per_s", isMiss: false, cancellation)),
        ("scan, compacted", static (run, cancellation) => run.Scan("compacted_scan_per_s", descending: false, cancellation)),
        ("load in bulk", static (run, cancellation) => run.BulkLoad(cancellation)),
    ];

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}

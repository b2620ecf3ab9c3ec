using System.Diagnostics;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Samples;

namespace Basalt.Cli.Bench;

/// <summary>
/// Builds an index and searches it: recall first, against exact neighbours, then as many passes over all queries as asked for, of which the middle one counts.
/// </summary>
internal sealed class VectorBench(VectorSet set, VectorBenchOptions options, TimeProvider time, TextWriter log)
{
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MostWarmUpTime = TimeSpan.FromSeconds(20);
    private readonly Neighbour[] _results = new Neighbour[set.QueryCount * options.K];
    private readonly int[] _found = new int[set.QueryCount];

    public VectorFigures Run(CancellationToken cancellationToken)
    {
        var filter = options.FilterSelectivity is { } percent ? FilterOf(set.Base.Count, percent) : null;
        log.WriteLine($"building {options.Kind.Name} of {set.Base.Count:N0} x {set.Dimension}");
        var (started, cpu) = (time.GetTimestamp(), ProcessorTime());
        using var built = options.Kind.Build(set.Base.Rows, options, cancellationToken);
        var figures = new VectorFigures(options, set.Base.Count, set.Dimension, Seconds(started), (ProcessorTime() - cpu).TotalSeconds, built.Bytes, set.Base.Bytes);
        var truth = set.Truth is { } known && filter is null && known[0].Length >= options.K ? known : Truth(filter, cancellationToken);
        figures = options.Reopen ? Reopen(figures, built, truth, filter, cancellationToken) : figures with { Runs = Measure(built, truth, filter, cancellationToken) };
        using var process = Process.GetCurrentProcess();
        return figures with { PeakRssBytes = process.PeakWorkingSet64 };
    }

    // Vectors and index are searched where the files lie, as after a restart.
    private unsafe VectorFigures Reopen(VectorFigures figures, IVectorIndex built, IReadOnlyList<int[]> truth, IOrdinalFilter? filter, CancellationToken cancellationToken)
    {
        var rows = set.Base.Rows;
        using var vectorFile = new MappedBytes(stream =>
        {
            for (var i = 0; i < rows.Count; i++) stream.Write(new ReadOnlySpan<byte>(rows[i], rows.Stride));
        });
        using var indexFile = new MappedBytes(stream => options.Kind.Write(built, stream));
        var started = time.GetTimestamp();
        var opened = options.Kind.Open(indexFile.Start, indexFile.Length, new VectorRows(vectorFile.Start, rows.Count, rows.Dimension, rows.ElementType), options);
        var openSeconds = Seconds(started);
        using (opened)
        {
            started = time.GetTimestamp();
            opened.Search(set.Query(0), _results.AsSpan(0, options.K), Search(options.Efforts[0], filter, cancellationToken), out _);
            var first = Seconds(started) * 1e6;
            return figures with { Runs = Measure(opened, truth, filter, cancellationToken), Reopened = (openSeconds, first, vectorFile.Length + indexFile.Length) };
        }
    }

    private List<VectorRun> Measure(IVectorIndex index, IReadOnlyList<int[]> truth, IOrdinalFilter? filter, CancellationToken cancellationToken)
    {
        var runs = new List<VectorRun>();
        WarmUp(index, filter, cancellationToken);
        foreach (var effort in options.Efforts)
        {
            var search = Search(effort, filter, cancellationToken);
            var times = new double[set.QueryCount];
            Pass(index, search, times);
            var recall = Recall(truth);
            var passes = Enumerable.Range(0, options.Rounds).Select(_ => Pass(index, search, times)).OrderBy(static pass => 1 / pass.Qps).ToList();
            runs.Add(passes[passes.Count / 2] with { Effort = effort, Recall = recall });
            log.WriteLine($"{options.Kind.EffortName} {effort}: recall {recall:F4}, {runs[^1].Qps:N0} queries/s");
        }

        return runs;
    }

    // The compiler optimises what ran often, step by step and in the background: all efforts are run in turn until none gets quicker.
    private void WarmUp(IVectorIndex index, IOrdinalFilter? filter, CancellationToken cancellationToken)
    {
        const double better = 1.03;
        var (started, times, best) = (time.GetTimestamp(), new double[set.QueryCount], new double[options.Efforts.Count]);
        for (var isBetter = true; isBetter && time.GetElapsedTime(started) < MostWarmUpTime;)
        {
            isBetter = time.GetElapsedTime(started) < WarmUpTime;
            for (var i = 0; i < best.Length; i++)
            {
                var rate = Pass(index, Search(options.Efforts[i], filter, cancellationToken), times).Qps;
                isBetter |= rate > best[i] * better;
                best[i] = Math.Max(best[i], rate);
            }
        }
    }

    private VectorRun Pass(IVectorIndex index, SearchOptions search, double[] times)
    {
        var isAlone = options is { Threads: 1, Batch: 1 };
        var statistics = default(SearchStatistics);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var cpu = ThreadClock.IsSupported ? ThreadClock.Now : default;
        var (started, last) = (time.GetTimestamp(), time.GetTimestamp());
        for (var q = 0; q < set.QueryCount; q += isAlone ? 1 : options.Batch)
        {
            var count = isAlone ? 1 : Math.Min(options.Batch, set.QueryCount - q);
            statistics += isAlone ? SearchOne(index, q, search) : SearchMany(index, q, count, search);
            var now = time.GetTimestamp();
            times.AsSpan(q, count).Fill(time.GetElapsedTime(last, now).TotalMicroseconds / count);
            last = now;
        }

        var wall = set.QueryCount / Seconds(started);
        var own = options.Threads == 1 && ThreadClock.IsSupported ? set.QueryCount / (ThreadClock.Now - cpu).TotalSeconds : wall;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        double Mean(long sum) => (double)sum / set.QueryCount;
        return new VectorRun(0, 0, own, wall, times[times.Length / 2], times[(int)(times.Length * 0.99)], Mean(statistics.Visited), Mean(statistics.Distances), Mean(statistics.Rescored), Mean(allocated));
    }

    private SearchStatistics SearchOne(IVectorIndex index, int query, in SearchOptions search)
    {
        _found[query] = index.Search(set.Query(query), _results.AsSpan(query * options.K, options.K), search, out var statistics);
        return statistics;
    }

    private SearchStatistics SearchMany(IVectorIndex index, int first, int count, in SearchOptions search) =>
        index.SearchBatch(set.Queries.AsMemory(first * set.Dimension, count * set.Dimension), options.K, _results.AsMemory(first * options.K, count * options.K), _found.AsMemory(first, count), search, options.Threads);

    private double Recall(IReadOnlyList<int[]> truth)
    {
        var (hits, expected) = (0L, 0L);
        for (var q = 0; q < set.QueryCount; q++)
        {
            var nearest = truth[q].AsSpan(0, Math.Min(options.K, truth[q].Length));
            expected += nearest.Length;
            foreach (var neighbour in _results.AsSpan(q * options.K, _found[q]))
                if (nearest.Contains(neighbour.Ordinal)) hits++;
        }

        return expected == 0 ? 1 : (double)hits / expected;
    }

    private int[][] Truth(IOrdinalFilter? filter, CancellationToken cancellationToken)
    {
        log.WriteLine("comparing every query with every vector");
        using var exact = new FlatIndex(options.Metric, set.Base.Rows);
        var results = new Neighbour[set.QueryCount * options.K];
        exact.SearchBatch(set.Queries, options.K, results, _found, Search(0, filter, cancellationToken), Environment.ProcessorCount);
        return [.. Enumerable.Range(0, set.QueryCount).Select(q => results.Skip(q * options.K).Take(_found[q]).Select(static neighbour => neighbour.Ordinal).ToArray())];
    }

    private SearchOptions Search(int effort, IOrdinalFilter? filter, CancellationToken cancellationToken) =>
        new() { Effort = effort, Rescore = options.Rescore ?? 0, Filter = filter, CancellationToken = cancellationToken };

    private static OrdinalSet FilterOf(int count, int percent)
    {
        var filter = new OrdinalSet(count);
        for (var i = 0; i < count; i++)
            if (GaussianMixture.Attribute(i) < percent) filter.Add(i);
        return filter;
    }

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private double Seconds(long started) => time.GetElapsedTime(started).TotalSeconds;
}

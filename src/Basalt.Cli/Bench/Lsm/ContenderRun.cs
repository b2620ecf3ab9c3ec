namespace Basalt.Cli.Bench.Lsm;

/// <summary>One contender on its way through the phases, for one order of keys.</summary>
internal sealed class ContenderRun(IContender contender, Workload workload, KeyOrder order, TimeProvider time)
{
    private const int EntriesBetweenChecks = 1024;
    private static readonly TimeSpan RepeatTime = TimeSpan.FromMilliseconds(100);
    private readonly EntrySource _entries = new(workload, order);
    private readonly List<(string Name, double Value)> _figures = [];
    private readonly List<double> _alone = [];
    private readonly Dictionary<string, List<double>> _together = [];
    private string? _way;

    public IContender Contender => contender;

    /// <summary>How many entries it holds: those with the indexes below.</summary>
    public long Entries { get; private set; }

    public long PeakBytes { get; set; }

    private double UserBytes => (double)Entries * workload.EntryBytes;

    public ContenderFigures Figures()
    {
        if (contender.HighestMemory is { } highest) Note("memory_highest_bytes", highest);
        Note("peak_rss_bytes", PeakBytes);
        Note("peak_rss_per_memory", (double)PeakBytes / workload.MemoryBytes);
        return new ContenderFigures(contender.Name, _figures, _way!, Entries);
    }

    public string Load(CancellationToken cancellationToken)
    {
        double seconds;
        using (var writer = contender.OpenWriter())
        {
            var started = time.GetTimestamp();
            while (Entries < workload.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var end = Math.Min(Entries + workload.BatchSize, workload.Count); Entries < end; Entries++)
                {
                    _entries.Make(Entries);
                    writer.Add(_entries.Key, _entries.Value);
                }

                writer.Commit();
            }

            seconds = time.GetElapsedTime(started).TotalSeconds;
        }

        if (contender.WrittenBytes is { } written) Note("load_write_amplification", written / UserBytes);
        Note("load_space_amplification", DiskBytes() / UserBytes);
        return Rate("load_per_s", Entries / seconds);
    }

    /// <summary>Random keys of all, by one thread, after as many unmeasured reads.</summary>
    public string Read(string name, bool isMiss, CancellationToken cancellationToken)
    {
        using var reader = contender.OpenReader();
        ReadSome(reader, isMiss, 1, cancellationToken);
        var started = time.GetTimestamp();
        ReadSome(reader, isMiss, 2, cancellationToken);
        return Rate(name, workload.Reads / time.GetElapsedTime(started).TotalSeconds);
    }

    public string Scan(string name, bool descending, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var scanned = 0L;
        TimeSpan elapsed;
        do
        {
            using var scan = contender.OpenScan(descending);
            ScanAll(scan, descending, cancellationToken);
            scanned += Entries;
            elapsed = time.GetElapsedTime(started);
        }
        while (elapsed < RepeatTime);
        return Rate(name, scanned / elapsed.TotalSeconds);
    }

    /// <summary>Single puts by one writer, then by many in each way: short, and repeated, so that a busy moment of the machine meets all of them.</summary>
    public string PutForAWhile(CancellationToken cancellationToken)
    {
        _alone.Add(Put(new WritingWay("alone", contender.OpenWriter), 1, cancellationToken));
        foreach (var way in contender.ConcurrentWays)
        {
            if (!_together.TryGetValue(way.Name, out var rates)) _together.Add(way.Name, rates = []);
            rates.Add(Put(way, workload.Threads, cancellationToken));
        }

        return $"{_alone[^1]:N0}/s, {string.Join(", ", _together.Select(way => $"{way.Value[^1]:N0}/s by {workload.Threads} ({way.Key})"))}";
    }

    /// <summary>The middle of all rounds; the ratio is that of writers in the same round.</summary>
    public string SumUpPuts()
    {
        (_way, var together) = _together.MaxBy(static way => Middle(way.Value));
        Note("put_per_s", Middle(_alone));
        Note("concurrent_put_per_s", Middle(together));
        var ratio = Middle(together.Zip(_alone, static (many, one) => many / one));
        Note("concurrent_put_ratio", ratio);
        return $"{Middle(_alone):N0}/s, {Middle(together):N0}/s by {workload.Threads} ({_way}): {ratio:N1} times";
    }

    public string Compact(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        contender.Compact(cancellationToken);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        Note("compact_seconds", seconds);
        if (contender.WrittenBytes is { } written) Note("write_amplification", written / UserBytes);
        Note("space_amplification", DiskBytes() / UserBytes);
        return $"{seconds:N2} s";
    }

    /// <summary>All entries at once into a store of their own; its scan is checked, not measured.</summary>
    public string BulkLoad(CancellationToken cancellationToken)
    {
        using var bulk = contender.OpenBulk();
        if (bulk is null) return "has no way";
        var started = time.GetTimestamp();
        for (var index = 0L; index < Entries; index++)
        {
            if (index % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            _entries.Make(index);
            bulk.Add(_entries.Key, _entries.Value);
        }

        bulk.Commit(cancellationToken);
        var rate = Rate("bulk_load_per_s", Entries / time.GetElapsedTime(started).TotalSeconds);
        using var scan = bulk.OpenScan();
        ScanAll(scan, descending: false, cancellationToken);
        return rate;
    }

    private double Put(WritingWay way, int threads, CancellationToken cancellationToken)
    {
        var first = Entries;
        (var rate, Entries) = new PutRace(workload, order, time).Run(way, threads, first, cancellationToken);
        using var reader = contender.OpenReader();
        for (var index = first; index < Entries; index++) ReadOne(reader, index, isMiss: false);
        return rate;
    }

    private void ReadSome(IPointReader reader, bool isMiss, int pass, CancellationToken cancellationToken)
    {
        var random = new Random(unchecked((int)workload.Seed) + pass);
        for (var i = 0L; i < workload.Reads; i++)
        {
            if (i % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            ReadOne(reader, random.NextInt64(workload.Count), isMiss);
        }
    }

    private void ReadOne(IPointReader reader, long index, bool isMiss)
    {
        if (isMiss) _entries.MakeMissingKey(index);
        else _entries.MakeKey(index);
        var found = reader.TryRead(_entries.Key, out var value);
        if (isMiss && found) throw Wrong($"found a key that was never written, beside entry {index}");
        if (!isMiss && !found) throw Wrong($"lost entry {index}");
        if (!isMiss && !_entries.IsValue(index, value)) throw Wrong($"has another value for entry {index}");
    }

    private void ScanAll(IEntryScan scan, bool descending, CancellationToken cancellationToken)
    {
        var last = new byte[workload.KeyBytes];
        var count = 0L;
        while (scan.MoveNext())
        {
            if (count % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            var step = scan.Key.SequenceCompareTo(last);
            if (count > 0 && (descending ? step >= 0 : step <= 0)) throw Wrong($"gave entry {count} of a scan out of order");
            var index = _entries.IndexOf(scan.Key);
            if (index < 0 || index >= Entries) throw Wrong($"gave a key that was never written as entry {count} of a scan");
            if (!_entries.IsValue(index, scan.Value)) throw Wrong($"gave another value for entry {index} in a scan");
            scan.Key.CopyTo(last);
            count++;
        }

        if (count != Entries) throw Wrong($"gave {count} of {Entries} entries in a scan");
    }

    private static double Middle(IEnumerable<double> rates) => rates.Order().ElementAt(rates.Count() / 2);

    private double DiskBytes() => KeptBench.BytesOf(contender.Folder);

    /// <summary>Notes operations or entries per second.</summary>
    private string Rate(string name, double perSecond)
    {
        Note(name, perSecond);
        return $"{perSecond:N0}/s";
    }

    private void Note(string name, double value) => _figures.Add((name, value));

    private BasaltException Wrong(string what) => new(ErrorCode.Unexpected, $"{contender.Name} {what} ({order.ToString().ToLowerInvariant()} keys, seed {workload.Seed}).");
}

using System.Globalization;
using System.Text.Json;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>
/// How long a program that has just begun waits for a store that was kept: until it is open, and until its first read, which is checked. The
/// compiler's work is included; files are in the system's cache or not, as they happen to be.
/// </summary>
internal sealed class ReopenBench(string folder, bool withPeer, TimeProvider time)
{
    public IReadOnlyList<ReopenFigures> Run(CancellationToken cancellationToken)
    {
        var kept = KeptBench.Read(folder);
        var figures = new List<ReopenFigures>();
        foreach (var store in kept.Stores.Where(store => withPeer || store.Contender != "sqlite"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            figures.Add(Measure(kept.Workload, store, cancellationToken));
        }

        return figures;
    }

    private ReopenFigures Measure(Workload workload, KeptStore store, CancellationToken cancellationToken)
    {
        var path = KeptBench.FolderOf(folder, store.Contender, store.Order);
        var bytes = KeptBench.BytesOf(path);
        var entries = new EntrySource(workload, store.Order);
        var index = new Random(unchecked((int)workload.Seed)).NextInt64(store.Entries);
        entries.MakeKey(index);
        var started = time.GetTimestamp();
        using IContender contender = store.Contender == "sqlite" ? new SqliteContender(path, workload) : new BasaltContender(path, workload, cancellationToken);
        using var reader = contender.OpenReader();
        var opened = time.GetElapsedTime(started);
        var found = reader.TryRead(entries.Key, out var value);
        var read = time.GetElapsedTime(started) - opened;
        if (!found || !entries.IsValue(index, value)) throw new BasaltException(ErrorCode.Unexpected, $"{store.Contender} lost entry {index} ({store.Order.ToString().ToLowerInvariant()} keys).");
        return new ReopenFigures(store, bytes, opened, read, MemoryPeak.Bytes);
    }
}

/// <summary>How long it took to open a store and to read from it for the first time.</summary>
internal sealed record ReopenFigures(KeptStore Store, long Bytes, TimeSpan Open, TimeSpan FirstRead, long PeakBytes)
{
    public static void PrintJson(IEnumerable<ReopenFigures> figures, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(figures.Select(static f => new Dictionary<string, object>
    {
        ["contender"] = f.Store.Contender,
        ["keys"] = f.Store.Order.ToString().ToLowerInvariant(),
        ["entries"] = f.Store.Entries,
        ["bytes"] = f.Bytes,
        ["open_ms"] = Math.Round(f.Open.TotalMilliseconds, 3),
        ["first_read_ms"] = Math.Round(f.FirstRead.TotalMilliseconds, 3),
        ["peak_rss_bytes"] = f.PeakBytes,
    })));

    public static void Print(IEnumerable<ReopenFigures> figures, TextWriter output)
    {
        output.WriteLine($"{"store",-20}{"bytes",18}{"open ms",12}{"first read ms",16}");
        foreach (var f in figures)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{$"{f.Store.Contender} {f.Store.Order.ToString().ToLowerInvariant()}",-20}{f.Bytes,18:N0}{f.Open.TotalMilliseconds,12:N1}{f.FirstRead.TotalMilliseconds,16:N1}"));
    }
}

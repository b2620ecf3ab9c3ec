using System.Diagnostics.Metrics;

namespace Basalt.Engine;

/// <summary>
/// What an operator watches of an open database, as gauges of the meter <c>Basalt</c> with the tag <c>basalt.folder</c>: <c>basalt.disk.free</c>, <c>basalt.memory.used</c> and <c>basalt.memory.limit</c> in bytes,
/// <c>basalt.index.pending</c> in entries, <c>basalt.write.pressure</c> (0 none, 1 slowed, 2 stopped), <c>basalt.disk.full</c> and <c>basalt.poisoned</c> (0 or 1). Nothing is measured while nobody listens.
/// </summary>
internal sealed class EngineMeter : IDisposable
{
    private readonly Meter _meter = new("Basalt");
    private readonly EngineBackend _backend;
    private readonly KeyValuePair<string, object?> _tag;

    public EngineMeter(EngineBackend backend, string folder)
    {
        (_backend, _tag) = (backend, new KeyValuePair<string, object?>("basalt.folder", folder));
        Add("basalt.disk.free", "By", "What is left on the disk.", static stats => stats.FreeBytes);
        Add("basalt.memory.used", "By", "What is taken of the memory.", static stats => stats.MemoryBytes);
        Add("basalt.memory.limit", "By", "The memory that may be taken.", static stats => stats.MemoryLimitBytes);
        Add("basalt.index.pending", "{entry}", "Entries that indexes have yet to be built for.", static stats => stats.PendingEntries);
        Add("basalt.write.pressure", "1", "Whether writers are held back: 0 not, 1 slowed, 2 stopped.", static stats => (long)stats.Store.Pressure);
        Add("basalt.disk.full", "1", "Whether writes are refused for want of space.", static stats => stats.Store.DiskFull is null ? 0 : 1);
        Add("basalt.poisoned", "1", "Whether writes are refused until the database is opened again.", static stats => stats.Store.Poisoned is null ? 0 : 1);
    }

    public void Dispose() => _meter.Dispose();

    private void Add(string name, string unit, string description, Func<EngineStats, long?> figure) =>
        _meter.CreateObservableGauge(name, () => Measure(figure), unit, description);

    private IEnumerable<Measurement<long>> Measure(Func<EngineStats, long?> figure)
    {
        long? value;
        try
        {
            value = figure(_backend.Stats());
        }
        catch (Exception e) when (e is BasaltException or ObjectDisposedException)
        {
            // It is being closed: there is nothing to be measured any more.
            yield break;
        }

        if (value is { } known) yield return new Measurement<long>(known, _tag);
    }
}

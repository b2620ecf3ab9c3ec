using Basalt.Lsm.Memory;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>What the store holds and did since it was opened.</summary>
    public LsmStats Stats()
    {
        using var snapshot = Snapshot();
        var version = snapshot.Version;
        var strain = Weigh(0);
        return new LsmStats
        {
            Tables = version.AllTables.Count(),
            MostRuns = version.Trees.Select(static content => content.Runs.Length).DefaultIfEmpty().Max(),
            TableBytes = version.AllTables.Sum(static table => table.File.Size),
            Entries = version.AllTables.Sum(static table => table.File.Meta.Entries),
            Tombstones = version.AllTables.Sum(static table => table.File.Meta.Tombstones),
            ResidentTableBytes = version.AllTables.Sum(static table => table.File.ResidentBytes),
            MemtableBytes = version.Trees.Sum(static content => content.Memtables.Sum(static memtable => memtable.Bytes)),
            LoggedBytes = Interlocked.Read(ref _loggedBytes),
            FlushedBytes = Interlocked.Read(ref _flushedBytes),
            LoadedBytes = Interlocked.Read(ref _loadedBytes),
            MergedBytes = Interlocked.Read(ref _mergedBytes),
            CommitGroups = _commits.Groups,
            CacheBytes = Memory.UsedFor(MemoryUse.BlockCache),
            CacheHits = _tables.Cache.Lookups.Hits,
            CacheMisses = _tables.Cache.Lookups.Misses,
            Keys = KeysInUse(version),
            Pressure = strain.Pressure,
            PressureReason = strain.Pressure == WritePressure.None ? null : strain.Reason,
            WriterWaits = _admission.Waited,
            MergeRests = _pacer.Rested,
            MaintenanceFailure = (_flusher.Failure ?? _merger.Failure ?? _teller.Failure)?.Message,
            DiskFull = Volatile.Read(ref _full)?.Message,
            Poisoned = Volatile.Read(ref _poison)?.Message,
            DamagedTables = [.. Volatile.Read(ref _damaged).Values.Order(StringComparer.Ordinal)],
        };
    }
}

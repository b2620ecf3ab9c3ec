using Basalt.Backends;
using Basalt.Lsm;

namespace Basalt.Engine;

/// <summary>What the figures of a database say of its health.</summary>
internal static class EngineHealth
{
    /// <summary>With less space than this somebody should look.</summary>
    private const long LittleSpace = 256L << 20;

    public static BackendHealth Of(EngineStats stats)
    {
        var (store, ill, weak) = (stats.Store, new List<string>(), new List<string>());
        if (store.Poisoned is { } poison) ill.Add($"writes are refused until the database is opened again: {poison}");
        if (store.DiskFull is { } full) ill.Add($"writes are refused as there is no space on the disk: {full}");
        if (store.MaintenanceFailure is { } failure) weak.Add($"maintenance fails, and is tried again: {failure}");
        if (stats.IndexFault is { } fault) weak.Add($"an index could not be built, and is tried again: {fault}");
        if (store.DamagedTables.Count > 0) weak.Add($"damaged tables: {string.Join(", ", store.DamagedTables)}");
        if (store.Pressure == WritePressure.Stopped) weak.Add($"writers wait: {store.PressureReason}");
        if (stats.FreeBytes < LittleSpace) weak.Add($"{stats.FreeBytes >> 20} MiB are left on the disk");
        var level = ill.Count > 0 ? HealthLevel.Unhealthy : weak.Count > 0 ? HealthLevel.Degraded : HealthLevel.Healthy;
        return new BackendHealth(level, $"{EngineFaults.Scheme}: {stats.Folder} {(level == HealthLevel.Healthy ? "serves" : string.Join("; ", ill.Concat(weak)))}") { Data = DataOf(stats) };
    }

    private static Dictionary<string, object> DataOf(EngineStats stats)
    {
        var data = new Dictionary<string, object>
        {
            ["memory_bytes"] = stats.MemoryBytes,
            ["memory_limit_bytes"] = stats.MemoryLimitBytes,
            ["pending_entries"] = stats.PendingEntries,
            ["pressure"] = stats.Store.Pressure.ToString().ToLowerInvariant(),
            ["is_disk_full"] = stats.Store.DiskFull is not null,
            ["is_poisoned"] = stats.Store.Poisoned is not null,
        };
        if (stats.FreeBytes is { } free) data["free_bytes"] = free;
        return data;
    }
}

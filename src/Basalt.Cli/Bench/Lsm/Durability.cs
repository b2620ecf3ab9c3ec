namespace Basalt.Cli.Bench.Lsm;

/// <summary>When a write that returned survives a power cut.</summary>
internal enum Durability
{
    /// <summary>Always; SQLite: synchronous=FULL.</summary>
    Always,

    /// <summary>Within 100 ms; SQLite: synchronous=NORMAL, which syncs at its checkpoints.</summary>
    Interval,

    /// <summary>When the system wrote it; SQLite: synchronous=OFF.</summary>
    None,
}

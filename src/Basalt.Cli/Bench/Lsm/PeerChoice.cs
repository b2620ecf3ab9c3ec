namespace Basalt.Cli.Bench.Lsm;

/// <summary>Whether to measure SQLite in the same run.</summary>
internal enum PeerChoice
{
    /// <summary>When the machine has it.</summary>
    Auto,

    /// <summary>No.</summary>
    Off,
}

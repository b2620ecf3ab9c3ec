namespace Basalt.Cli.Bench.Lsm;

/// <summary>In which order keys arrive.</summary>
internal enum KeyOrder
{
    /// <summary>Each key far from the one before.</summary>
    Random,

    /// <summary>Each key above all before.</summary>
    Ascending,
}

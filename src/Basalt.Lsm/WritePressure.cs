namespace Basalt.Lsm;

/// <summary>Whether writers are held back because maintenance is behind.</summary>
public enum WritePressure
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>Each write is delayed, the longer the further maintenance is behind, at most by a second.</summary>
    Slowed,

    /// <summary>Writes wait until there is room.</summary>
    Stopped,
}

namespace Basalt.Lsm.Tables;

/// <summary>
/// A block: entries, restart points (4 bytes each), their count (4 bytes), CRC-32C of all of that (4 bytes). An entry: length of the key
/// prefix shared with the entry before, length of the rest of the key, zero for a tombstone or the length of the value plus one (all
/// variable), rest of the key, value. Every sixteenth entry is a restart point: it shares nothing. Normative: docs/formats/table.md.
/// </summary>
internal static class BlockFormat
{
    public const int RestartInterval = 16;
    public const int ChecksumSize = 4;

    /// <summary>Restart count and checksum.</summary>
    public const int TailSize = 4 + ChecksumSize;
}

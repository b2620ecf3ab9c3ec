namespace Basalt.Lsm.Tables;

/// <summary>
/// The content of a data block: entries, restart points (4 bytes each), their count (4 bytes). An entry: length of the key prefix shared with
/// the entry before, length of the rest of the key, what the value is (zero for a tombstone, or one more than twice its length, plus one when
/// it expires), for one that expires the time in milliseconds since 1970 (all variable), rest of the key, value. Every sixteenth entry is a
/// restart point: it shares nothing. On disk a block lies in an envelope, see <see cref="Envelope"/>. Normative: docs/formats/table.md.
/// </summary>
internal static class BlockFormat
{
    public const int RestartInterval = 16;

    /// <summary>The restart count.</summary>
    public const int TailSize = 4;

    /// <summary>The longest content: one entry of the greatest size, with room to spare.</summary>
    public const int MaxContent = WriteBatch.MaxValueBytes + WriteBatch.MaxKeyBytes + 4096;
}

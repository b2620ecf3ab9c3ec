using System.Buffers.Binary;

namespace Basalt.Engine.Collections;

/// <summary>
/// How many records a collection has. Those that expire are counted a second time by their instants, so that at any later time the number is known without looking at them: what
/// expires up to then is taken off. Times are milliseconds since 1970.
/// </summary>
/// <param name="Records">Records that were written and not removed, but for those that expired up to <paramref name="Folded"/>.</param>
/// <param name="Folded">Up to here nothing is left among the instants: it was taken off <paramref name="Records"/>.</param>
/// <param name="Horizon">The latest time by which a write took a record for expired or not. For earlier ones, as the clock was set back, only a scan tells the number. Zero: none expires.</param>
internal readonly record struct RecordTally(long Records, long Folded, long Horizon)
{
    private const int ShortBytes = sizeof(long);
    private const int LongBytes = 3 * sizeof(long);

    /// <summary>Whether any of its records ever had an instant.</summary>
    public bool HasExpiring => Horizon > 0;

    /// <summary>The number, and, of a collection with records that expire, the two times: little-endian.</summary>
    public int Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Records);
        if (!HasExpiring) return ShortBytes;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Folded);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Horizon);
        return LongBytes;
    }

    /// <summary>What <see cref="Write"/> wrote; of nothing, no record.</summary>
    /// <exception cref="InvalidDataException">The bytes are no tally.</exception>
    public static RecordTally Read(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => default,
        ShortBytes => new RecordTally(BinaryPrimitives.ReadInt64LittleEndian(bytes), 0, 0),
        LongBytes => new RecordTally(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])),
        _ => throw new InvalidDataException("the number of records of a collection has neither 8 nor 24 bytes"),
    };
}

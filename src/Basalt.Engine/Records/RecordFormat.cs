namespace Basalt.Engine.Records;

/// <summary>
/// How a record lies in the value of its key, which is the id in UTF-8. Normative: docs/formats/record.md.
/// <code>
/// u8       format: 1, or 2 of a record that expires
/// varint   version
/// i64      created: ticks of 100 ns since the year 1, UTC; little-endian
/// zigzag   its offset in minutes
/// zigzag   updated - created, in ticks
/// zigzag   its offset in minutes
/// varint   when it expires, in milliseconds since 1970; of format 2 only
/// map      fields
/// map      metadata
///
/// map      varint count, then so many times: name, value
/// name     varint: 0 and the name itself as text, or its number in the collection's list, from 1
/// text     varint length in bytes, UTF-8
/// value    u8 kind (ValueKind, but for true: 255) and what follows by kind: bool nothing, int64 zigzag, double 8 bytes, decimal 16 bytes, text,
///          date-time i64 ticks of UTC and zigzag minutes, guid 16 bytes big-endian, bytes as text, vector varint count and float32s,
///          list varint count and values, map
/// </code>
/// </summary>
internal static class RecordFormat
{
    public const byte Version = 1;

    /// <summary>The same with an instant at which it expires.</summary>
    public const byte ExpiringVersion = 2;

    /// <summary>The kind of true; that of <see cref="Basalt.Records.ValueKind.Bool"/> itself is false.</summary>
    public const byte True = 255;

    /// <summary>Values nest no deeper: the door admits fewer levels.</summary>
    public const int MostLevels = 80;

    public static ulong ZigZag(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}

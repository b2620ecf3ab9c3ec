using System.Buffers.Binary;
using Basalt.Lsm;

namespace Basalt.Engine.Collections;

/// <summary>
/// The exact number of records of a collection, by its <see cref="RecordTally"/> and a tree that says how many records expire when. Its keys are times, milliseconds since 1970 as
/// 8 bytes big-endian, its values numbers of records, 8 bytes little-endian. Normative: docs/formats/record.md.
/// </summary>
internal static class RecordCount
{
    /// <summary>As of a snapshot and its time; null when only a scan can tell, because the clock was set back behind the last write.</summary>
    public static long? Of(EngineCollection collection, LsmTree catalogue, LsmSnapshot snapshot)
    {
        var tally = RecordTally.Read(catalogue.Get(CatalogueKey.Records(collection.Entry.Number), snapshot));
        if (!tally.HasExpiring) return tally.Records;
        var now = snapshot.Time.ToUnixTimeMilliseconds();
        return now < tally.Horizon ? null : tally.Records - Expired(collection.Instants!, now, snapshot).Sum(static due => due.Records);
    }

    /// <summary>The times up to one at which records expired that the tally still has, and how many did at each.</summary>
    public static IEnumerable<(long Time, long Records)> Expired(LsmTree instants, long until, LsmSnapshot? snapshot = null)
    {
        using var cursor = instants.Scan(KeyRange.Between(Key(0), Key(until + 1)), snapshot: snapshot);
        while (cursor.MoveNext()) yield return (TimeOf(cursor.Key), Number(cursor.Value));
    }

    /// <summary>The first time behind another at which records expire; <see cref="long.MaxValue"/> when there is none.</summary>
    public static long NextAfter(LsmTree instants, long time)
    {
        using var cursor = instants.Scan(KeyRange.AtLeast(Key(time + 1)));
        return cursor.MoveNext() ? TimeOf(cursor.Key) : long.MaxValue;
    }

    /// <summary>How many records expire at a time.</summary>
    public static long At(LsmTree instants, long time) => instants.Get(Key(time)) is { } bytes ? Number(bytes) : 0;

    /// <summary>Sets how many records expire at a time.</summary>
    public static void Put(WriteBatch batch, LsmTree instants, long time, long records)
    {
        if (records == 0)
        {
            batch.Delete(instants, Key(time));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, records);
        batch.Put(instants, Key(time), bytes);
    }

    private static byte[] Key(long time)
    {
        var key = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(key, time);
        return key;
    }

    private static long TimeOf(ReadOnlySpan<byte> key) =>
        key.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(key) : throw new InvalidDataException("a time at which records expire does not have 8 bytes");

    private static long Number(ReadOnlySpan<byte> bytes) =>
        bytes.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : throw new InvalidDataException("the number of records that expire at a time does not have 8 bytes");
}

using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Records;

/// <summary>What a write must know of the record that is there. It expires at a time in milliseconds since 1970; zero: never.</summary>
internal readonly record struct RecordHead(long Version, DateTimeOffset Created, DateTimeOffset Updated, long Expires)
{
    /// <summary>The end of the year 9999.</summary>
    private const ulong LastInstant = 253_402_300_799_999;

    /// <summary>Whether it has expired by a time.</summary>
    public bool IsExpired(long now) => Expires != 0 && Expires <= now;

    public static RecordHead Of(Record record) => new(record.Version, record.Created, record.Updated, record.ExpiresAt);

    /// <summary>Reads the head and leaves the reader behind it, at the fields.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static RecordHead Read(ref ByteReader bytes)
    {
        var format = bytes.ReadByte();
        if (format is not (RecordFormat.Version or RecordFormat.ExpiringVersion)) throw new InvalidDataException(format > RecordFormat.ExpiringVersion ? $"it has the format {format}, which is newer than this library" : "its format is not known");
        var version = bytes.ReadVarint();
        var created = Time((long)bytes.ReadUInt64(), bytes.ReadVarint());
        var updated = Time(created.UtcTicks + RecordFormat.UnZigZag(bytes.ReadVarint()), bytes.ReadVarint());
        var expires = format == RecordFormat.ExpiringVersion ? bytes.ReadVarint() : 0;
        if (!bytes.IsSound || version > long.MaxValue) throw new InvalidDataException("its head is cut short");
        if (format == RecordFormat.ExpiringVersion && expires is 0 or > LastInstant) throw new InvalidDataException("the time at which it expires is out of range");
        return new RecordHead((long)version, created, updated, (long)expires);
    }

    /// <summary>A record of which only this is known, for decisions.</summary>
    public Record AsRecord() => new() { Version = Version, Created = Created, Updated = Updated, Expires = Instant };

    /// <summary>When it expires, as a record says it.</summary>
    public DateTimeOffset? Instant => Expires == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Expires);

    internal static DateTimeOffset Time(long utcTicks, ulong zigZagMinutes)
    {
        var minutes = RecordFormat.UnZigZag(zigZagMinutes);
        if (minutes is < -840 or > 840 || utcTicks < DateTimeOffset.MinValue.UtcTicks || utcTicks > DateTimeOffset.MaxValue.UtcTicks) throw new InvalidDataException("a time is out of range");
        var local = utcTicks + minutes * TimeSpan.TicksPerMinute;
        return local >= 0 && local <= DateTime.MaxValue.Ticks ? new DateTimeOffset(local, TimeSpan.FromMinutes(minutes)) : throw new InvalidDataException("a time is out of range");
    }
}

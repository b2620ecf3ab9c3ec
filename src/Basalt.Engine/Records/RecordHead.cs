using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Records;

/// <summary>What a write must know of the record that is there.</summary>
internal readonly record struct RecordHead(long Version, DateTimeOffset Created, DateTimeOffset Updated)
{
    public static RecordHead Of(Record record) => new(record.Version, record.Created, record.Updated);

    /// <summary>Reads the head and leaves the reader behind it, at the fields.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static RecordHead Read(ref ByteReader bytes)
    {
        var format = bytes.ReadByte();
        if (format != RecordFormat.Version) throw new InvalidDataException(format > RecordFormat.Version ? $"it has the format {format}, which is newer than this library" : "its format is not known");
        var version = bytes.ReadVarint();
        var created = Time((long)bytes.ReadUInt64(), bytes.ReadVarint());
        var updated = Time(created.UtcTicks + RecordFormat.UnZigZag(bytes.ReadVarint()), bytes.ReadVarint());
        return bytes.IsSound && version <= long.MaxValue ? new RecordHead((long)version, created, updated) : throw new InvalidDataException("its head is cut short");
    }

    /// <summary>A record of which only this is known, for decisions.</summary>
    public Record AsRecord() => new() { Version = Version, Created = Created, Updated = Updated };

    internal static DateTimeOffset Time(long utcTicks, ulong zigZagMinutes)
    {
        var minutes = RecordFormat.UnZigZag(zigZagMinutes);
        if (minutes is < -840 or > 840 || utcTicks < DateTimeOffset.MinValue.UtcTicks || utcTicks > DateTimeOffset.MaxValue.UtcTicks) throw new InvalidDataException("a time is out of range");
        var local = utcTicks + minutes * TimeSpan.TicksPerMinute;
        return local >= 0 && local <= DateTime.MaxValue.Ticks ? new DateTimeOffset(local, TimeSpan.FromMinutes(minutes)) : throw new InvalidDataException("a time is out of range");
    }
}

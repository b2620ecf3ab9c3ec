using System.Text;
using Basalt.Changes;
using Basalt.Engine.Records;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Changes;

/// <summary>
/// How a change lies in the value of its position. Normative: docs/formats/record.md.
/// <code>
/// u8       format, 1
/// u8       kind: 0 create, 1 update, 2 delete, 3 drop of a collection
/// varint   version
/// varint   time, in milliseconds since 1970
/// text     collection
/// text     id
/// record   of create and update: as RecordFormat has it, every name with it, up to the end
/// </code>
/// </summary>
internal static class ChangeFormat
{
    private const byte Version = 1;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(ByteBuffer bytes, ChangeKind kind, string collection, string id, long version, long time, Record? record)
    {
        bytes.Add(Version);
        bytes.Add((byte)kind);
        bytes.AddVarint((ulong)version);
        bytes.AddVarint((ulong)Math.Max(0, time));
        bytes.AddText(Encoding.UTF8.GetBytes(collection));
        bytes.AddText(Encoding.UTF8.GetBytes(id));
        if (record is not null) RecordWriter.Write(bytes, record, NameList.None);
    }

    /// <summary>Reads a change, safe on any bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static Change Read(ReadOnlySpan<byte> value, string token)
    {
        var bytes = new ByteReader(value);
        var (format, kind) = (bytes.ReadByte(), (ChangeKind)bytes.ReadByte());
        if (format != Version) throw new InvalidDataException(format > Version ? $"a change has the format {format}, which is newer than this library" : "the format of a change is not known");
        var (version, time) = (bytes.ReadVarint(), bytes.ReadVarint());
        var (collection, id) = (Text(ref bytes), Text(ref bytes));
        const ulong lastInstant = 253_402_300_799_999;
        if (!bytes.IsSound || !Enum.IsDefined(kind) || version > long.MaxValue || time > lastInstant) throw new InvalidDataException("a change cannot be read");
        Record? record = null;
        if (kind is ChangeKind.Create or ChangeKind.Update) record = ReadRecord(id, value[bytes.Position..]);
        else if (!bytes.IsAtEnd) throw new InvalidDataException("something follows a change");
        return new Change(kind, collection, id, (long)version, record, DateTimeOffset.FromUnixTimeMilliseconds((long)time), token);
    }

    private static Record ReadRecord(string id, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new RecordReader([]).Read(id, bytes);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException("the id of a change is none", e);
        }
    }

    private static string Text(ref ByteReader bytes)
    {
        try
        {
            return Utf8.GetString(bytes.ReadText());
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("a change has a text that is not UTF-8", e);
        }
    }
}

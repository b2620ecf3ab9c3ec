using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Basalt.Filters;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Records;

/// <summary>
/// Reads records as <see cref="RecordFormat"/> has it, safe on any bytes. Told which fields are looked at, it steps over the others. Not thread-safe.
/// </summary>
internal sealed class RecordReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string[] _names;
    private readonly HashSet<string>? _wanted;
    private readonly bool[]? _wantedNumbers;
    private readonly bool _wantsMetadata;
    private readonly ValueMapBuilder _fields = new();

    /// <param name="names">The names of the collection, at least as of the records.</param>
    /// <param name="paths">What is looked at; null for everything. Id, version and times are always there.</param>
    /// <param name="isDelivered">Whether the records leave the backend: then metadata is always there, too.</param>
    public RecordReader(string[] names, IEnumerable<FieldPath>? paths = null, bool isDelivered = true)
    {
        (_names, _wantsMetadata) = (names, isDelivered);
        if (paths is null) return;

        _wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (path.Part == RecordPart.Fields) _wanted.Add(path.Segments[0]);
            else if (path.Part == RecordPart.Metadata) _wantsMetadata = true;
        }

        _wantedNumbers = Array.ConvertAll(names, _wanted.Contains);
    }

    /// <summary>The record of an id.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public Record Read(string id, ReadOnlySpan<byte> value)
    {
        var bytes = new ByteReader(value);
        var head = RecordHead.Read(ref bytes);
        var fields = ReadFields(ref bytes);
        var metadata = ValueMap.Empty;
        if (_wantsMetadata)
        {
            metadata = ReadMap(ref bytes, RecordFormat.MostLevels).AsMap;
            if (!bytes.IsAtEnd) throw new InvalidDataException("something follows it");
        }

        if (!bytes.IsSound) throw CutShort();
        return new Record(id, fields) { Version = head.Version, Created = head.Created, Updated = head.Updated, Expires = head.Instant, Metadata = metadata };
    }

    /// <summary>The id that a key is.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static string Id(ReadOnlySpan<byte> key)
    {
        try
        {
            return Utf8.GetString(key);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("a key is not UTF-8", e);
        }
    }

    private ValueMap ReadFields(ref ByteReader bytes)
    {
        var count = ReadCount(ref bytes);
        for (var i = 0; i < count; i++)
        {
            var name = ReadName(ref bytes, out var number);
            if (_wanted is null || (number >= 0 && number < _wantedNumbers!.Length ? _wantedNumbers[number] : _wanted.Contains(name))) _fields.Set(name, ReadValue(ref bytes, RecordFormat.MostLevels));
            else Skip(ref bytes, RecordFormat.MostLevels);
        }

        return _fields.Build();
    }

    private Value ReadMap(ref ByteReader bytes, int levels)
    {
        var count = ReadCount(ref bytes);
        if (count == 0) return Value.FromMap(ValueMap.Empty);
        var map = new ValueMapBuilder(Math.Min(count, 64));
        for (var i = 0; i < count; i++) map.Set(ReadName(ref bytes, out _), ReadValue(ref bytes, levels - 1));
        return Value.FromMap(map.Build());
    }

    private string ReadName(ref ByteReader bytes, out int number)
    {
        var read = bytes.ReadVarint();
        number = (int)Math.Min(read, int.MaxValue) - 1;
        if (read == 0) return ReadText(ref bytes);
        return number < _names.Length ? _names[number] : throw new InvalidDataException($"it has a field of number {read}, and the collection has {_names.Length} names");
    }

    private Value ReadValue(ref ByteReader bytes, int levels)
    {
        if (levels < 0) throw new InvalidDataException("it nests too deep");
        var kind = bytes.ReadByte();
        if (!bytes.IsSound) throw CutShort();
        switch (kind)
        {
            case (byte)ValueKind.Null: return default;
            case (byte)ValueKind.Bool: return false;
            case RecordFormat.True: return true;
            case (byte)ValueKind.Int64: return RecordFormat.UnZigZag(bytes.ReadVarint());
            case (byte)ValueKind.Double: return BitConverter.UInt64BitsToDouble(bytes.ReadUInt64());
            case (byte)ValueKind.Decimal: return ReadDecimal(ref bytes);
            case (byte)ValueKind.String: return Value.OwnText(ReadText(ref bytes));
            case (byte)ValueKind.DateTime: return RecordHead.Time((long)bytes.ReadUInt64(), bytes.ReadVarint());
            case (byte)ValueKind.Guid:
                var guid = bytes.Take(16);
                return guid.Length == 16 ? new Guid(guid, bigEndian: true) : throw CutShort();
            case (byte)ValueKind.Bytes: return Value.OwnBytes(bytes.ReadText().ToArray());
            case (byte)ValueKind.Vector: return Value.OwnVector(ReadVector(ref bytes));
            case (byte)ValueKind.List:
                var items = new Value[ReadCount(ref bytes)];
                for (var i = 0; i < items.Length; i++) items[i] = ReadValue(ref bytes, levels - 1);
                return Value.OwnList(items);
            case (byte)ValueKind.Map: return ReadMap(ref bytes, levels);
            default: throw new InvalidDataException($"it has a value of the unknown kind {kind}");
        }
    }

    private static void Skip(ref ByteReader bytes, int levels)
    {
        if (levels < 0) throw new InvalidDataException("it nests too deep");
        var kind = bytes.ReadByte();
        if (!bytes.IsSound) throw CutShort();
        switch (kind)
        {
            case (byte)ValueKind.Null or (byte)ValueKind.Bool or RecordFormat.True:
                break;
            case (byte)ValueKind.Int64:
                bytes.ReadVarint();
                break;
            case (byte)ValueKind.Double:
                bytes.Take(8);
                break;
            case (byte)ValueKind.Decimal or (byte)ValueKind.Guid:
                bytes.Take(16);
                break;
            case (byte)ValueKind.String or (byte)ValueKind.Bytes:
                bytes.ReadText();
                break;
            case (byte)ValueKind.DateTime:
                bytes.Take(8);
                bytes.ReadVarint();
                break;
            case (byte)ValueKind.Vector:
                bytes.Take((ulong)ReadCount(ref bytes) * sizeof(float));
                break;
            case (byte)ValueKind.List:
                for (var left = ReadCount(ref bytes); left > 0; left--) Skip(ref bytes, levels - 1);
                break;
            case (byte)ValueKind.Map:
                for (var left = ReadCount(ref bytes); left > 0; left--)
                {
                    if (bytes.ReadVarint() == 0) bytes.ReadText();
                    Skip(ref bytes, levels - 1);
                }

                break;
            default:
                throw new InvalidDataException($"it has a value of the unknown kind {kind}");
        }
    }

    /// <summary>How many follow: never more than there are bytes, so that nothing large is made for a number that cannot be.</summary>
    private static int ReadCount(ref ByteReader bytes)
    {
        var count = bytes.ReadVarint();
        return bytes.IsSound && count <= (ulong)bytes.Remaining ? (int)count : throw CutShort();
    }

    private static decimal ReadDecimal(ref ByteReader bytes)
    {
        ReadOnlySpan<int> parts = [(int)bytes.ReadUInt32(), (int)bytes.ReadUInt32(), (int)bytes.ReadUInt32(), (int)bytes.ReadUInt32()];
        try
        {
            return new decimal(parts);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException("it has a decimal that cannot be", e);
        }
    }

    private static float[] ReadVector(ref ByteReader bytes)
    {
        var taken = bytes.Take((ulong)ReadCount(ref bytes) * sizeof(float));
        var vector = new float[taken.Length / sizeof(float)];
        if (!bytes.IsSound) throw CutShort();
        if (BitConverter.IsLittleEndian) taken.CopyTo(MemoryMarshal.AsBytes(vector.AsSpan()));
        else
            for (var i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleLittleEndian(taken[(i * sizeof(float))..]);
        return vector;
    }

    private static string ReadText(ref ByteReader bytes)
    {
        var text = bytes.ReadText();
        if (!bytes.IsSound) throw CutShort();
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("it has a text that is not UTF-8", e);
        }
    }

    private static InvalidDataException CutShort() => new("it is cut short");
}

using System.Buffers.Binary;
using System.Text;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Reads keys that <see cref="KeyWriter"/> wrote and did not cut. The value is equal to the one that was written, which to a filter is the same; a number may be of
/// another kind, an instant comes in UTC and the names of a map by name.
/// </summary>
internal static class KeyReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">The bytes are no key.</exception>
    public static Value Read(ReadOnlySpan<byte> key)
    {
        if (KeyWriter.IsCut(key)) throw new InvalidOperationException("A key that was cut does not say the value.");
        if (key.IsEmpty) throw Damage();
        var content = key[1..];
        switch (key[0])
        {
            case KeyTag.Text: return ToText(content);
            case KeyTag.Bytes: return Value.FromBytes(content);
            case KeyTag.Vector: return ReadVector(content);
            case KeyTag.Null: throw Damage();
        }

        // With the zeros that were taken off the end of a number.
        Span<byte> padded = stackalloc byte[KeyWriter.MaxBytes + NumberKey.MostBytes];
        content.CopyTo(padded);
        padded[content.Length..].Clear();
        var length = key[0] == KeyTag.Number ? content.Length + NumberKey.MostBytes : content.Length;
        var bytes = new ByteReader(padded[..length]);
        var value = Read(key[0], ref bytes);
        return bytes.IsSound && (bytes.IsAtEnd || key[0] == KeyTag.Number) ? value : throw Damage();
    }

    // Each level of nesting takes a byte of the key at least, so the depth is bounded by its length.
    private static Value Read(byte tag, ref ByteReader bytes)
    {
        switch (tag)
        {
            case KeyTag.Null: return default;
            case KeyTag.Bool: return bytes.ReadByte() is var bit and <= 1 ? bit == 1 : throw Damage();
            case KeyTag.Number: return NumberKey.Read(ref bytes);
            case KeyTag.Text: return ToText(ReadTerminated(ref bytes));
            case KeyTag.DateTime:
                var ticks = (long)BinaryPrimitives.ReverseEndianness(bytes.ReadUInt64());
                return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw Damage();
            case KeyTag.Guid: return bytes.Take(16) is { Length: 16 } guid ? new Guid(guid, bigEndian: true) : throw Damage();
            case KeyTag.Bytes: return Value.OwnBytes(ReadTerminated(ref bytes));
            case KeyTag.Vector: return ReadNestedVector(ref bytes);
            case KeyTag.List: return ReadList(ref bytes);
            case KeyTag.Map: return ReadMap(ref bytes);
            default: throw Damage();
        }
    }

    private static Value ReadList(ref ByteReader bytes)
    {
        var items = new List<Value>();
        for (var tag = bytes.ReadByte(); tag != KeyTag.End; tag = bytes.ReadByte()) items.Add(Read(tag, ref bytes));
        return bytes.IsSound ? Value.OwnList([.. items]) : throw Damage();
    }

    private static Value ReadMap(ref ByteReader bytes)
    {
        var map = new ValueMapBuilder();
        while (bytes.ReadByte() != KeyTag.End)
        {
            var name = DecodeText(ReadTerminated(ref bytes));
            map.Set(name, Read(bytes.ReadByte(), ref bytes));
        }

        return bytes.IsSound ? map.Build() : throw Damage();
    }

    private static Value ReadVector(ReadOnlySpan<byte> content)
    {
        if (content.Length % sizeof(uint) != 0) throw Damage();
        var components = new float[content.Length / sizeof(uint)];
        for (var i = 0; i < components.Length; i++) components[i] = FromOrdered(BinaryPrimitives.ReadUInt32BigEndian(content[(i * sizeof(uint))..]));
        return Value.OwnVector(components);
    }

    private static Value ReadNestedVector(ref ByteReader bytes)
    {
        var components = new List<float>();
        while (bytes.ReadByte() != KeyTag.End) components.Add(FromOrdered(BinaryPrimitives.ReverseEndianness(bytes.ReadUInt32())));
        return bytes.IsSound ? Value.OwnVector([.. components]) : throw Damage();
    }

    private static float FromOrdered(uint ordered) => BitConverter.Int32BitsToSingle(ordered >> 31 == 0 ? (int)~ordered : (int)ordered ^ int.MinValue);

    private static byte[] ReadTerminated(ref ByteReader bytes)
    {
        var read = new List<byte>();
        while (bytes.IsSound)
        {
            var b = bytes.ReadByte();
            if (b != 0)
            {
                read.Add(b);
                continue;
            }

            switch (bytes.ReadByte())
            {
                case KeyTag.End when bytes.IsSound: return [.. read];
                case byte.MaxValue: read.Add(0); break;
                default: throw Damage();
            }
        }

        throw Damage();
    }

    private static Value ToText(ReadOnlySpan<byte> bytes) => Value.OwnText(DecodeText(bytes));

    private static string DecodeText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Damage();
        }
    }

    private static InvalidDataException Damage() => new("A key of the scalar index is malformed.");
}

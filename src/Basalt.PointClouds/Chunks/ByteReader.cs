using System.Text;

namespace Basalt.PointClouds.Chunks;

/// <summary>Reads what <see cref="ByteWriter"/> wrote, safe on any bytes: what does not fit is an <see cref="InvalidDataException"/>.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte ReadByte() => Take(1)[0];

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining) throw CutShort();
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public ulong ReadVarint()
    {
        var length = Varint.Read(_bytes[Position..], out var value);
        if (length == 0) throw CutShort();
        Position += length;
        return value;
    }

    /// <summary>A number that may not be more than a limit, so that nothing large is made for one that cannot be.</summary>
    public int ReadCount(int most)
    {
        var count = ReadVarint();
        return count <= (ulong)most ? (int)count : throw new InvalidDataException($"a count is {count}, and at most {most} can be");
    }

    public string ReadText()
    {
        try
        {
            return Utf8.GetString(Take(ReadVarint()));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("a text is not UTF-8", e);
        }
    }

    public readonly void RequireEnd()
    {
        if (Remaining > 0) throw new InvalidDataException("something follows it");
    }

    internal static InvalidDataException CutShort() => new("it is cut short");
}

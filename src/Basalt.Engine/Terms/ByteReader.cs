namespace Basalt.Engine.Terms;

/// <summary>Reads numbers from bytes that need not be what they should.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte ReadByte()
    {
        if (_rest.IsEmpty) throw Ended();
        var b = _rest[0];
        _rest = _rest[1..];
        return b;
    }

    public ReadOnlySpan<byte> Read(int count)
    {
        if (count > _rest.Length) throw Ended();
        var read = _rest[..count];
        _rest = _rest[count..];
        return read;
    }

    /// <summary>A number of up to 31 bits.</summary>
    public int ReadCount()
    {
        var value = ReadVarint();
        return value <= int.MaxValue ? (int)value : throw new InvalidDataException($"A full-text index says {value} where a number below 2^31 must be.");
    }

    public ulong ReadVarint()
    {
        var rest = _rest;
        if (rest.Length > 0 && rest[0] < 0x80)
        {
            _rest = rest[1..];
            return rest[0];
        }

        ulong value = 0;
        for (var i = 0; i < rest.Length && i < 9; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            _rest = rest[(i + 1)..];
            return value;
        }

        throw Ended();
    }

    private static InvalidDataException Ended() => new("A full-text index ends in the middle of a number or a term.");
}

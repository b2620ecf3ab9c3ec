using System.Buffers.Binary;

namespace Basalt.Lsm.IO;

/// <summary>
/// Reads what <see cref="ByteBuffer"/> wrote. It never reads past the end: what does not fit clears <see cref="IsSound"/> and reads as zero
/// or nothing, so that a decoder asks once.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public bool IsSound { get; private set; } = true;

    public readonly bool IsAtEnd => Position == _bytes.Length;

    public readonly int Remaining => _bytes.Length - Position;

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining)
        {
            IsSound = false;
            Position = _bytes.Length;
            return default;
        }

        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public byte ReadByte() => Take(1) is [var value] ? value : (byte)0;

    public uint ReadUInt32() => Take(4) is { Length: 4 } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) : 0;

    public ulong ReadUInt64() => Take(8) is { Length: 8 } taken ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position == _bytes.Length) break;
            var b = _bytes[Position++];
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        IsSound = false;
        Position = _bytes.Length;
        return 0;
    }

    public ReadOnlySpan<byte> ReadText() => Take(ReadVarint());
}

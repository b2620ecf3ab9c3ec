using System.Buffers.Binary;

namespace Basalt.Lsm.IO;

/// <summary>Bytes being put together: fixed numbers in little-endian order, variable ones in groups of seven bits, lowest first.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes;

    public ByteBuffer(int capacity = 256) => _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for so many more bytes, counted as written.</summary>
    public Span<byte> Take(int count)
    {
        var needed = checked(Length + count);
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        Length = needed;
        return _bytes.AsSpan(needed - count, count);
    }

    /// <summary>Forgets everything behind the first bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Bytes that were written, to be written once more.</summary>
    public Span<byte> At(int offset, int count) => _bytes.AsSpan(offset, count);

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Add(byte value) => Take(1)[0] = value;

    public void AddUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void AddUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void AddVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Add((byte)(value | 0x80));
        Add((byte)value);
    }

    /// <summary>A length and the bytes.</summary>
    public void AddText(ReadOnlySpan<byte> bytes)
    {
        AddVarint((uint)bytes.Length);
        Add(bytes);
    }
}

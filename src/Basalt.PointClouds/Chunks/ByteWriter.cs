using System.Text;

namespace Basalt.PointClouds.Chunks;

/// <summary>Bytes being put together; numbers of variable length in groups of seven bits, lowest first.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for so many more bytes, counted as written.</summary>
    public Span<byte> Take(int count)
    {
        var needed = checked(Length + count);
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        var taken = _bytes.AsSpan(Length, count);
        Length = needed;
        return taken;
    }

    /// <summary>Gives back the end of what was taken.</summary>
    public void GiveBack(int count) => Length -= count;

    public void Add(byte value) => Take(1)[0] = value;

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void AddVarint(ulong value)
    {
        var room = Take(Varint.MostBytes);
        GiveBack(Varint.MostBytes - Varint.Write(room, value));
    }

    public void AddText(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        AddVarint((uint)length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }
}

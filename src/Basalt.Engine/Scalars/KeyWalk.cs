using Basalt.Lsm.IO;

namespace Basalt.Engine.Scalars;

/// <summary>Reads the keys of a block in order.</summary>
/// <param name="keys">As <see cref="BlockBuilder"/> wrote them.</param>
/// <param name="buffer">Where the current key is put together: <see cref="KeyWriter.CutBytes"/>.</param>
internal ref struct KeyWalk(ReadOnlySpan<byte> keys, Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private ByteReader _reader = new(keys);
    private int _length;

    /// <summary>Valid until the next is read.</summary>
    public readonly ReadOnlySpan<byte> Key => _buffer[.._length];

    public readonly bool IsAtEnd => _reader.IsAtEnd;

    /// <exception cref="InvalidDataException">There is no key, or one that is too long.</exception>
    public void Read()
    {
        var lengths = _reader.ReadByte();
        ulong shared = (uint)lengths >> 4, rest = (uint)lengths & 15;
        if (shared == 15) shared += _reader.ReadVarint();
        if (rest == 15) rest += _reader.ReadVarint();
        var bytes = _reader.Take(rest);
        if (!_reader.IsSound || shared > (uint)_length || shared + rest is 0 or > KeyWriter.CutBytes) throw new InvalidDataException("A key does not fit its block of the scalar index.");
        bytes.CopyTo(_buffer[(int)shared..]);
        _length = (int)(shared + rest);
    }
}

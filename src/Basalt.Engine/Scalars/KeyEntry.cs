using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Basalt.Engine.Scalars;

/// <summary>A key and an ordinal that has it, as they are sorted: 24 bytes, with what is behind the ninth byte of the key elsewhere, at an address that does not move.</summary>
[SuppressMessage("Design", "MA0096", Justification = "It is compared by the sort alone.")]
[SuppressMessage("Design", "MA0097", Justification = "It is compared by the sort alone.")]
internal readonly unsafe struct KeyEntry(byte tag, ulong head, byte* tail, int length, int ordinal) : IComparable<KeyEntry>
{
    private const int HeadBytes = sizeof(ulong);
    private readonly ulong _head = head;
    private readonly byte* _tail = tail;
    private readonly ushort _length = (ushort)length;
    private readonly byte _tag = tag;

    public int Ordinal { get; } = ordinal;

    /// <summary>The key's length.</summary>
    public int Length => 1 + _length;

    public int CompareTo(KeyEntry other)
    {
        if (_tag != other._tag) return _tag.CompareTo(other._tag);
        if (_head != other._head) return _head.CompareTo(other._head);
        // The head of a shorter key is filled up with zeros, so equal heads leave it to the lengths which is the prefix.
        var order = _length <= HeadBytes || other._length <= HeadBytes ? _length.CompareTo(other._length) : Tail.SequenceCompareTo(other.Tail);
        return order != 0 ? order : Ordinal.CompareTo(other.Ordinal);
    }

    public bool HasKeyOf(in KeyEntry other) => _head == other._head && _length == other._length && _tag == other._tag && (_length <= HeadBytes || Tail.SequenceEqual(other.Tail));

    /// <summary>Writes the key; returns its length.</summary>
    public int CopyKey(Span<byte> to)
    {
        Span<byte> first = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt64BigEndian(first, _head);
        to[0] = _tag;
        first[..Math.Min((int)_length, HeadBytes)].CopyTo(to[1..]);
        if (_length > HeadBytes) Tail.CopyTo(to[(1 + HeadBytes)..]);
        return Length;
    }

    private ReadOnlySpan<byte> Tail => new(_tail, _length - HeadBytes);
}

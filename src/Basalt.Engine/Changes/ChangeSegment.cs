using System.Buffers.Binary;
using Basalt.Lsm;

namespace Basalt.Engine.Changes;

/// <summary>A stretch of changes: a tree of its own, so that giving it up costs nothing. Times are milliseconds since 1970.</summary>
/// <param name="First">The position of its first change.</param>
/// <param name="Tree">Its changes by position, 8 bytes big-endian.</param>
/// <param name="Bytes">What they take.</param>
/// <param name="Begun">When the first was written.</param>
/// <param name="Written">When the last was.</param>
internal sealed record ChangeSegment(long First, LsmTree Tree, long Bytes, long Begun, long Written)
{
    private const int EncodedBytes = 3 * sizeof(long);

    public static string TreeOf(long first) => $"changes-{first:x16}";

    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Begun);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Written);
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public static ChangeSegment Read(LsmStore store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored)
    {
        if (key.Length != 1 + sizeof(long) || stored.Length != EncodedBytes) throw new InvalidDataException("what the catalogue says of kept changes cannot be read");
        var first = BinaryPrimitives.ReadInt64BigEndian(key[1..]);
        return new ChangeSegment(first, store.Tree(TreeOf(first)), BinaryPrimitives.ReadInt64LittleEndian(stored), BinaryPrimitives.ReadInt64LittleEndian(stored[8..]), BinaryPrimitives.ReadInt64LittleEndian(stored[16..]));
    }

    public static byte[] Key(long position)
    {
        var key = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(key, position);
        return key;
    }

    /// <exception cref="InvalidDataException">The key is none.</exception>
    public static long PositionOf(ReadOnlySpan<byte> key) =>
        key.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(key) : throw new InvalidDataException("the position of a change does not have 8 bytes");
}

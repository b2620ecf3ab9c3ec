using System.Buffers.Binary;
using System.Text;

namespace Basalt.Engine.Collections;

/// <summary>
/// The keys of the tree that says what there is. Normative: docs/formats/record.md.
/// <code>
/// 'c' name            the collection of that name: JSON of its number, schema and indexes
/// 'n' u32 u16         a name of the fields of a collection, by their numbers, big-endian; the value is the name in UTF-8
/// 'r' u32             the RecordTally of the collection of that number
/// 'v'                 the last version given to a record: i64, little-endian
/// 'l'                 the last number given to a collection or index: i64, little-endian
/// 'f'                 how long changes are kept, when they are: bytes and milliseconds, i64 each, little-endian, 0 without a bound
/// 'p'                 the last position that was given to a change: i64, little-endian
/// 's' u64             a ChangeSegment, by its first position, big-endian
/// </code>
/// </summary>
internal static class CatalogueKey
{
    public const string Tree = "catalogue";

    public static ReadOnlySpan<byte> LastVersion => "v"u8;

    public static ReadOnlySpan<byte> LastNumber => "l"u8;

    public static ReadOnlySpan<byte> Retention => "f"u8;

    public static ReadOnlySpan<byte> LastChange => "p"u8;

    public static byte[] Segments => "s"u8.ToArray();

    public static byte[] Segment(long first)
    {
        var key = new byte[1 + sizeof(long)];
        key[0] = (byte)'s';
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(1), first);
        return key;
    }

    public static byte[] Collection(string name) => [(byte)'c', .. Encoding.UTF8.GetBytes(name)];

    public static byte[] Records(uint collection) => Numbered('r', collection, 5);

    public static byte[] Names(uint collection) => Numbered('n', collection, 5);

    public static byte[] Name(uint collection, int number)
    {
        var key = Numbered('n', collection, 7);
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(5), checked((ushort)number));
        return key;
    }

    private static byte[] Numbered(char kind, uint number, int length)
    {
        var key = new byte[length];
        key[0] = (byte)kind;
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(1), number);
        return key;
    }
}

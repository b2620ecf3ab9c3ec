using System.Buffers.Binary;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// A graph section of several graphs, docs/formats/vectors.md: a header, the graphs, each at a multiple of 64, and where each of them lies. They are of as many rows each, in the order of rows, the last of the rest.
/// <code>
/// 0  4  magic "BVGS"          8  4  graphs, 2 or more
/// 4  2  format version       12  4  rows of each but the last, a multiple of 64
/// 6  2  zeros                16 48  zeros
/// </code>
/// </summary>
/// <param name="Graphs">How many.</param>
/// <param name="RowsOfEach">Rows of each but the last.</param>
internal readonly record struct GraphsFormat(int Graphs, int RowsOfEach)
{
    public const int HeaderBytes = 64;
    public const ushort Version = 1;

    /// <summary>Of a place: where the graph begins in the section, and its length.</summary>
    public const int PlaceBytes = 2 * sizeof(long);
    private const uint Magic = 0x53475642;
    private const int ZerosFrom = 16;

    /// <summary>Whether a section begins like one of several graphs.</summary>
    public static bool IsOfSeveral(ReadOnlySpan<byte> section) => section.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(section) == Magic;

    public void Write(Span<byte> header)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Graphs);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], RowsOfEach);
    }

    public static void WritePlace(Span<byte> place, long at, long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(place, at);
        BinaryPrimitives.WriteInt64LittleEndian(place[sizeof(long)..], length);
    }

    /// <param name="section">All of it.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <exception cref="InvalidDataException">Damaged, of a newer version, or of another number of rows.</exception>
    public static unsafe (GraphsFormat Format, (long At, long Length)[] Places) Read(byte* section, long length, int rows)
    {
        if (length < HeaderBytes) throw Damaged("it is cut short");
        var header = new ReadOnlySpan<byte>(section, HeaderBytes);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version > Version) throw new InvalidDataException($"The graphs have format version {version}; this program knows versions up to {Version}.");
        if (version == 0) throw Damaged("it has format version 0");
        var format = new GraphsFormat(BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        if (format.Graphs < 2 || format.RowsOfEach <= 0 || format.RowsOfEach % 64 != 0 || ((long)rows + format.RowsOfEach - 1) / format.RowsOfEach != format.Graphs)
            throw Damaged($"it has {format.Graphs} graphs of {format.RowsOfEach} rows each, and there are {rows} rows");
        if (header[6..8].ContainsAnyExcept((byte)0) || header[ZerosFrom..].ContainsAnyExcept((byte)0)) throw Damaged("what should be zero is not");
        var directory = length - (long)format.Graphs * PlaceBytes;
        var places = new (long At, long Length)[format.Graphs];
        var at = (long)HeaderBytes;
        for (var i = 0; i < places.Length; i++)
        {
            var place = directory < HeaderBytes ? default : new ReadOnlySpan<byte>(section + directory + (long)i * PlaceBytes, PlaceBytes);
            if (place.IsEmpty) throw Damaged("it is cut short");
            places[i] = (BinaryPrimitives.ReadInt64LittleEndian(place), BinaryPrimitives.ReadInt64LittleEndian(place[sizeof(long)..]));
            if (places[i].At != at || places[i].Length <= 0 || places[i].Length > directory - at) throw Damaged($"graph {i} begins at {places[i].At} and has {places[i].Length} bytes");
            at = Aligned(at + places[i].Length);
        }

        return at == directory ? (format, places) : throw Damaged($"its graphs end at {at}, and it says where they lie at {directory}");
    }

    public static long Aligned(long at) => (at + VectorRows.Alignment - 1) / VectorRows.Alignment * VectorRows.Alignment;

    private static InvalidDataException Damaged(string why) => new($"The graph section is damaged: {why}.");
}

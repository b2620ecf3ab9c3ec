using System.Buffers.Binary;
using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The header of a rows section, docs/formats/vectors.md. Where the other parts begin follows from its numbers, and it says so itself; a reader takes it
/// only when both agree.
/// <code>
///  0  4  magic "BVRS"              20  4  entries of the table
///  4  2  format version            24  8  where the map begins; 0: every entry has a vector
///  6  1  metric                    32  8  where the rows begin
///  7  1  element type              40  8  length of the section
///  8  4  dimension                 48 16  zeros
/// 12  4  stride of a row
/// 16  4  rows
/// </code>
/// </summary>
internal sealed record RowsFormat
{
    public const int HeaderBytes = 64;
    public const ushort Version = 1;
    private const uint Magic = 0x53525642;
    private const int ZerosFrom = 48;

    public required Metric Metric { get; init; }
    public required ElementType ElementType { get; init; }
    public required int Dimension { get; init; }

    /// <summary>Entries that have a vector.</summary>
    public required int Rows { get; init; }

    /// <summary>Entries of the table.</summary>
    public required int Entries { get; init; }

    public int Stride => VectorRows.StrideOf(ElementType, Dimension);

    /// <summary>Whether rows and entries have the same numbers.</summary>
    public bool IsIdentity => Rows == Entries;

    /// <summary>Words of the map: a bit an entry.</summary>
    public int MapWords => IsIdentity ? 0 : (int)((Entries + 63L) / 64);

    public long MapAt => IsIdentity ? 0 : HeaderBytes;

    public long RowsAt => Aligned(HeaderBytes + (long)MapWords * sizeof(ulong));

    public long Length => RowsAt + (long)Rows * Stride;

    public void Write(Span<byte> header)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        (header[6], header[7]) = ((byte)Metric, (byte)ElementType);
        ReadOnlySpan<int> numbers = [Dimension, Stride, Rows, Entries];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(header[(8 + sizeof(int) * i)..], numbers[i]);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], MapAt);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], RowsAt);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], Length);
    }

    /// <param name="header">The first bytes of the section, <see cref="HeaderBytes"/> of them when it has so many.</param>
    /// <param name="length">How long the section is.</param>
    /// <exception cref="InvalidDataException">It is no rows section, a damaged one, or of a newer version.</exception>
    public static RowsFormat Read(ReadOnlySpan<byte> header, long length)
    {
        if (header.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic) throw new InvalidDataException("The bytes are no section of vector rows.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version > Version) throw new InvalidDataException($"The vector rows have format version {version}; this program knows versions up to {Version}.");
        if (version == 0) throw Damaged("it has format version 0");
        var (metric, type, dimension) = ((Metric)header[6], (ElementType)header[7], Number(header, 8));
        if (dimension is < 1 or > VectorRows.MaxDimension) throw Damaged($"it has {dimension} dimensions");
        if (!Enum.IsDefined(metric) || !Enum.IsDefined(type) || !VectorRules.IsSupported(metric, type)) throw Damaged($"there is no {metric} distance of {type} vectors");
        var format = new RowsFormat { Metric = metric, ElementType = type, Dimension = dimension, Rows = Number(header, 16), Entries = Number(header, 20) };
        if (format.Rows < 0 || format.Entries < format.Rows) throw Damaged($"it has {format.Rows} rows of {format.Entries} entries");
        if (Number(header, 12) != format.Stride) throw Damaged($"its rows are {Number(header, 12)} bytes apart, and should be {format.Stride}");
        var (map, rows, end) = (Place(header, 24), Place(header, 32), Place(header, 40));
        if ((map, rows, end) != (format.MapAt, format.RowsAt, format.Length)) throw Damaged($"its parts begin at {map} and {rows} and end at {end}, and should at {format.MapAt}, {format.RowsAt} and {format.Length}");
        if (length != format.Length) throw Damaged($"the section has {length} bytes and should have {format.Length}");
        return header[ZerosFrom..HeaderBytes].ContainsAnyExcept((byte)0) ? throw Damaged("its last bytes are not zero") : format;
    }

    public static long Aligned(long at) => (at + VectorRows.Alignment - 1) / VectorRows.Alignment * VectorRows.Alignment;

    private static int Number(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt32LittleEndian(header[at..]);

    private static long Place(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt64LittleEndian(header[at..]);

    private static InvalidDataException Damaged(string why) => new($"The header of the vector rows is damaged: {why}.");
}

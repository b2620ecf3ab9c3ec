using System.Buffers.Binary;
using System.Numerics;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// The layout of docs/formats/hnsw.md: a header of 128 bytes, then sections that each begin at a multiple of 64, as they are walked in memory. Their places follow
/// from the header, so opening looks at nothing else, and whatever lies in them leads a search to wrong answers at worst, never outside of them.
/// </summary>
internal sealed unsafe record HnswFormat
{
    public const int HeaderSize = 128;
    public const uint Version = 2;
    private const ulong Magic = 0x0A534E48544C5342;

    public required Metric Metric { get; init; }
    public required ElementType ElementType { get; init; }
    public required HnswCodes Codes { get; init; }
    public required int Dimension { get; init; }
    public required int M { get; init; }
    public required int EfConstruction { get; init; }
    public required int Ef { get; init; }
    public required ulong Seed { get; init; }
    public required double RepairAt { get; init; }
    public required int Nodes { get; init; }
    public required int Ordinals { get; init; }
    public required int Removed { get; init; }
    public required int UpperLists { get; init; }
    public required uint EntryNode { get; init; }
    public required int EntryLevel { get; init; }
    public required uint Root { get; init; }
    public required bool HasSketches { get; init; }
    public required ulong SketchSeed { get; init; }

    public ElementType RowType => Codes == HnswCodes.Int8 ? ElementType.Int8 : ElementType;

    /// <summary>Bytes of the quantiser, whose range is global.</summary>
    public int QuantiserLength => Codes == HnswCodes.Int8 ? 8 + Dimension * sizeof(float) + sizeof(float) : 0;

    public int Stride => VectorRows.StrideOf(RowType, Dimension);

    /// <summary>Where the sections begin, in the order of the document, and where the last one ends.</summary>
    public Sections Places
    {
        get
        {
            long at = HeaderSize;
            return new Sections(Next((long)Nodes * Stride), Next(Nodes * 8L * M), Next(UpperLists * 4L * M), Next(Nodes * 4L), Next(Nodes * 4L), Next(Ordinals * 4L), Next(QuantiserLength),
                Next(HasSketches ? Dimension * 4L : 0), Next(HasSketches ? (long)Ordinals * BitSketch.StrideOf(Dimension) : 0), at);

            long Next(long length)
            {
                var start = at;
                at += (length + VectorRows.Alignment - 1) / VectorRows.Alignment * VectorRows.Alignment;
                return start;
            }
        }
    }

    public void Write(Span<byte> header)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        ReadOnlySpan<uint> numbers =
        [
            (uint)Metric, (uint)ElementType, (uint)Codes, (uint)Dimension, (uint)M, (uint)EfConstruction, (uint)Ef, (uint)Nodes, (uint)Ordinals, (uint)Removed, (uint)UpperLists,
            EntryNode, (uint)EntryLevel, Root,
        ];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(header[(16 + 4 * i)..], numbers[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], Seed);
        BinaryPrimitives.WriteDoubleLittleEndian(header[80..], RepairAt);
        header[88] = HasSketches ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(header[96..], SketchSeed);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Checksum(header));
    }

    /// <exception cref="InvalidDataException">The bytes are no index, or a damaged one.</exception>
    public static HnswFormat Read(ReadOnlySpan<byte> header, long length)
    {
        if (header.Length < HeaderSize || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic) throw new InvalidDataException("The bytes are no HNSW index.");
        var version = U(header, 8);
        if (version > Version) throw new InvalidDataException($"The HNSW index has format version {version}; this program knows versions up to {Version}.");
        if (version == 0 || U(header, 12) != Checksum(header)) throw new InvalidDataException("The header of the HNSW index is damaged: its checksum does not fit.");
        var format = new HnswFormat
        {
            Metric = (Metric)U(header, 16), ElementType = (ElementType)U(header, 20), Codes = (HnswCodes)U(header, 24), Dimension = N(header, 28), M = N(header, 32),
            EfConstruction = N(header, 36), Ef = N(header, 40), Nodes = N(header, 44), Ordinals = N(header, 48), Removed = N(header, 52), UpperLists = N(header, 56),
            EntryNode = U(header, 60), EntryLevel = N(header, 64), Root = U(header, 68), Seed = BinaryPrimitives.ReadUInt64LittleEndian(header[72..]),
            RepairAt = BinaryPrimitives.ReadDoubleLittleEndian(header[80..]),
            // Version 1 has zeros there.
            HasSketches = header[88] switch { 0 => false, 1 => true, var other => throw Damaged($"there are no sketches of kind {other}") }, SketchSeed = BinaryPrimitives.ReadUInt64LittleEndian(header[96..]),
        };
        format.ThrowIfDamaged(length);
        return format;
    }

    private static uint U(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);

    private static int N(ReadOnlySpan<byte> header, int at) => U(header, at) is <= int.MaxValue and var number ? (int)number : throw Damaged("a number is too large");

    private void ThrowIfDamaged(long length)
    {
        if (Dimension is < 1 or > VectorRows.MaxDimension) throw Damaged($"it has {Dimension} dimensions");
        if (!Enum.IsDefined(Metric) || !Enum.IsDefined(ElementType) || !VectorRules.IsSupported(Metric, ElementType)) throw Damaged($"there is no {Metric} distance of {ElementType} vectors");
        if (!Enum.IsDefined(Codes) || (Codes != HnswCodes.None && !NodeCodec.CanCode(Metric, ElementType))) throw Damaged($"there are no {Codes} codes for {Metric} over {ElementType} vectors");
        if (HasSketches && !BitSketch.Fits(Metric, ElementType, Dimension)) throw Damaged($"there are no sketches for {Metric} over {Dimension} x {ElementType}");
        if (M is < 2 or > HnswOptions.MostM || EfConstruction is < 1 or > HnswOptions.MostEf || Ef is < 1 or > HnswOptions.MostEf || !(RepairAt is >= 0 and <= 1)) throw Damaged("an option is out of its range");
        if (Removed > Nodes || EntryLevel > HnswGraph.MaxLevel) throw Damaged("its counts contradict each other");
        if (Nodes > 0 && (EntryNode >= (uint)Nodes || Root >= (uint)Nodes)) throw Damaged("its entry is no node");
        if (Places.End != length) throw Damaged($"it has {length} bytes and should have {Places.End}");
    }

    private static InvalidDataException Damaged(string why) => new($"The header of the HNSW index is damaged: {why}.");

    /// <summary>CRC-32C of the header but for the four bytes of the checksum.</summary>
    private static uint Checksum(ReadOnlySpan<byte> header)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < HeaderSize; i++)
            if (i is < 12 or >= 16) crc = BitOperations.Crc32C(crc, header[i]);
        return ~crc;
    }

    /// <summary>Offsets from the first byte of the header.</summary>
    public readonly record struct Sections(long Rows, long Level0, long Upper, long Levels, long NodeOrdinals, long OrdinalNodes, long Quantiser, long Mean, long Sketches, long End);
}

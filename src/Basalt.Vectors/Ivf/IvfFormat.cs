using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>
/// The header of a written inverted file, and where its sections lie. Numbers are little-endian. Normative: docs/formats/ivfpq.md.
/// </summary>
internal readonly record struct IvfFormat
{
    /// <summary>"BSLTIVF" and a line feed.</summary>
    public const ulong Magic = 0x0A465649544C5342;

    public const int Version = 1;

    public const int HeaderBytes = 128;

    public const int DirectoryBytes = 24;

    private const int Alignment = VectorRows.Alignment;

    public Metric Metric { get; init; }

    public IvfCode Code { get; init; }

    public ElementType ElementType { get; init; }

    public RotationKind Rotation { get; init; }

    public int Dimension { get; init; }

    public int Lists { get; init; }

    /// <summary>Of product codes; 0 of 1-bit codes.</summary>
    public int Subspaces { get; init; }

    public int Probes { get; init; }

    public int Rescore { get; init; }

    /// <summary>One more than the greatest ordinal.</summary>
    public int Total { get; init; }

    public ulong RotationSeed { get; init; }

    /// <summary>All bytes.</summary>
    public long Length { get; init; }

    /// <summary>Floats of a vector in the frame.</summary>
    public int Size => Code == IvfCode.Bit ? BitQuantiser.SizeOf(Dimension) : (Dimension + Subspaces - 1) / Subspaces * Subspaces;

    public ListShape Shape => Code == IvfCode.Bit ? new ListShape(Size / 4, 4, 3) : new ListShape(Subspaces, (int)Code, 1);

    public const long MeanAt = HeaderBytes;

    public long MatrixAt => Next(MeanAt, Dimension * 4L);

    public long MatrixFloats => Rotation == RotationKind.Principal ? (long)Size * Dimension : 0;

    public long CentresAt => Next(MatrixAt, MatrixFloats * 4);

    public long CentreFloats => (long)Lists * Size;

    public long BooksAt => Next(CentresAt, CentreFloats * 4);

    public long BookFloats => Code == IvfCode.Bit ? 0 : (long)Size << (int)Code;

    public long DirectoryAt => Next(BooksAt, BookFloats * 4);

    public long RemovedAt => Next(DirectoryAt, (long)Lists * DirectoryBytes);

    public long RemovedWords => (Total + 63L) / 64;

    public long ListsAt => Next(RemovedAt, RemovedWords * 8);

    /// <summary>The next place at a multiple of 64.</summary>
    public static long Next(long at, long bytes) => (at + bytes + Alignment - 1) / Alignment * Alignment;

    public void Write(Span<byte> header)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        ReadOnlySpan<int> numbers = [(int)Metric, (int)ElementType, (int)Code, (int)Rotation, Dimension, Lists, Subspaces, Probes, Rescore, Total];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(header[(16 + 4 * i)..], numbers[i]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[56..], RotationSeed);
        BinaryPrimitives.WriteInt64LittleEndian(header[64..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Checksum(header));
    }

    /// <summary>Reads a header and checks all that the places of sections follow from.</summary>
    /// <exception cref="InvalidDataException">It is not an inverted file of a known version, or its numbers cannot be.</exception>
    public static IvfFormat Read(ReadOnlySpan<byte> bytes, long length)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic) throw new InvalidDataException("This is not a written inverted file: its first bytes are others.");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version > Version) throw new InvalidDataException($"The inverted file has format version {version}; this program knows versions up to {Version}.");
        if (version == 0 || BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != Checksum(bytes)) throw new InvalidDataException("The header of the inverted file is damaged: its checksum does not fit.");
        Span<int> numbers = stackalloc int[10];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(16 + 4 * i)..]);
        var format = new IvfFormat
        {
            Metric = (Metric)numbers[0],
            ElementType = (ElementType)numbers[1],
            Code = (IvfCode)numbers[2],
            Rotation = (RotationKind)numbers[3],
            Dimension = numbers[4],
            Lists = numbers[5],
            Subspaces = numbers[6],
            Probes = numbers[7],
            Rescore = numbers[8],
            Total = numbers[9],
            RotationSeed = BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]),
            Length = BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
        };
        var options = format.Options;
        if (!Enum.IsDefined(format.Rotation) || format.ElementType is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16)) throw new InvalidDataException($"The inverted file has rotation {numbers[3]} and element type {numbers[1]}, of which one is unknown.");
        if (options.Fault(format.Dimension) is { } fault) throw new InvalidDataException($"The header of the inverted file cannot be: {fault}");
        if (format.Total < 0) throw new InvalidDataException($"The inverted file says that it has {format.Total} vectors.");
        if (bytes[72..HeaderBytes].ContainsAnyExcept((byte)0)) throw new InvalidDataException("The header of the inverted file has something where zeros belong.");
        if (format.Length != length || format.ListsAt > length) throw new InvalidDataException($"The inverted file has {length} bytes, its header speaks of {format.Length}, and its lists begin at {format.ListsAt}.");
        return format;
    }

    public IvfPqOptions Options => new() { Metric = Metric, Lists = Lists, Code = Code, Subspaces = Subspaces, Rotation = Rotation, Probes = Probes, Rescore = Rescore, KeepVectors = false };

    /// <summary>What training gave.</summary>
    /// <exception cref="InvalidDataException">A number is NaN or infinite.</exception>
    public IvfModel Model(ReadOnlySpan<byte> bytes)
    {
        var mean = Floats(bytes, MeanAt, Dimension).ToArray();
        var rotation = Rotation switch
        {
            RotationKind.Principal => Quantisation.Rotation.Turn(mean, Size, Floats(bytes, MatrixAt, MatrixFloats)),
            RotationKind.Spread => Quantisation.Rotation.Spread(mean, Size, RotationSeed),
            _ => Quantisation.Rotation.Move(mean, Size),
        };
        Panels? centres = null;
        try
        {
            var floats = Floats(bytes, CentresAt, CentreFloats);
            centres = new Panels(Lists, Size);
            for (var i = 0; i < Lists; i++) centres.SetNearest(i, floats.Slice(i * Size, Size));
            var code = Code == IvfCode.Bit ? (IRowCode)new BitQuantiser(Size) : ProductQuantiser.Of(Dimension, Subspaces, (int)Code, Floats(bytes, BooksAt, BookFloats));
            return new IvfModel(Metric, Code, rotation, centres, code);
        }
        catch
        {
            rotation.Dispose();
            centres?.Dispose();
            throw;
        }
    }

    /// <summary>CRC-32C of the header but for the four bytes of the checksum.</summary>
    public static uint Checksum(ReadOnlySpan<byte> header)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < HeaderBytes; i++)
            if (i is < 12 or >= 16) crc = BitOperations.Crc32C(crc, header[i]);
        return ~crc;
    }

    private static ReadOnlySpan<float> Floats(ReadOnlySpan<byte> bytes, long at, long count)
    {
        var floats = MemoryMarshal.Cast<byte, float>(bytes.Slice((int)at, checked((int)(count * 4))));
        foreach (var x in floats)
            if (!float.IsFinite(x)) throw new InvalidDataException($"The inverted file has {x} among its trained numbers.");
        return floats;
    }
}

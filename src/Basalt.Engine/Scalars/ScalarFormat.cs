using System.Buffers.Binary;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Where the parts of a section lie. Header: magic, version, zeros. Then blocks, the list of entries that have a value, the index of blocks, and the footer, which says where. Numbers are little-endian.
/// Normative: docs/formats/scalar.md.
/// </summary>
internal readonly record struct ScalarFormat
{
    public const ushort Version = 1;

    public const int HeaderBytes = 8;

    /// <summary>An entry of the index: the first 8 bytes of the block's first key as a number, where the block begins (8), how long its keys are (4), how many entries are before it (4).</summary>
    public const int IndexBytes = 24;

    public const int FooterBytes = 32;

    /// <summary>How many keys a block has; the last one may have fewer.</summary>
    public const int BlockKeys = 64;

    /// <summary>The greatest number of entries of a table: ordinals are below it.</summary>
    public const int MaxEntries = int.MaxValue - 64;

    private static ReadOnlySpan<byte> Magic => "BSSC"u8;

    /// <summary>Where the list of entries with a value begins, and the last block ends.</summary>
    public long ValuedAt { get; init; }

    /// <summary>Where the index begins, and that list ends.</summary>
    public long IndexAt { get; init; }

    public int Entries { get; init; }

    /// <summary>How many entries have a value.</summary>
    public int NonNull { get; init; }

    /// <summary>How many keys there are.</summary>
    public int Distinct { get; init; }

    /// <summary>How many keys were cut.</summary>
    public int Cut { get; init; }

    public int Blocks => (int)(((long)Distinct + BlockKeys - 1) / BlockKeys);

    public static byte[] Header()
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Version);
        return header;
    }

    public byte[] Footer()
    {
        var footer = new byte[FooterBytes];
        BinaryPrimitives.WriteInt64LittleEndian(footer, ValuedAt);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(8), IndexAt);
        BinaryPrimitives.WriteInt32LittleEndian(footer.AsSpan(16), Entries);
        BinaryPrimitives.WriteInt32LittleEndian(footer.AsSpan(20), NonNull);
        BinaryPrimitives.WriteInt32LittleEndian(footer.AsSpan(24), Distinct);
        BinaryPrimitives.WriteInt32LittleEndian(footer.AsSpan(28), Cut);
        return footer;
    }

    /// <summary>Reads header and footer of a section of that length, and checks all that the places of its parts follow from.</summary>
    /// <exception cref="InvalidDataException">It is not a scalar index of a known version, or its numbers cannot be.</exception>
    public static ScalarFormat Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> footer, long length)
    {
        if (!header.StartsWith(Magic)) throw new InvalidDataException("This is not a scalar index: its first bytes are others.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version > Version) throw new InvalidDataException($"The scalar index has format version {version}; this program knows versions up to {Version}.");
        if (version == 0 || BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) != 0) throw new InvalidDataException("The header of the scalar index is damaged.");
        var format = new ScalarFormat
        {
            ValuedAt = BinaryPrimitives.ReadInt64LittleEndian(footer),
            IndexAt = BinaryPrimitives.ReadInt64LittleEndian(footer[8..]),
            Entries = BinaryPrimitives.ReadInt32LittleEndian(footer[16..]),
            NonNull = BinaryPrimitives.ReadInt32LittleEndian(footer[20..]),
            Distinct = BinaryPrimitives.ReadInt32LittleEndian(footer[24..]),
            Cut = BinaryPrimitives.ReadInt32LittleEndian(footer[28..]),
        };
        if (format.Entries is < 0 or > MaxEntries || format.NonNull < 0 || format.NonNull > format.Entries || format.Distinct < 0 || format.Distinct > format.NonNull
            || (format.Distinct == 0 && format.NonNull > 0) || format.Cut < 0 || format.Cut > format.Distinct)
            throw new InvalidDataException($"The scalar index speaks of {format.Distinct} values, {format.Cut} of them cut, in {format.NonNull} of {format.Entries} entries, which cannot be.");
        if (format.ValuedAt < HeaderBytes || format.IndexAt < format.ValuedAt || format.IndexAt != length - FooterBytes - (long)format.Blocks * IndexBytes)
            throw new InvalidDataException($"The parts of the scalar index do not fit its {length} bytes.");
        return format;
    }
}

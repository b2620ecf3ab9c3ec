using System.Buffers.Binary;

namespace Basalt.Engine.Terms;

/// <summary>The frame of a section: docs/formats/terms.md. A header of 8 bytes, what it frames, and a trailer that says where everything lies, so that it can be written front to back.</summary>
internal readonly record struct TextFormat(long Dictionary, long Index, long Lengths, int Terms, int Entries, int Documents, int LengthWidth, long TotalLength)
{
    public const ushort Version = 1;
    public const int HeaderBytes = 8;
    public const int TrailerBytes = 48;

    /// <summary>Terms that share a block of the dictionary, whose first is written in full.</summary>
    public const int BlockTerms = 32;

    /// <summary>Postings that are decoded together, and skipped together.</summary>
    public const int BlockPostings = 128;

    /// <summary>Per block of postings: its last ordinal (4), where its postings end (8) and where its positions end (8).</summary>
    public const int SkipBytes = 20;

    public static ReadOnlySpan<byte> Magic => "BSTX"u8;

    /// <summary>How many blocks so many terms make.</summary>
    public int Blocks => (int)((Terms + BlockTerms - 1L) / BlockTerms);

    public static void WriteHeader(Span<byte> header)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], TextAnalysis.Version);
    }

    public void WriteTrailer(Span<byte> trailer)
    {
        BinaryPrimitives.WriteInt64LittleEndian(trailer, Dictionary);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], Index);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[16..], Lengths);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[24..], Terms);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[28..], Entries);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[32..], Documents);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[36..], LengthWidth);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[40..], TotalLength);
    }

    /// <summary>Reads and checks the frame.</summary>
    /// <exception cref="InvalidDataException">No section of this kind, a newer one, or one whose parts do not fit together.</exception>
    public static TextFormat Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> trailer, long length)
    {
        if (!header.StartsWith(Magic)) throw new InvalidDataException("This is no full-text index: it does not begin with BSTX.");
        var (version, analysis) = (BinaryPrimitives.ReadUInt16LittleEndian(header[4..]), BinaryPrimitives.ReadUInt16LittleEndian(header[6..]));
        if (version != Version) throw new InvalidDataException($"The full-text index has format version {version}; this program knows {Version}.");
        if (analysis != TextAnalysis.Version) throw new InvalidDataException($"The full-text index was made by version {analysis} of the analysis of text; this program knows {TextAnalysis.Version}. Build the index anew.");
        var format = new TextFormat(
            BinaryPrimitives.ReadInt64LittleEndian(trailer),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(trailer[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(trailer[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(trailer[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(trailer[36..]),
            BinaryPrimitives.ReadInt64LittleEndian(trailer[40..]));
        format.Check(length - TrailerBytes);
        return format;
    }

    private void Check(long end)
    {
        if (Terms < 0 || Entries < 0 || Documents < 0 || Documents > Entries || TotalLength < Documents || LengthWidth is not (1 or 2 or 4))
            throw new InvalidDataException($"The full-text index says that it has {Terms} terms, {Documents} documents in {Entries} entries, {TotalLength} words and lengths of {LengthWidth} bytes, which cannot be.");
        if (Dictionary < HeaderBytes || Index < Dictionary || Lengths < Index || Lengths > end)
            throw new InvalidDataException($"The parts of the full-text index overlap: dictionary at {Dictionary}, index at {Index}, lengths at {Lengths}, end at {end}.");
        if (Lengths - Index != (long)Blocks * sizeof(long) || end - Lengths != (long)Entries * LengthWidth)
            throw new InvalidDataException($"The full-text index has {Lengths - Index} bytes for the places of {Blocks} blocks, and {end - Lengths} for {Entries} lengths of {LengthWidth}.");
    }
}

using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

// Writing the index, and searching it where it lies.
public sealed unsafe partial class HnswIndex
{
    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public long WrittenLength
    {
        get
        {
            lock (_change) return FormatOf(_nodes).Places.End;
        }
    }

    /// <summary>
    /// Writes the index in the layout of docs/formats/hnsw.md, which <see cref="Open"/> takes when it lies at a multiple of 64 bytes. Full vectors are not
    /// written where nodes have codes. Nothing can be added meanwhile.
    /// </summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        lock (_change)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var nodes = _nodes;
            var format = FormatOf(nodes);
            var header = (Span<byte>)stackalloc byte[HnswFormat.HeaderSize];
            format.Write(header);
            stream.Write(header);
            WriteSection(stream, nodes.Rows.Start, nodes.Rows.Bytes);
            WriteSection(stream, nodes.Graph.Level0, nodes.Graph.Count * 8L * format.M);
            WriteSection(stream, nodes.Graph.Upper, format.UpperLists * 4L * format.M);
            WriteSection(stream, nodes.Graph.Places, format.Nodes * 4L);
            WriteSection(stream, (byte*)nodes.Ordinals, format.Nodes * 4L);
            WriteSection(stream, nodes.NodesByOrdinal, format.Ordinals * 4L);
            if (_codec.Quantiser?.ToBytes() is { } quantiser) fixed (byte* bytes = quantiser) WriteSection(stream, bytes, quantiser.Length);
            if (_sketches is null) return;
            fixed (float* mean = _sketches.Model.Mean) WriteSection(stream, (byte*)mean, Dimension * sizeof(float));
            WriteSection(stream, _sketches.Start, (long)format.Ordinals * _sketches.Model.Stride);
        }
    }

    /// <summary>
    /// Opens an index where it lies, such as a mapped file: at once, and read only. The memory must stay valid and unchanged as long as the index is used, and so
    /// must the vectors. Only the header is looked at; damage elsewhere can make answers wrong but cannot make a search leave the memory.
    /// </summary>
    /// <param name="start">The first byte; a multiple of 64.</param>
    /// <param name="length">How many bytes, exactly.</param>
    /// <param name="vectors">The full vectors by ordinal, where nodes have codes; else not used.</param>
    /// <param name="ef">Candidates that a search keeps unless it says so itself; 0 takes what the index was written with.</param>
    /// <exception cref="InvalidDataException">The bytes are no index, a damaged one, or one of a newer format.</exception>
    /// <exception cref="ArgumentException">The start is not aligned, or the vectors are not those of the index.</exception>
    public static HnswIndex Open(byte* start, long length, VectorRows vectors = default, int ef = 0)
    {
        ArgumentNullException.ThrowIfNull(start);
        if ((nuint)start % VectorRows.Alignment != 0) throw new ArgumentException($"An index starts at a multiple of {VectorRows.Alignment} bytes.", nameof(start));
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("An index is searched where it lies, and its numbers are little-endian.");
        var format = HnswFormat.Read(new ReadOnlySpan<byte>(start, (int)Math.Clamp(length, 0, HnswFormat.HeaderSize)), length);
        var places = format.Places;
        var hasCodes = format.Codes != HnswCodes.None;
        if (!hasCodes) vectors = new VectorRows(null, 0, format.Dimension, format.ElementType);
        else if (vectors.Dimension != format.Dimension || vectors.ElementType != format.ElementType || vectors.Count < format.Ordinals)
            throw new ArgumentException($"The index needs the full vectors of its codes: {format.Ordinals} rows of {format.Dimension} x {format.ElementType}, not {vectors.Count} of {vectors.Dimension} x {vectors.ElementType}.", nameof(vectors));
        var options = new HnswOptions
        {
            M = format.M, EfConstruction = format.EfConstruction, Ef = ef > 0 ? ef : format.Ef, Codes = format.Codes, Seed = format.Seed, RepairAt = format.RepairAt,
            Sketches = format.HasSketches,
        };
        var graph = new HnswGraph(format.M, format.Nodes, format.UpperLists, (format.EntryNode, format.EntryLevel), format.Root, start + places.Level0, start + places.Upper, start + places.Levels);
        var rows = new VectorRows(start + places.Rows, format.Nodes, format.Dimension, format.RowType);
        var nodes = new NodeSet(graph, rows, start + places.NodeOrdinals, start + places.OrdinalNodes, format.Ordinals, format.Removed);
        var quantiser = hasCodes ? ScalarQuantiser.FromBytes(new ReadOnlySpan<byte>(start + places.Quantiser, format.QuantiserLength)) : null;
        if (quantiser is not null && (quantiser.Metric != format.Metric || quantiser.Dimension != format.Dimension || quantiser.Range != QuantiserRange.Global))
            throw new InvalidDataException($"The codes of the HNSW index are {quantiser.Dimension} dimensions for {quantiser.Metric}, and its vectors {format.Dimension} for {format.Metric}.");
        var codec = new NodeCodec(format.Metric, format.ElementType, format.Dimension, quantiser);
        return new HnswIndex(format.Metric, vectors, options, codec, nodes)
        {
            _sketches = format.HasSketches
                ? new SketchRows(BitSketch.Restore(format.Metric, new ReadOnlySpan<float>(start + places.Mean, format.Dimension).ToArray(), format.SketchSeed), start + places.Sketches)
                : null,
        };
    }

    /// <summary>
    /// Looks at all links and numbers: whether they name what there is, whether what is not removed can be reached, and whether ordinals and nodes agree.
    /// </summary>
    /// <exception cref="InvalidDataException">They do not; the message says where.</exception>
    public void Verify()
    {
        using var nodes = Use();
        NodeVerification.Verify(nodes);
    }

    private HnswFormat FormatOf(NodeSet nodes)
    {
        var (entry, level) = nodes.Graph.Entry;
        return new HnswFormat
        {
            Metric = Metric, ElementType = ElementType, Codes = _codec.HasCodes ? HnswCodes.Int8 : HnswCodes.None, Dimension = Dimension, M = Options.M, EfConstruction = Options.EfConstruction, Ef = Options.Ef, Seed = Options.Seed,
            RepairAt = Options.RepairAt, Nodes = nodes.Graph.Count, Ordinals = nodes.OrdinalCount, Removed = nodes.Removed, UpperLists = nodes.Graph.Blocks, EntryNode = entry, EntryLevel = level,
            Root = nodes.Graph.Root, HasSketches = _sketches is not null, SketchSeed = _sketches?.Model.Seed ?? 0,
        };
    }

    private static void WriteSection(Stream stream, byte* start, long length)
    {
        const int most = 1 << 20;
        for (var at = 0L; at < length; at += most) stream.Write(new ReadOnlySpan<byte>(start + at, (int)Math.Min(most, length - at)));
        var gap = (int)(-length & (VectorRows.Alignment - 1));
        ReadOnlySpan<byte> zeros = stackalloc byte[VectorRows.Alignment];
        stream.Write(zeros[..gap]);
    }
}

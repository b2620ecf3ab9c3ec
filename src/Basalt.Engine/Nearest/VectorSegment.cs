using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The vectors of a table where they lie: rows that can be compared one by one, and a graph over them once it is built. Opening looks at the headers and at the map
/// of rows, a bit an entry; damage elsewhere makes wrong answers or an <see cref="InvalidDataException"/>, and never leads out of the memory. Open it once a table, not once a
/// search. Any number of threads may search; the memory stays valid and unchanged as long as it is used.
/// </summary>
internal sealed unsafe class VectorSegment : IDisposable
{
    private readonly RowMap _map;

    private VectorSegment(FlatIndex flat, SegmentGraph? graph, RowMap map) => (Flat, Graph, _map) = (flat, graph, map);

    /// <summary>The exact index over the rows.</summary>
    public FlatIndex Flat { get; }

    /// <summary>The graph; null while there is none.</summary>
    public SegmentGraph? Graph { get; }

    public Metric Metric => Flat.Metric;

    public int Dimension => Flat.Dimension;

    public ElementType ElementType => Flat.ElementType;

    /// <summary>The vectors, by row.</summary>
    public VectorRows Rows => Flat.Rows;

    /// <summary>How many vectors.</summary>
    public int Count => _map.Rows;

    /// <summary>Entries of the table, with and without a vector.</summary>
    public int Entries => _map.Entries;

    /// <summary>Opens a segment.</summary>
    /// <param name="rows">The rows section; its address is a multiple of 64.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="graph">The graph section, with the same alignment; null while there is none.</param>
    /// <param name="graphLength">Its bytes; 0 when none was worth building, and the segment stays flat.</param>
    /// <param name="ef">Candidates that a search of the graph keeps unless it says so itself; 0 takes what the graph was written with.</param>
    /// <exception cref="InvalidDataException">The bytes are not such sections, damaged, of a newer version, or the graph is not one of these rows.</exception>
    /// <exception cref="ArgumentException">A section is not aligned.</exception>
    public static VectorSegment Open(byte* rows, long length, byte* graph = null, long graphLength = 0, int ef = 0)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if ((nuint)rows % VectorRows.Alignment != 0) throw new ArgumentException($"A section of rows starts at a multiple of {VectorRows.Alignment} bytes.", nameof(rows));
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Rows are searched where they lie, and their numbers are little-endian.");
        var format = RowsFormat.Read(new ReadOnlySpan<byte>(rows, (int)Math.Clamp(length, 0, RowsFormat.HeaderBytes)), length);
        var map = format.IsIdentity ? new RowMap(format.Entries) : new RowMap((ulong*)(rows + format.MapAt), format.Entries, format.Rows);
        var view = new VectorRows(rows + format.RowsAt, format.Rows, format.Dimension, format.ElementType);
        return new VectorSegment(new FlatIndex(format.Metric, view), graph is null || graphLength == 0 ? null : SegmentGraph.Open(graph, graphLength, view, format.Metric, ef), map);
    }

    /// <summary>The entry that a row belongs to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int ToOrdinal(int row) => _map.ToOrdinal(row);

    /// <summary>The row of an entry; -1 when it has none.</summary>
    public int ToRow(int ordinal) => _map.ToRow(ordinal);

    /// <summary>The rows of entries that are allowed (null: all) and not dead (null: none); null when those are all.</summary>
    public OrdinalSet? Restrict(OrdinalSet? allowed, OrdinalSet? dead) => _map.Restrict(allowed, dead);

    /// <summary>The elements of an entry's vector as they are stored; of length one under the cosine.</summary>
    /// <returns>False when it has none.</returns>
    /// <exception cref="ArgumentException">The room has not the length of a vector.</exception>
    public bool TryRead(int ordinal, Span<float> vector)
    {
        var row = ToRow(ordinal);
        if (row >= 0) Flat.Read(row, vector);
        return row >= 0;
    }

    /// <summary>Forgets the memory, which somebody else owns.</summary>
    public void Dispose()
    {
        Graph?.Dispose();
        Flat.Dispose();
    }
}

using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Builds the graph section of a segment, docs/formats/vectors.md, from rows that lie there already. With codes the rows are not copied: it holds a code (a byte an element) and the
/// links (8 M + 12 bytes) of each row in native memory, twice while nodes are put in order; without, a copy of the rows and one of codes. What that takes comes from the account of memory; where there is not
/// enough, several graphs are built one after the other, each over as many rows as there is memory for.
/// </summary>
internal static class GraphBuilder
{
    /// <summary>Below this a graph is worth little, so memory for so many rows is taken in any case.</summary>
    public const int LeastRows = 16_384;

    /// <summary>Builds take no more of an account: writers and readers go on meanwhile.</summary>
    private const int MostShareNumerator = 1;
    private const int MostShareDenominator = 2;

    /// <summary>Builds and writes the graph, if one is worth it by <see cref="GraphChoice"/>. The same rows, options, seed and number of graphs write the same bytes, on any number of threads.</summary>
    /// <param name="segment">The rows; a graph that it has is not looked at.</param>
    /// <param name="options">What to build.</param>
    /// <param name="section">Where it goes. It stays empty when the segment stays flat, which <see cref="VectorSegment.Open"/> takes as just that.</param>
    /// <param name="memory">The account; null: nobody counts, and one graph is built.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What was chosen, and why.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static GraphChoice Write(VectorSegment segment, GraphOptions options, SectionWriter section, MemoryBudget? memory = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(section);
        var choice = GraphChoice.For(options, segment.Metric, segment.ElementType, segment.Dimension, segment.Count);
        if (choice.Graph is null) return choice;
        if (memory is null)
        {
            WriteOne(segment.Rows, segment.Metric, choice.Graph, section, cancellationToken);
            return choice;
        }

        var rowsOfEach = Take(memory, BytesOfRow(choice.Graph, segment.ElementType, segment.Dimension), segment.Count, out var taken);
        try
        {
            if (rowsOfEach == segment.Count) WriteOne(segment.Rows, segment.Metric, choice.Graph, section, cancellationToken);
            else WriteSeveral(segment, rowsOfEach, choice.Graph, section, cancellationToken);
            return choice;
        }
        finally
        {
            memory.Return(MemoryUse.Builds, taken);
        }
    }

    /// <summary>What a row takes while a graph is built, at the most: what it is compared and walked by, its sketch, links, places and numbers twice, and the order of nodes.</summary>
    public static long BytesOfRow(HnswOptions options, ElementType elementType, int dimension)
    {
        const int orderBytes = 32;
        var code = VectorRows.StrideOf(ElementType.Int8, dimension);
        var walked = options.Codes == HnswCodes.Int8 ? 2 * code : VectorRows.StrideOf(elementType, dimension) + (elementType == ElementType.Float32 ? code : 0);
        var sketch = options.Sketches ? BitSketch.StrideOf(dimension) : 0;
        // One node in M has a list of M links above level 0, one in M of these another, and so on.
        var links = 8 * options.M + 4 * options.M / (options.M - 1) + 12;
        return walked + sketch + 2L * links + orderBytes;
    }

    /// <summary>Takes memory for a graph over all rows, or over as many as there is memory for: parts of about the same size.</summary>
    private static int Take(MemoryBudget memory, long bytesOfRow, int rows, out long taken)
    {
        var most = memory.Limit / MostShareDenominator * MostShareNumerator;
        for (var graphs = (int)Math.Max(1, (rows * bytesOfRow + most - 1) / most); ; graphs++)
        {
            var rowsOfEach = graphs == 1 ? rows : (int)GraphsFormat.Aligned((rows + graphs - 1) / graphs);
            taken = rowsOfEach * bytesOfRow;
            if (memory.TryTake(MemoryUse.Builds, taken)) return rowsOfEach;
            if (rowsOfEach > LeastRows) continue;
            memory.Take(MemoryUse.Builds, taken);
            return rowsOfEach;
        }
    }

    private static long WriteOne(VectorRows rows, Metric metric, HnswOptions options, SectionWriter section, CancellationToken cancellationToken)
    {
        using var index = HnswIndex.Build(rows, metric, options, cancellationToken);
        using var stream = new SectionStream(section, cancellationToken);
        var before = section.Length;
        index.Write(stream);
        return section.Length - before;
    }

    /// <summary>Builds and writes several graphs, each over so many rows, the last over the rest.</summary>
    /// <param name="segment">The rows, more than <paramref name="rowsOfEach"/>.</param>
    /// <param name="rowsOfEach">A multiple of 64.</param>
    /// <param name="options">How to build.</param>
    /// <param name="section">Where they go.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static void WriteSeveral(VectorSegment segment, int rowsOfEach, HnswOptions options, SectionWriter section, CancellationToken cancellationToken)
    {
        var format = new GraphsFormat((segment.Count + rowsOfEach - 1) / rowsOfEach, rowsOfEach);
        Span<byte> header = stackalloc byte[GraphsFormat.HeaderBytes];
        format.Write(header);
        section.Append(header);
        header.Clear();
        var places = new byte[format.Graphs * GraphsFormat.PlaceBytes];
        for (var i = 0; i < format.Graphs; i++)
        {
            var at = section.Length;
            var length = WriteOne(SegmentGraph.Part(segment.Rows, i, rowsOfEach), segment.Metric, options, section, cancellationToken);
            GraphsFormat.WritePlace(places.AsSpan(i * GraphsFormat.PlaceBytes), at, length);
            section.Append(header[..(int)(GraphsFormat.Aligned(section.Length) - section.Length)]);
        }

        section.Append(places);
    }
}

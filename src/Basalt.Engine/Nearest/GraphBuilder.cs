using Basalt.Lsm.Tables;
using Basalt.Vectors.Hnsw;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Builds the graph section of a segment, docs/formats/hnsw.md, from rows that lie there already. With codes the rows are not copied: it holds a code (a byte an element) and the
/// links (8 M + 12 bytes) of each row in native memory, twice while nodes are put in order; without, a copy of the rows instead of codes.
/// </summary>
internal static class GraphBuilder
{
    /// <summary>Builds and writes the graph, if one is worth it by <see cref="GraphChoice"/>. The same rows, options and seed write the same bytes, on any number of threads.</summary>
    /// <param name="segment">The rows; a graph that it has is not looked at.</param>
    /// <param name="options">What to build.</param>
    /// <param name="section">Where it goes. It stays empty when the segment stays flat, which <see cref="VectorSegment.Open"/> takes as just that.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What was chosen, and why.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static GraphChoice Write(VectorSegment segment, GraphOptions options, SectionWriter section, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(section);
        var choice = GraphChoice.For(options, segment.Metric, segment.ElementType, segment.Dimension, segment.Count);
        if (choice.Graph is null) return choice;
        using var index = HnswIndex.Build(segment.Rows, segment.Metric, choice.Graph, cancellationToken);
        using var stream = new SectionStream(section, cancellationToken);
        index.Write(stream);
        return choice;
    }
}

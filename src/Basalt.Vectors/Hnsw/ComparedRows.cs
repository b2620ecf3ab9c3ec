using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// What neighbours are chosen by while a graph is built at once: the rows that it will be walked by, or int8 codes of them. A build is bound by the memory that distances read,
/// and codes are a quarter of it; the graph over the full vectors is as good as long as the codes keep the order of near neighbours, which is tried before.
/// </summary>
internal sealed class ComparedRows : IDisposable
{
    // Below that the trial takes as long as what it saves.
    private const int LeastRows = 4096;

    private const int TrialQueries = 32;
    private const int TrialNeighbours = 10;

    // Sets whose codes keep this much of the order have graphs that differ in recall by no more than two seeds do.
    private const double EnoughKept = 0.85;

    private readonly VectorBuffer? _codes;

    private ComparedRows(VectorRows rows, VectorBuffer? codes, WalkerPool walkers) => (Rows, _codes, Walkers) = (rows, codes, walkers);

    /// <summary>The rows by ordinal.</summary>
    public VectorRows Rows { get; }

    /// <summary>Walkers by the kernel of the rows.</summary>
    public WalkerPool Walkers { get; }

    /// <summary>What to build a graph of the codec by.</summary>
    public static ComparedRows For(NodeCodec codec, VectorRows rows, HnswOptions options, CancellationToken cancellation)
    {
        if (codec.HasCodes) return Coded(codec, rows);
        var wanted = options.BuildCodes ?? (rows.Count >= LeastRows && NodeCodec.CanCode(codec.Metric, codec.VectorType) ? HnswCodes.Int8 : HnswCodes.None);
        if (wanted == HnswCodes.None) return new ComparedRows(rows, null, codec.Walkers());
        var quantiser = ScalarQuantiser.Train(rows, codec.Metric);
        var coded = Coded(new NodeCodec(codec.Metric, codec.VectorType, rows.Dimension, quantiser), rows);
        try
        {
            if (options.BuildCodes is not null || quantiser.Measure(rows, coded.Rows, TrialQueries, TrialNeighbours, cancellation).Recall >= EnoughKept) return coded;
        }
        catch
        {
            coded.Dispose();
            throw;
        }

        coded.Dispose();
        return new ComparedRows(rows, null, codec.Walkers());
    }

    public void Dispose() => _codes?.Dispose();

    private static ComparedRows Coded(NodeCodec codec, VectorRows rows)
    {
        var codes = codec.Encode(rows)!;
        return new ComparedRows(codes.Rows, codes, codec.Walkers());
    }
}

using Basalt.Vectors;
using Basalt.Vectors.Advice;
using Basalt.Vectors.Hnsw;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Whether a segment gets a graph, and which. Unless the kind is chosen, it gets one when its rows take more than <see cref="IndexAdvice.FlatBytes"/>: 8 MiB, such as
/// 16,384 vectors of 128 float32. Up to there comparing with all takes well under a millisecond and is exact. A segment without rows gets none in any case.
/// </summary>
/// <param name="Graph">How to build it; null when the segment stays flat.</param>
/// <param name="Reasons">Why, in sentences.</param>
internal sealed record GraphChoice(HnswOptions? Graph, IReadOnlyList<string> Reasons)
{
    /// <summary>Chooses for so many rows.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or there are no such codes for the vectors.</exception>
    public static GraphChoice For(GraphOptions options, Metric metric, ElementType elementType, int dimension, int rows)
    {
        GraphOptions.Check(options);
        VectorRules.ThrowUnlessSupported(metric, elementType, dimension);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (options.Codes is { } asked && asked != HnswCodes.None && !NodeCodec.CanCode(metric, elementType)) throw new ArgumentException($"There are no {asked} codes for {metric} over {elementType} vectors.", nameof(options));
        if (options.Kind == GraphKind.Flat) return new GraphChoice(null, ["It was chosen to compare with all rows."]);
        if (rows == 0) return new GraphChoice(null, ["There are no vectors."]);
        // Without a bound of memory the advice is flat or a graph, never an inverted file.
        var advice = IndexAdvice.For(rows, dimension, metric, elementType, long.MaxValue);
        if (advice.Index != AdvisedIndex.Hnsw && options.Kind == GraphKind.Auto) return new GraphChoice(null, advice.Reasons);
        var (m, efConstruction, ef, codes) = advice.Index == AdvisedIndex.Hnsw
            ? (advice.M, advice.EfConstruction, advice.Effort, advice.Code == AdvisedCode.Int8 && NodeCodec.CanCode(metric, elementType) ? HnswCodes.Int8 : HnswCodes.None)
            : (HnswOptions.Default.M, HnswOptions.Default.EfConstruction, HnswOptions.Default.Ef, HnswCodes.None);
        return new GraphChoice(new HnswOptions
        {
            M = options.M == 0 ? m : options.M,
            EfConstruction = options.EfConstruction == 0 ? efConstruction : options.EfConstruction,
            Ef = options.Ef == 0 ? ef : options.Ef,
            Codes = options.Codes ?? codes,
            Threads = options.Threads,
            Seed = options.Seed,
        }, options.Kind == GraphKind.Hnsw ? ["A graph was chosen."] : advice.Reasons);
    }
}

using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Flat;

public sealed unsafe partial class FlatIndex
{
    /// <summary>Queries that share a pass over the rows.</summary>
    private const int QueriesAPass = 128;

    /// <summary>Rows whose bytes stay in the second cache while all queries of a pass are compared with them.</summary>
    private const int BlockBytes = 128 << 10;

    /// <inheritdoc/>
    public SearchStatistics SearchBatch(ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, in SearchOptions options, int threads = 1)
    {
        SearchOptions.Check(options);
        var batch = new QueryBatch(this, queries, k, results, found, threads);
        if (options.Filter is not null || (_quantiser is not null && !options.Exact)) return batch.SearchEach(this, options);
        foreach (var query in Enumerable.Range(0, batch.Count))
            VectorRules.ThrowIf(VectorRules.CheckQuery(batch.Query(query), Dimension, Metric, ElementType), Dimension, Dimension, nameof(queries));
        var token = options.CancellationToken;
        return batch.Share(QueriesAPass, (first, count) => SearchPass(batch, first, count, token));
    }

    private SearchStatistics SearchPass(QueryBatch batch, int first, int count, CancellationToken cancellationToken)
    {
        var (rows, removed, k, scratch) = (Rows, Volatile.Read(ref _removed), batch.K, SearchScratch.OfThread);
        var queryStride = RowCodec.QueryStrideOf(ElementType, Dimension);
        var encoded = scratch.Query.Take((long)count * queryStride);
        for (var q = 0; q < count; q++) RowCodec.EncodeQuery(batch.Query(first + q), Metric, ElementType, encoded + (long)q * queryStride);
        var blockRows = Math.Clamp(BlockBytes / rows.Stride & ~3, 4, SearchScratch.BlockRows);
        var scores = (float*)scratch.Scores.Take((long)count * blockRows * sizeof(float));
        Span<int> held = stackalloc int[QueriesAPass];
        held.Clear();
        var screen = Metric == Metric.L2 && ElementType == ElementType.Float32 ? new Screen(Dimension, scratch, count, blockRows) : default(Screen?);
        for (var q = 0; q < count; q++) screen?.Take(q, batch.Query(first + q));
        if (k > 0)
        {
            for (var at = 0; at < rows.Count; at += blockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var size = Math.Min(blockRows, rows.Count - at);
                (screen is null ? _scorer : Screen.Scorer).ScoreMany(encoded, count, rows, at, size, scores, blockRows);
                screen?.Take(rows, at, size);
                for (var q = 0; q < count; q++)
                {
                    var nearest = new NearestHeap(batch.Results(first + q), held[q]);
                    var found = scores + (long)q * blockRows;
                    if (screen is { } screening) screening.Collect(ref nearest, q, encoded + (long)q * queryStride, found, _scorer, rows, at, size, removed);
                    else Collect(ref nearest, found, at, size, removed);
                    held[q] = nearest.Count;
                }
            }
        }

        for (var q = 0; q < count; q++)
        {
            var neighbours = batch.Results(first + q);
            batch.Found(first + q) = new NearestHeap(neighbours, held[q]).Sort();
            ToDistances(neighbours[..held[q]]);
        }

        var distances = k > 0 ? (long)rows.Count * count : 0;
        return new SearchStatistics(distances, distances, 0) { Steps = distances > 0 ? SearchSteps.Scan : SearchSteps.None };
    }

    private static void Collect(ref NearestHeap nearest, float* scores, int first, int count, ulong[] removed)
    {
        for (var i = ScoreBlock.NextWithin(scores, 0, count, nearest.Worst); i < count; i = ScoreBlock.NextWithin(scores, i + 1, count, nearest.Worst))
            if (!IsRemoved(removed, first + i)) nearest.Offer(first + i, scores[i]);
    }
}

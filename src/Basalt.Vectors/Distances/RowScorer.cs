using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Distances;

/// <summary>Scores of queries against many rows, by one kernel. One call is for hundreds of rows, so that it costs nothing to make it.</summary>
internal abstract unsafe class RowScorer
{
    /// <summary>The scorer of a metric over an element type.</summary>
    /// <exception cref="ArgumentException">There is no kernel.</exception>
    public static RowScorer For(Metric metric, ElementType elementType) => DistanceChoice.Use<Choice, RowScorer>(metric, elementType, default);

    /// <summary>One query against rows that lie one behind the other.</summary>
    public abstract void Score(byte* query, VectorRows rows, int first, int count, float* scores);

    /// <summary>One query against rows in any order; they are fetched from memory a few rows ahead.</summary>
    public abstract void ScoreListed(byte* query, VectorRows rows, int* ordinals, int count, float* scores);

    /// <summary>
    /// Queries that lie one behind the other against rows that do, four by four, which loads each element a quarter as often. The scores of a query are
    /// <paramref name="scoresPerQuery"/> apart. They may differ from those of <see cref="Score"/> in the last bits, since the sum is taken in another order.
    /// </summary>
    public abstract void ScoreMany(byte* queries, int queryCount, VectorRows rows, int first, int count, float* scores, int scoresPerQuery);

    /// <summary>Each row against itself, for kernels whose rows are queries.</summary>
    public abstract void ScoreOwn(VectorRows rows, int first, int count, float* scores);

    /// <summary>Makes the scorer of whatever kernel it is given.</summary>
    internal readonly struct Choice : IDistanceUser<RowScorer>
    {
        public RowScorer With<TDistance>() where TDistance : struct, IDistance => new RowScorer<TDistance>();
    }
}

/// <summary>The scorer of one kernel.</summary>
internal sealed unsafe class RowScorer<TDistance> : RowScorer where TDistance : struct, IDistance
{
    private const int Line = 64;
    private const int PrefetchedBytes = 4096;
    private const int MostRowsAhead = 32;

    /// <summary>Rows that stay in the innermost cache while all queries are compared with them.</summary>
    private const int InnermostBytes = 32 << 10;

    public override void Score(byte* query, VectorRows rows, int first, int count, float* scores)
    {
        var stride = rows.Stride;
        var row = rows[first];
        var i = 0;
        for (; i <= count - 4; i += 4, row += 4L * stride)
            TDistance.ScoreFour(query, row, row + stride, row + 2L * stride, row + 3L * stride, stride).Store(scores + i);
        if (i < count) ScoreRest(query, row, row + (count - i > 1 ? stride : 0), row + (count - i > 2 ? 2L * stride : 0), count - i, stride, scores + i);
    }

    public override void ScoreListed(byte* query, VectorRows rows, int* ordinals, int count, float* scores)
    {
        var stride = rows.Stride;
        var ahead = Math.Clamp(PrefetchedBytes / stride & ~3, 4, MostRowsAhead);
        for (var p = 0; p < Math.Min(ahead, count); p++) Prefetch(rows[ordinals[p]], stride);
        var i = 0;
        for (; i <= count - 4; i += 4)
        {
            for (var p = i + ahead; p < Math.Min(i + ahead + 4, count); p++) Prefetch(rows[ordinals[p]], stride);
            TDistance.ScoreFour(query, rows[ordinals[i]], rows[ordinals[i + 1]], rows[ordinals[i + 2]], rows[ordinals[i + 3]], stride).Store(scores + i);
        }

        if (i < count) ScoreRest(query, rows[ordinals[i]], rows[ordinals[Math.Min(i + 1, count - 1)]], rows[ordinals[Math.Min(i + 2, count - 1)]], count - i, stride, scores + i);
    }

    public override void ScoreMany(byte* queries, int queryCount, VectorRows rows, int first, int count, float* scores, int scoresPerQuery)
    {
        var stride = rows.Stride;
        var queryStride = TDistance.QueryStride(stride);
        var (tiledQueries, tiledRows, step) = (queryCount & ~3, count & ~3, Math.Max(4, InnermostBytes / stride & ~3));
        for (var at = 0; at < tiledRows; at += step)
        {
            var size = Math.Min(step, tiledRows - at);
            for (var q = 0; q < tiledQueries; q += 4) ScoreTiles(queries + (long)q * queryStride, rows[first + at], size, stride, scores + (long)q * scoresPerQuery + at, scoresPerQuery);
        }

        for (var q = 0; q < queryCount; q++)
        {
            var done = q < tiledQueries ? tiledRows : 0;
            if (done < count) Score(queries + (long)q * queryStride, rows, first + done, count - done, scores + (long)q * scoresPerQuery + done);
        }
    }

    public override void ScoreOwn(VectorRows rows, int first, int count, float* scores)
    {
        if (!TDistance.RowIsQuery) throw new NotSupportedException("A row of this kernel is no query.");
        for (var i = 0; i < count; i++) scores[i] = TDistance.Score(rows[first + i], rows[first + i], rows.Stride);
    }

    private static void ScoreTiles(byte* queries, byte* row, int count, int stride, float* scores, int scoresPerQuery)
    {
        var tile = stackalloc float[16];
        for (var i = 0; i < count; i += 4, row += 4L * stride, scores += 4)
        {
            TDistance.ScoreTile(queries, row, stride, tile);
            Vector128.Load(tile).Store(scores);
            Vector128.Load(tile + 4).Store(scores + scoresPerQuery);
            Vector128.Load(tile + 8).Store(scores + 2L * scoresPerQuery);
            Vector128.Load(tile + 12).Store(scores + 3L * scoresPerQuery);
        }
    }

    // The last one to three rows go through the same kernel, so that equal rows have equal scores wherever they lie.
    private static void ScoreRest(byte* query, byte* row0, byte* row1, byte* row2, int count, int stride, float* scores)
    {
        var four = TDistance.ScoreFour(query, row0, row1, row2, row0, stride);
        for (var i = 0; i < count; i++) scores[i] = Vector128.GetElement(four, i);
    }

    private static void Prefetch(byte* row, int stride)
    {
        if (!Sse.IsSupported) return;
        for (var at = 0; at < Math.Min(stride, PrefetchedBytes); at += Line) Sse.Prefetch0(row + at);
    }
}

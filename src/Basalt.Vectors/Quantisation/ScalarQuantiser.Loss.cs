using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Quantisation;

public sealed unsafe partial class ScalarQuantiser
{
    private const int RescoredShare = 4;

    /// <summary>Measures what is lost: some of the rows are compared with all of them, by code and in full. It takes a code a row while it runs.</summary>
    /// <param name="rows">At least two float32 rows; of length one under the cosine.</param>
    /// <param name="queries">How many rows, evenly spread, are the queries; at least 1.</param>
    /// <param name="k">How many nearest are asked for; at least 1. A row is never its own neighbour.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">There are fewer rows, or they are not float32 of the dimension.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public QuantiserLoss Measure(VectorRows rows, int queries = 100, int k = 10, CancellationToken cancellationToken = default)
    {
        Check(rows);
        using var codes = new VectorBuffer(ElementType.Int8, Dimension, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            Encode(new ReadOnlySpan<float>(rows[i], Dimension), new Span<sbyte>(codes.Next(), Stride));
            codes.Publish();
        }

        return Measure(rows, codes.Rows, queries, k, cancellationToken);
    }

    /// <summary>The same, with the codes of the rows at hand.</summary>
    internal QuantiserLoss Measure(VectorRows rows, VectorRows codes, int queries, int k, CancellationToken cancellationToken)
    {
        Check(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        (queries, k) = (Math.Min(queries, rows.Count), Math.Min(k, rows.Count - 1));
        var (full, byCode) = (RowScorer.For(Metric, ElementType.Float32), Use<RowScorer.Choice, RowScorer>(default));
        var (scores, codeScores, query) = (new float[rows.Count], new float[rows.Count], new AlignedBytes());
        var (sum, errors, largest, hits, rescoredHits) = (0.0, 0.0, 0.0, 0, 0);
        for (var q = 0; q < queries; q++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var own = (int)((long)q * rows.Count / queries);
            var (factor, offset) = EncodeQuery(new ReadOnlySpan<float>(rows[own], Dimension), query.Take(QueryStride));
            fixed (float* s = scores, c = codeScores)
            {
                full.Score(rows[own], rows, 0, rows.Count, s);
                byCode.Score(query.Take(QueryStride), codes, 0, rows.Count, c);
            }

            for (var i = 0; i < scores.Length; i++)
            {
                if (i == own) continue;
                var (exact, near) = (Scores.ToDistance(Metric, scores[i]), Scores.ToDistance(Metric, codeScores[i] * factor + offset));
                var error = Math.Abs((double)exact - near);
                (sum, errors, largest) = (sum + Math.Abs(exact), errors + error, Math.Max(largest, error));
            }

            var truth = Nearest(scores, own, k);
            hits += Nearest(codeScores, own, k).Intersect(truth).Count();
            rescoredHits += Nearest(codeScores, own, Math.Min(RescoredShare * k, rows.Count - 1)).Intersect(truth).Count();
        }

        var pairs = (double)queries * (rows.Count - 1);
        return new QuantiserLoss(sum / pairs, errors / pairs, largest, (double)hits / queries / k, (double)rescoredHits / queries / k);
    }

    private void Check(VectorRows rows)
    {
        if (rows.Count < 2 || rows.ElementType != ElementType.Float32 || rows.Dimension != Dimension)
            throw new ArgumentException($"Loss is measured on at least two float32 vectors of {Dimension} dimensions.", nameof(rows));
    }

    private static int[] Nearest(float[] scores, int own, int k)
    {
        var nearest = new NearestHeap(new Neighbour[k]);
        for (var i = 0; i < scores.Length; i++)
            if (i != own) nearest.Offer(i, scores[i]);
        var ordinals = new int[k];
        for (var i = 0; i < k; i++) ordinals[i] = nearest.Items[i].Ordinal;
        return ordinals;
    }
}

using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    private const int RescoredShare = 4;

    /// <summary>Measures what the codes lose: some of the vectors are compared with all of them, by code and in full, whatever their lists. It takes 8 bytes a vector while it runs.</summary>
    /// <param name="queries">How many vectors, evenly spread, are the queries; at least 1.</param>
    /// <param name="k">How many nearest are asked for; at least 1. A vector is never its own neighbour.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">The index has codes alone, or fewer than two vectors.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public QuantiserLoss MeasureLoss(int queries = 100, int k = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (_scorer is null || Count < 2) throw new InvalidOperationException("Loss is measured on at least two vectors, by their codes and in full.");
        var (rows, total) = (Vectors, Volatile.Read(ref _total));
        var (scores, codeScores, vector) = (new float[total], new float[total], new float[Dimension]);
        (queries, k) = (Math.Min(queries, total), Math.Min(k, Count - 1));
        var (sum, errors, largest, pairs, hits, rescoredHits, asked) = (0.0, 0.0, 0.0, 0L, 0, 0, 0);
        for (var q = 0; q < queries; q++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var own = (int)((long)q * total / queries);
            if (IsRemoved(own)) continue;
            RowCodec.Decode(rows[own], _elementType, vector);
            Estimate(vector, codeScores, out var query);
            fixed (float* exact = scores) _scorer.Score(query, rows, 0, total, exact);
            codeScores[own] = float.NaN;
            asked++;
            for (var i = 0; i < total; i++)
            {
                // Removed vectors have no code that counts.
                if (float.IsNaN(codeScores[i])) scores[i] = float.NaN;
                else
                {
                    var distance = (double)Scores.ToDistance(Metric, scores[i]);
                    var error = Math.Abs(distance - Scores.ToDistance(Metric, codeScores[i]));
                    (sum, errors, largest, pairs) = (sum + Math.Abs(distance), errors + error, Math.Max(largest, error), pairs + 1);
                }
            }

            var truth = NearestOf(scores, k);
            hits += NearestOf(codeScores, k).Intersect(truth).Count();
            rescoredHits += NearestOf(codeScores, Math.Min(RescoredShare * k, Count - 1)).Intersect(truth).Count();
        }

        if (asked == 0) throw new InvalidOperationException("All vectors that were to be asked about are removed: ask about more.");
        return new QuantiserLoss(sum / pairs, errors / pairs, largest, (double)hits / asked / k, (double)rescoredHits / asked / k);
    }

    /// <summary>The estimated scores by ordinal; NaN where there is no vector.</summary>
    private void Estimate(ReadOnlySpan<float> vector, Span<float> scores, out byte* query)
    {
        scores.Fill(float.NaN);
        var scratch = Begin(vector, default, out query);
        scratch.Probes.Reset(_model, (float*)scratch.Frame.Take(0), 1);
        scratch.Scan.Reset(_model, (float*)scratch.Frame.Take(0));
        for (var number = 0; number < _lists.Length; number++)
        {
            var list = Volatile.Read(ref _lists[number]);
            var (count, start) = (list.Count, scratch.Scan.BaseOf(scratch.Probes.Scores[number]));
            for (var at = 0; at < count; at++)
            {
                var block = at / CodeBlock.Rows;
                if (at % CodeBlock.Rows == 0) scratch.Scan.Sum(list, block, 1);
                var ordinal = list.Ordinals[at];
                if ((uint)ordinal < (uint)scores.Length && !IsRemoved(ordinal)) scores[ordinal] = ScoreOf(start + scratch.Scan.Estimate(0, list.Terms + (long)block * list.Shape.TermFloats, at % CodeBlock.Rows));
            }

            GC.KeepAlive(list);
        }
    }

    private static int[] NearestOf(float[] scores, int k)
    {
        var nearest = new NearestHeap(new Neighbour[k]);
        for (var i = 0; i < scores.Length; i++)
            if (!float.IsNaN(scores[i])) nearest.Offer(i, scores[i]);
        var ordinals = new int[nearest.Count];
        for (var i = 0; i < ordinals.Length; i++) ordinals[i] = nearest.Items[i].Ordinal;
        return ordinals;
    }
}

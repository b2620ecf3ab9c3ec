using System.Runtime.Intrinsics;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Flat;

/// <summary>
/// Squared differences by way of inner products, |q|^2 + |x|^2 - 2qx, which take half the arithmetic. They lose digits where vectors are long and near each other, so they
/// only say which rows cannot be among the nearest: what is within the rounding error of the worst neighbour is measured directly.
/// </summary>
internal readonly unsafe struct Screen
{
    /// <summary>The scorer of inner products, negated.</summary>
    public static readonly RowScorer Scorer = RowScorer.For(Metric.Dot, ElementType.Float32);

    private const int RestOfSum = 10;
    private const float Unit = 1f / (1 << 24);
    private readonly float* _halves;
    private readonly float* _querySquares;
    private readonly float* _largest;
    private readonly float _relativeError;

    public Screen(int dimension, SearchScratch scratch, int queries, int blockRows)
    {
        _halves = (float*)scratch.Norms.Take((blockRows + queries + 1L) * sizeof(float));
        _querySquares = _halves + blockRows;
        _largest = _querySquares + queries;
        // So many roundings lie between an element and the sum, in each of the sums that are compared.
        var lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector128<float>.Count;
        _relativeError = 2 * ((float)dimension / lanes + RestOfSum) * Unit;
    }

    /// <summary>Takes note of a query.</summary>
    public void Take(int query, ReadOnlySpan<float> vector)
    {
        var square = 0.0;
        foreach (var element in vector) square += (double)element * element;
        _querySquares[query] = (float)square;
    }

    /// <summary>Takes note of the rows of a block.</summary>
    public void Take(VectorRows rows, int first, int count)
    {
        Scorer.ScoreOwn(rows, first, count, _halves);
        *_largest = 0;
        for (var i = 0; i < count; i++)
        {
            _halves[i] *= -0.5f;
            *_largest = Math.Max(*_largest, 2 * _halves[i]);
        }
    }

    /// <summary>Offers those rows of the block that may be among the nearest, with the scores of the direct measure.</summary>
    public void Collect(ref NearestHeap nearest, int query, byte* encoded, float* products, RowScorer direct, VectorRows rows, int first, int count, ulong[] removed)
    {
        var square = _querySquares[query];
        // No sum on the way is larger than the square of both lengths together.
        var error = _relativeError * 2 * (square + *_largest);
        var limit = LimitOf(nearest.Worst);
        for (var i = ScoreBlock.NextWithin(products, _halves, 0, count, limit); i < count; i = ScoreBlock.NextWithin(products, _halves, i + 1, count, limit))
        {
            if (FlatIndex.IsRemoved(removed, first + i)) continue;
            float score;
            direct.Score(encoded, rows, first + i, 1, &score);
            nearest.Offer(first + i, score);
            limit = LimitOf(nearest.Worst);
        }

        float LimitOf(float worst) => (worst - square) / 2 + error;
    }
}

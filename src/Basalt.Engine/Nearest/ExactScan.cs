using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Compares a query with the vectors of a tail, and with the rows of a segment where only those are wanted that somebody says are alive. The scores are
/// those of a flat index to the bit, so ties are ties wherever a vector lies. One search uses it at a time, and it is kept for the next.
/// </summary>
internal sealed unsafe class ExactScan(Metric metric, ElementType elementType, int dimension)
{
    private const int BlockRows = 256;
    private const int BlockBytes = 64 << 10;
    private const int LeastRoom = 64;
    private readonly RowScorer _scorer = RowScorer.For(metric, elementType);
    private readonly AlignedBytes _query = new();
    private readonly AlignedBytes _rows = new();
    private readonly int[] _numbers = new int[BlockRows];
    private readonly float[] _scores = GC.AllocateUninitializedArray<float>(BlockRows, pinned: true);

    /// <summary>The nearest vectors of a tail, by distance, then by key.</summary>
    /// <param name="query">A sound query.</param>
    /// <param name="tail">The vectors.</param>
    /// <param name="k">How many.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <param name="count">How many vectors the tail has.</param>
    /// <exception cref="ArgumentException">A vector has another dimension.</exception>
    public Neighbour[] Nearest(ReadOnlySpan<float> query, IEnumerable<TailVector> tail, int k, CancellationToken cancellationToken, out long count)
    {
        var encoded = Encode(query);
        var (room, held) = (new Neighbour[Math.Min(k, LeastRoom)], 0);
        count = 0;
        using var vectors = tail.GetEnumerator();
        for (int size; (size = Fill(vectors)) > 0; count += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            fixed (float* scores = _scores)
            {
                Score(encoded, size, scores);
                // Room for all of the block at once, until there is room for k.
                if (room.Length < k && room.Length - held < size) Array.Resize(ref room, (int)Math.Min(k, 2L * room.Length + size));
                var nearest = new NearestHeap(room, held);
                for (var i = ScoreBlock.NextWithin(scores, 0, size, nearest.Worst); i < size; i = ScoreBlock.NextWithin(scores, i + 1, size, nearest.Worst)) nearest.Offer(_numbers[i], scores[i]);
                held = nearest.Count;
            }
        }

        return ToDistances(room.AsSpan(0, held)).ToArray();
    }

    /// <summary>The vectors of a tail within a distance, by distance, then by key.</summary>
    /// <inheritdoc cref="Nearest"/>
    public Neighbour[] Within(ReadOnlySpan<float> query, IEnumerable<TailVector> tail, float distance, CancellationToken cancellationToken, out long count)
    {
        var encoded = Encode(query);
        var (found, limit) = (new List<Neighbour>(), Scores.FromDistance(metric, distance));
        count = 0;
        using var vectors = tail.GetEnumerator();
        for (int size; (size = Fill(vectors)) > 0; count += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            fixed (float* scores = _scores)
            {
                Score(encoded, size, scores);
                for (var i = ScoreBlock.NextWithin(scores, 0, size, limit); i < size; i = ScoreBlock.NextWithin(scores, i + 1, size, limit)) found.Add(new Neighbour(_numbers[i], scores[i]));
            }
        }

        return ToDistances(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(found)).ToArray();
    }

    /// <summary>The nearest rows of a set that are alive, the nearest first. Only a row that is near enough is asked about, once.</summary>
    /// <returns>How many rows there are; fewer than there is room for only when no more are alive.</returns>
    public int NearestAlive(ReadOnlySpan<float> query, VectorRows rows, OrdinalSet set, Func<int, bool>? isAlive, Span<Neighbour> room, CancellationToken cancellationToken)
    {
        var encoded = Encode(query);
        var nearest = new NearestHeap(room);
        fixed (float* scores = _scores)
        fixed (int* numbers = _numbers)
        {
            for (var next = set.Next(0); next >= 0 && next < rows.Count;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var size = 0;
                for (; size < BlockRows && next >= 0 && next < rows.Count; next = set.Next(next + 1)) numbers[size++] = next;
                _scorer.ScoreListed(encoded, rows, numbers, size, scores);
                for (var i = ScoreBlock.NextWithin(scores, 0, size, nearest.Worst); i < size; i = ScoreBlock.NextWithin(scores, i + 1, size, nearest.Worst))
                    if (isAlive is null || isAlive(numbers[i])) nearest.Offer(numbers[i], scores[i]);
            }
        }

        return ToDistances(room[..nearest.Sort()]).Length;
    }

    private byte* Encode(ReadOnlySpan<float> query)
    {
        var encoded = _query.Take(RowCodec.QueryStrideOf(elementType, dimension));
        RowCodec.EncodeQuery(query, metric, elementType, encoded);
        return encoded;
    }

    /// <summary>Encodes the next vectors of a tail as rows.</summary>
    private int Fill(IEnumerator<TailVector> vectors)
    {
        var stride = VectorRows.StrideOf(elementType, dimension);
        var most = Math.Clamp(BlockBytes / stride, 4, BlockRows);
        var rows = _rows.Take((long)most * stride);
        var size = 0;
        for (; size < most && vectors.MoveNext(); size++)
        {
            var (key, vector) = vectors.Current;
            VectorRules.ThrowIf(vector.Length == dimension ? VectorFault.None : VectorFault.WrongDimension, vector.Length, dimension, nameof(vectors));
            RowCodec.Encode(vector.Span, metric, elementType, rows + (long)size * stride);
            _numbers[size] = key;
        }

        return size;
    }

    private void Score(byte* encoded, int size, float* scores) => _scorer.Score(encoded, new VectorRows(_rows.Take(0), size, dimension, elementType), 0, size, scores);

    // Different scores can become equal distances, so they are put in order by distances.
    private Span<Neighbour> ToDistances(Span<Neighbour> found)
    {
        foreach (ref var neighbour in found) neighbour = neighbour with { Distance = Scores.ToDistance(metric, neighbour.Distance) };
        found.Sort();
        return found;
    }
}

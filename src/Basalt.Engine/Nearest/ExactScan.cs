using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Compares a query with the vectors of a tail, and with the rows of a segment, where only those are wanted that somebody says are alive. The scores are
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

    /// <summary>The nearest vectors of a tail that count, by distance, then by key.</summary>
    /// <param name="query">A sound query.</param>
    /// <param name="tail">The vectors.</param>
    /// <param name="k">How many.</param>
    /// <param name="options">Which rows count, and the order of keys. Only a row that is near enough is asked about.</param>
    /// <param name="count">How many vectors were measured: all of the tail.</param>
    /// <exception cref="ArgumentException">A vector has another dimension.</exception>
    public Neighbour[] Nearest(ReadOnlySpan<float> query, Tail tail, int k, NearestOptions options, out long count)
    {
        var encoded = Encode(query);
        var (room, held) = (new Neighbour[Math.Min(k, LeastRoom)], 0);
        List<int>? ties = null;
        count = 0;
        using var walk = new TailWalk(this, tail);
        fixed (float* scores = _scores)
        {
            for (; walk.Score(encoded, scores); count += walk.Size)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                // Room for all of the block at once, until there is room for k.
                if (room.Length < k && room.Length - held < walk.Size) Array.Resize(ref room, (int)Math.Min(k, 2L * room.Length + walk.Size));
                var nearest = new NearestHeap(room, held);
                for (var i = ScoreBlock.NextWithin(scores, 0, walk.Size, nearest.Worst); i < walk.Size; i = ScoreBlock.NextWithin(scores, i + 1, walk.Size, nearest.Worst))
                    if (walk.Counts(i, options)) Offer(ref nearest, walk.Number(i), scores[i], ref ties);
                held = nearest.Count;
            }
        }

        if (ties is { Count: > 0 }) ChooseByKey(room.AsSpan(0, held), ties, options);
        return ToDistances(room.AsSpan(0, held), options).ToArray();
    }

    /// <summary>The vectors of a tail within a distance that count, by distance, then by key.</summary>
    /// <inheritdoc cref="Nearest"/>
    public Neighbour[] Within(ReadOnlySpan<float> query, Tail tail, float distance, NearestOptions options, out long count)
    {
        var encoded = Encode(query);
        var (found, limit) = (new List<Neighbour>(), Scores.FromDistance(metric, distance));
        count = 0;
        using var walk = new TailWalk(this, tail);
        fixed (float* scores = _scores)
        {
            for (; walk.Score(encoded, scores); count += walk.Size)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                for (var i = ScoreBlock.NextWithin(scores, 0, walk.Size, limit); i < walk.Size; i = ScoreBlock.NextWithin(scores, i + 1, walk.Size, limit))
                    if (walk.Counts(i, options)) found.Add(new Neighbour(walk.Number(i), scores[i]));
            }
        }

        return ToDistances(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(found), options).ToArray();
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

    private int Dimension => dimension;

    private ElementType ElementType => elementType;

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

    /// <summary>Offers a vector, and keeps in mind what is as far away as the worst and has no place: which of them is found is decided by keys.</summary>
    private static void Offer(ref NearestHeap nearest, int number, float score, ref List<int>? ties)
    {
        if (!nearest.IsFull)
        {
            nearest.Offer(number, score);
            return;
        }

        var worst = nearest.Items[0];
        if (score == worst.Distance)
        {
            (ties ??= []).Add(number);
            return;
        }

        nearest.Offer(number, score);
        if (nearest.Worst == worst.Distance) (ties ??= []).Add(worst.Ordinal);
        else ties?.Clear();
    }

    /// <summary>Gives the places of the worst to those of the lowest keys that are as far away.</summary>
    private static void ChooseByKey(Span<Neighbour> nearest, List<int> ties, NearestOptions options)
    {
        var worst = nearest[0].Distance;
        foreach (var neighbour in nearest)
            if (neighbour.Distance == worst) ties.Add(neighbour.Ordinal);
        ties.Sort((left, right) => CompareKeys(left, right, options));
        var next = 0;
        foreach (ref var neighbour in nearest)
            if (neighbour.Distance == worst) neighbour = neighbour with { Ordinal = ties[next++] };
    }

    private static int CompareKeys(int left, int right, NearestOptions options) => options.KeyOrder?.Invoke(new Hit(Hit.Tail, left, 0), new Hit(Hit.Tail, right, 0)) ?? left.CompareTo(right);

    // Different scores can become equal distances, so they are put in order by distances.
    private Span<Neighbour> ToDistances(Span<Neighbour> found, NearestOptions? options = null)
    {
        foreach (ref var neighbour in found) neighbour = neighbour with { Distance = Scores.ToDistance(metric, neighbour.Distance) };
        if (options?.KeyOrder is null) found.Sort();
        else found.Sort((left, right) => left.Distance != right.Distance ? left.Distance.CompareTo(right.Distance) : CompareKeys(left.Ordinal, right.Ordinal, options));
        return found;
    }

    /// <summary>Walks a tail block by block: its rows where they lie, then the others as rows of the scan.</summary>
    private sealed class TailWalk(ExactScan scan, Tail tail) : IDisposable
    {
        private readonly IEnumerator<TailVector> _late = tail.Late.GetEnumerator();
        private int _list;
        private int _next;
        private int _first;
        private int _before;
        private bool _areRows;

        /// <summary>How many vectors the block has.</summary>
        public int Size { get; private set; }

        /// <summary>Goes to the next block and measures it; false when there is none.</summary>
        public bool Score(byte* query, float* scores)
        {
            for (_areRows = true; _list < tail.Rows.Count; _before += tail.Rows[_list++].Count, _next = 0)
            {
                var rows = tail.Rows[_list];
                if (_next == rows.Count) continue;
                (_first, Size) = (_before + _next, Math.Min(BlockRows, rows.Count - _next));
                scan._scorer.Score(query, rows, _next, Size, scores);
                _next += Size;
                return true;
            }

            (_areRows, Size) = (false, scan.Fill(_late));
            if (Size > 0) scan._scorer.Score(query, new VectorRows(scan._rows.Take(0), Size, scan.Dimension, scan.ElementType), 0, Size, scores);
            return Size > 0;
        }

        public int Number(int place) => _areRows ? _first + place : scan._numbers[place];

        public bool Counts(int place, NearestOptions options) => !_areRows || options.Verify is null || options.Verify(Hit.Tail, _first + place);

        public void Dispose() => _late.Dispose();
    }
}

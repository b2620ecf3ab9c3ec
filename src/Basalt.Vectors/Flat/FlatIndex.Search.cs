using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Flat;

public sealed unsafe partial class FlatIndex
{
    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        var scratch = Begin(query, options, out var encoded);
        if (_quantiser is not null && !options.Exact && results.Length > 0) return SearchCodes(encoded, results, options, scratch, out statistics);
        var nearest = new NearestHeap(results);
        statistics = default;
        if (results.Length > 0)
        {
            var blocks = new Blocks(this, options, scratch, _scorer, Rows);
            blocks.OfferTo(ref nearest, encoded, (float*)scratch.Scores.Take(SearchScratch.BlockRows * sizeof(float)));
            statistics = blocks.Statistics;
        }

        var count = nearest.Sort();
        ToDistances(results[..count]);
        return count;
    }

    /// <inheritdoc/>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (float.IsNaN(distance)) throw new ArgumentException("The distance is NaN.", nameof(distance));
        var scratch = Begin(query, options, out var encoded);
        results.Clear();
        var (found, limit) = (scratch.Found, Scores.FromDistance(Metric, distance));
        found.Clear();
        var blocks = new Blocks(this, options, scratch, _scorer, Rows);
        var scores = (float*)scratch.Scores.Take(SearchScratch.BlockRows * sizeof(float));
        while (blocks.Next())
        {
            blocks.Score(encoded, scores);
            for (var i = ScoreBlock.NextWithin(scores, 0, blocks.Count, limit); i < blocks.Count; i = ScoreBlock.NextWithin(scores, i + 1, blocks.Count, limit))
                if (blocks.IsWanted(i)) found.Add(new Neighbour(blocks.Ordinal(i), scores[i]));
        }

        statistics = blocks.Statistics;
        found.Sort();
        foreach (var neighbour in found) results.Add(neighbour with { Distance = Scores.ToDistance(Metric, neighbour.Distance) });
    }

    private SearchScratch Begin(ReadOnlySpan<float> query, in SearchOptions options, out byte* encoded)
    {
        SearchOptions.Check(options);
        VectorRules.ThrowIf(VectorRules.CheckQuery(query, Dimension, Metric, ElementType), query.Length, Dimension, nameof(query));
        var scratch = SearchScratch.OfThread;
        encoded = scratch.Query.Take(RowCodec.QueryStrideOf(ElementType, Dimension));
        RowCodec.EncodeQuery(query, Metric, ElementType, encoded);
        return scratch;
    }

    private void ToDistances(Span<Neighbour> neighbours)
    {
        foreach (ref var neighbour in neighbours) neighbour = neighbour with { Distance = Scores.ToDistance(Metric, neighbour.Distance) };
    }

    /// <summary>
    /// The rows that may be found, a block at a time. Without a filter a block is a range, and removed rows are dropped only when they would be found; with a filter
    /// it is a list of the ordinals that pass.
    /// </summary>
    private struct Blocks
    {
        private readonly RowScorer _scorer;
        private readonly VectorRows _rows;
        private readonly ulong[] _removed;
        private readonly IOrdinalFilter? _filter;
        private readonly OrdinalSet? _set;
        private readonly int[] _ordinals;
        private readonly CancellationToken _cancellation;
        private int _first;
        private int _next;
        private long _visited;
        private long _distances;

        public Blocks(FlatIndex index, in SearchOptions options, SearchScratch scratch, RowScorer scorer, VectorRows rows)
        {
            (_scorer, _rows, _removed) = (scorer, rows, Volatile.Read(ref index._removed));
            (_filter, _set, _ordinals, _cancellation) = (options.Filter, options.Filter as OrdinalSet, scratch.Ordinals, options.CancellationToken);
        }

        public int Count { get; private set; }

        public readonly SearchStatistics Statistics => new(_visited, _distances, 0) { Steps = _visited == 0 ? SearchSteps.None : _filter is null ? SearchSteps.Scan : SearchSteps.FilteredScan };

        public bool Next()
        {
            _cancellation.ThrowIfCancellationRequested();
            _first = _next;
            Count = _filter is null ? Math.Min(SearchScratch.BlockRows, _rows.Count - _first) : _set is not null ? ListSet(_set) : ListAccepted(_filter);
            if (_filter is null)
            {
                _next += Count;
                _visited += Count;
            }

            _distances += Count;
            return Count > 0;
        }

        public void OfferTo(ref NearestHeap nearest, byte* query, float* scores)
        {
            while (Next())
            {
                Score(query, scores);
                for (var i = ScoreBlock.NextWithin(scores, 0, Count, nearest.Worst); i < Count; i = ScoreBlock.NextWithin(scores, i + 1, Count, nearest.Worst))
                    if (IsWanted(i)) nearest.Offer(Ordinal(i), scores[i]);
            }
        }

        public readonly void Score(byte* query, float* scores)
        {
            if (_filter is null)
            {
                _scorer.Score(query, _rows, _first, Count, scores);
                return;
            }

            fixed (int* ordinals = _ordinals) _scorer.ScoreListed(query, _rows, ordinals, Count, scores);
        }

        public readonly int Ordinal(int position) => _filter is null ? _first + position : _ordinals[position];

        public readonly bool IsWanted(int position) => _filter is not null || !IsRemoved(_removed, _first + position);

        private int ListSet(OrdinalSet set)
        {
            var count = 0;
            while (count < _ordinals.Length && _next < _rows.Count)
            {
                var ordinal = set.Next(_next);
                if (ordinal < 0 || ordinal >= _rows.Count)
                {
                    _next = _rows.Count;
                    break;
                }

                _next = ordinal + 1;
                _visited++;
                if (!IsRemoved(_removed, ordinal)) _ordinals[count++] = ordinal;
            }

            return count;
        }

        private int ListAccepted(IOrdinalFilter filter)
        {
            var count = 0;
            for (; count < _ordinals.Length && _next < _rows.Count; _next++)
            {
                if (IsRemoved(_removed, _next)) continue;
                _visited++;
                if (filter.Accepts(_next)) _ordinals[count++] = _next;
            }

            return count;
        }
    }
}

using System.Numerics;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    /// <summary>Candidates that are measured again for each neighbour, unless told.</summary>
    private const int RescoredPerNeighbour = 10;

    /// <summary>How many codes are scanned in the time of one full vector anywhere in memory. An estimate on the cautious side, not a measurement: it favours the lists.</summary>
    private const int CodesPerVector = 8;

    /// <inheritdoc/>
    /// <remarks>
    /// Effort is the number of lists. A search goes on past them until it has k neighbours, and a filtered one until it has as many candidates as it measures again,
    /// so it returns fewer than k only when fewer pass the filter. When the filter is an <see cref="OrdinalSet"/> of so few that all of them are measured faster than the lists are
    /// scanned, that is done, and the answer is exact. Without full vectors distances are estimates, and an exact search is refused.
    /// </remarks>
    public int Search(ReadOnlySpan<float> query, Span<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        var scratch = Begin(query, options, out var encoded);
        statistics = default;
        var nearest = new NearestHeap(results);
        if (results.Length > 0)
        {
            var probes = options.Effort > 0 ? options.Effort : _options.Probes;
            if (options.Exact || IsFaster(options.Filter as OrdinalSet, probes)) MeasureAll(encoded, ref nearest, options, out statistics);
            else
            {
                scratch.Probes.Reset(_model, (float*)scratch.Frame.Take(0), probes);
                var scan = new Scanner(this, scratch, encoded, options);
                if (_model.Kind == IvfCode.Bit && _scorer is not null && RescoreOf(options) == 0) scan.ByBound(ref nearest, probes);
                else scan.ByEstimate(ref nearest, results.Length, probes, RescoreOf(options));
                statistics = scan.Statistics;
            }
        }

        var count = nearest.Sort();
        foreach (ref var neighbour in results[..count]) neighbour = neighbour with { Distance = Scores.ToDistance(Metric, neighbour.Distance) };
        return count;
    }

    /// <inheritdoc/>
    public SearchStatistics SearchBatch(ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, in SearchOptions options, int threads = 1)
    {
        SearchOptions.Check(options);
        return new QueryBatch(this, queries, k, results, found, threads).SearchEach(this, options);
    }

    private int RescoreOf(in SearchOptions options) => options.Rescore > 0 ? options.Rescore : _options.Rescore;

    private IvfScratch Begin(ReadOnlySpan<float> query, in SearchOptions options, out byte* encoded)
    {
        SearchOptions.Check(options);
        VectorRules.ThrowIf(VectorRules.CheckQuery(query, Dimension, Metric, _elementType), query.Length, Dimension, nameof(query));
        if (options.Exact && _scorer is null) throw new ArgumentException("The index has codes alone, so nothing can be searched exactly.", nameof(options));
        var scratch = IvfScratch.OfThread;
        encoded = SearchScratch.OfThread.Query.Take(RowCodec.QueryStrideOf(_elementType, Dimension));
        RowCodec.EncodeQuery(query, Metric, _elementType, encoded);
        var frame = (float*)scratch.Frame.Take((long)((_model.Size + 15) / 16 * 16 + Rotation.ScratchFloats(Dimension)) * sizeof(float));
        _model.Rotation.Apply((float*)encoded, 1, Dimension, frame, _model.Size, frame + (_model.Size + 15) / 16 * 16);
        return scratch;
    }

    /// <summary>Whether the members of a set are measured faster than the lists are scanned.</summary>
    private bool IsFaster(OrdinalSet? set, int probes) =>
        set is not null && _scorer is not null && (long)set.Count * CodesPerVector <= (long)Math.Min(probes, Lists) * Volatile.Read(ref _total) / Lists;

    private void MeasureAll(byte* query, ref NearestHeap nearest, in SearchOptions options, out SearchStatistics statistics)
    {
        var (rows, removed, ordinals) = (Vectors, Volatile.Read(ref _removed), SearchScratch.OfThread.Ordinals);
        var total = Math.Min(Volatile.Read(ref _total), rows.Count);
        var (visited, distances, set) = (0L, 0L, options.Filter as OrdinalSet);
        for (var (next, count) = (0, 0); next < total; count = 0)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            for (; count < ordinals.Length && next < total; next++)
            {
                if (set is not null && ((next = set.Next(next)) < 0 || next >= total))
                {
                    next = total;
                    break;
                }

                if (IsRemoved(removed, next)) continue;
                visited++;
                if (set is not null || (options.Filter?.Accepts(next) ?? true)) ordinals[count++] = next;
            }

            distances += count;
            Measure(query, rows, ordinals.AsSpan(0, count), ref nearest);
        }

        statistics = new SearchStatistics(visited, distances, 0) { Steps = visited == 0 ? SearchSteps.None : options.Filter is null ? SearchSteps.Scan : SearchSteps.FilteredScan };
    }

    /// <summary>Offers rows by their full vectors.</summary>
    private void Measure(byte* query, VectorRows rows, ReadOnlySpan<int> ordinals, ref NearestHeap nearest)
    {
        var scores = Score(query, rows, ordinals);
        for (var i = ScoreBlock.NextWithin(scores, 0, ordinals.Length, nearest.Worst); i < ordinals.Length; i = ScoreBlock.NextWithin(scores, i + 1, ordinals.Length, nearest.Worst))
            nearest.Offer(ordinals[i], scores[i]);
    }

    /// <summary>The scores of rows by their full vectors, valid until the next are asked for.</summary>
    private float* Score(byte* query, VectorRows rows, ReadOnlySpan<int> ordinals)
    {
        var scores = (float*)SearchScratch.OfThread.Scores.Take((long)ordinals.Length * sizeof(float));
        fixed (int* listed = ordinals) _scorer!.ScoreListed(query, rows, listed, ordinals.Length, scores);
        return scores;
    }

    /// <summary>One search through the lists.</summary>
    private partial struct Scanner
    {
        private readonly IvfPqIndex _index;
        private readonly IvfScratch _scratch;
        private readonly ListScan _scan;
        private readonly byte* _query;
        private readonly SearchOptions _options;
        private readonly ulong[] _removed;
        private readonly int _total;
        private readonly VectorRows _rows;
        private long _visited;
        private long _rescored;

        public Scanner(IvfPqIndex index, IvfScratch scratch, byte* query, in SearchOptions options)
        {
            (_index, _scratch, _scan, _options) = (index, scratch, scratch.Scan, options);
            _query = query;
            // Ordinals that were added later are not found: their removal might not be seen.
            (_total, _removed, _rows) = (Volatile.Read(ref index._total), Volatile.Read(ref index._removed), index.Vectors);
            _scan.Reset(index._model, (float*)scratch.Frame.Take(0));
        }

        public readonly SearchStatistics Statistics => new(_visited, _visited + _rescored, _rescored) { Steps = SearchSteps.Probe };

        /// <summary>Collects the best by estimate and measures them by their full vectors.</summary>
        public void ByEstimate(ref NearestHeap nearest, int k, int probes, int rescore)
        {
            var wanted = _index._scorer is null ? k : Math.Max(k, rescore > 0 ? rescore : (int)Math.Min(int.MaxValue / 8, (long)k * RescoredPerNeighbour));
            var candidates = _scratch.Candidates;
            candidates.Reset(wanted, _total);
            var enough = _options.Filter is null ? k : wanted;
            for (var rank = 0; rank < probes || candidates.Count < enough; rank++)
            {
                var number = _scratch.Probes[rank];
                if (number < 0) break;
                Collect(number, candidates);
            }

            var kept = candidates.Cut();
            if (_index._scorer is null)
            {
                foreach (var key in kept) nearest.Offer(CandidateReservoir.NumberOf(key), _index.ScoreOf(CandidateReservoir.ScoreOf(key)));
                return;
            }

            var ordinals = (int*)_scratch.Rescored.Take((long)kept.Length * sizeof(int));
            for (var i = 0; i < kept.Length; i++) ordinals[i] = CandidateReservoir.NumberOf(kept[i]);
            _index.Measure(_query, _rows, new ReadOnlySpan<int>(ordinals, kept.Length), ref nearest);
            _rescored += kept.Length;
        }

        private void Collect(int number, CandidateReservoir candidates)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var list = Volatile.Read(ref _index._lists[number]);
            var (count, start) = (list.Count, _scan.BaseOf(_scratch.Probes.Scores[number]));
            _visited += count;
            for (var first = 0; first < count; first += ListScan.TileBlocks * CodeBlock.Rows)
            {
                var (block, blocks) = (first / CodeBlock.Rows, Math.Min(ListScan.TileBlocks, CodeBlock.Count(count - first)));
                _scan.Sum(list, block, blocks);
                for (var b = 0; b < blocks; b++)
                {
                    var terms = list.Terms + (long)(block + b) * list.Shape.TermFloats;
                    var at = (block + b) * CodeBlock.Rows;
                    for (var within = _scan.Within(b, terms, candidates.Limit - start, 0) & Present(count - at); within != 0; within &= within - 1)
                    {
                        var row = BitOperations.TrailingZeroCount(within);
                        if (IsWanted(list.Ordinals[at + row])) candidates.Offer(list.Ordinals[at + row], start + _scan.Estimate(b, terms, row));
                    }
                }
            }

            GC.KeepAlive(list);
        }

        /// <summary>Measures at once each row that its bound does not keep from being among the nearest.</summary>
        public void ByBound(ref NearestHeap nearest, int probes)
        {
            for (var rank = 0; rank < probes || !nearest.IsFull; rank++)
            {
                var number = _scratch.Probes[rank];
                if (number < 0) break;
                Bound(number, ref nearest);
            }
        }

        private void Bound(int number, ref NearestHeap nearest)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var list = Volatile.Read(ref _index._lists[number]);
            var (count, start, room) = (list.Count, _scan.BaseOf(_scratch.Probes.Scores[number]), SearchScratch.OfThread.Ordinals);
            var error = _index._model.IsDot ? MathF.Sqrt(_scan.Squared) : MathF.Sqrt(start);
            _visited += count;
            for (var first = 0; first < count; first += ListScan.TileBlocks * CodeBlock.Rows)
            {
                var (block, blocks) = (first / CodeBlock.Rows, Math.Min(ListScan.TileBlocks, CodeBlock.Count(count - first)));
                _scan.Sum(list, block, blocks);
                for (var b = 0; b < blocks; b++)
                {
                    var (at, found) = ((block + b) * CodeBlock.Rows, 0);
                    var limit = _index.EstimateOf(nearest.Worst) - start;
                    for (var within = _scan.Within(b, list.Terms + (long)(block + b) * list.Shape.TermFloats, limit, error) & Present(count - at); within != 0; within &= within - 1)
                    {
                        var ordinal = list.Ordinals[at + BitOperations.TrailingZeroCount(within)];
                        if (IsWanted(ordinal)) room[found++] = ordinal;
                    }

                    if (found == 0) continue;
                    _index.Measure(_query, _rows, room.AsSpan(0, found), ref nearest);
                    _rescored += found;
                }
            }

            GC.KeepAlive(list);
        }

        /// <summary>The rows of a block that there are.</summary>
        private static ulong Present(int rows) => rows >= CodeBlock.Rows ? ulong.MaxValue : (1UL << rows) - 1;

        // Numbers of an opened index come from a file: one past the vectors is damage, not a row.
        private readonly bool IsWanted(int ordinal) =>
            (uint)ordinal < (uint)_total && !IsRemoved(_removed, ordinal) && (_options.Filter?.Accepts(ordinal) ?? true);
    }

    /// <summary>The score of an estimate: under the cosine the estimate is of the squared distance of vectors of length one.</summary>
    private float ScoreOf(float estimate) => Metric switch
    {
        Metric.L2 => Math.Max(0, estimate),
        Metric.Cosine => estimate / 2 - 1,
        _ => estimate,
    };

    /// <summary>The estimate of a score.</summary>
    private float EstimateOf(float score) => Metric == Metric.Cosine ? 2 * (score + 1) : score;
}

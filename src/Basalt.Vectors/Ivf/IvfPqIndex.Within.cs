using System.Numerics;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Quantisation;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    /// <summary>Rounding of estimates, of the squared lengths that go into them.</summary>
    private const float Rounding = 1e-4f;

    /// <inheritdoc/>
    /// <remarks>
    /// Finds all of them: a list is left out only when its radius says that it has none, and a code only when the farthest that a row of its list lies from its code
    /// says so. With an effort only so many lists are looked at. Without full vectors estimates decide.
    /// </remarks>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (float.IsNaN(distance)) throw new ArgumentException("The distance is NaN.", nameof(distance));
        var scratch = Begin(query, options, out var encoded);
        results.Clear();
        var found = SearchScratch.OfThread.Found;
        found.Clear();
        // Without an effort nothing is missed, which is what exact means.
        var effort = options.Exact || options.Effort == 0 ? Lists : options.Effort;
        scratch.Probes.Reset(_model, (float*)scratch.Frame.Take(0), effort == Lists ? 1 : effort);
        var scan = new Scanner(this, scratch, encoded, options);
        scan.ByRange(found, Scores.FromDistance(Metric, distance), effort);
        statistics = scan.Statistics;
        found.Sort();
        foreach (var neighbour in found) results.Add(neighbour with { Distance = Scores.ToDistance(Metric, neighbour.Distance) });
    }

    private partial struct Scanner
    {
        /// <summary>Measures each row that may be near enough.</summary>
        public void ByRange(List<Neighbour> found, float limit, int effort)
        {
            for (var rank = 0; rank < Math.Min(effort, _index.Lists); rank++) Collect(effort < _index.Lists ? _scratch.Probes[rank] : rank, found, limit);
        }

        private void Collect(int number, List<Neighbour> found, float most)
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var list = Volatile.Read(ref _index._lists[number]);
            var count = list.Count;
            var start = _scan.BaseOf(_scratch.Probes.Scores[number]);
            if (count == 0 || IsBeyond(list, number, start, most)) return;
            _visited += count;
            var (limit, error) = Reach(list, number, start, most);
            for (var first = 0; first < count; first += ListScan.TileBlocks * CodeBlock.Rows)
            {
                var (block, blocks) = (first / CodeBlock.Rows, Math.Min(ListScan.TileBlocks, CodeBlock.Count(count - first)));
                _scan.Sum(list, block, blocks);
                for (var b = 0; b < blocks; b++) Take(list, block + b, b, count, limit - start, error, start, most, found);
            }

            GC.KeepAlive(list);
        }

        private void Take(InvertedList list, int block, int tileBlock, int count, float limit, float error, float start, float most, List<Neighbour> found)
        {
            var (at, maybe, room) = (block * CodeBlock.Rows, 0, SearchScratch.OfThread.Ordinals);
            var terms = list.Terms + (long)block * list.Shape.TermFloats;
            for (var within = _scan.Within(tileBlock, terms, limit, error) & Present(count - at); within != 0; within &= within - 1)
            {
                var row = BitOperations.TrailingZeroCount(within);
                var ordinal = list.Ordinals[at + row];
                if (!IsWanted(ordinal)) continue;
                if (_index._scorer is null) found.Add(new Neighbour(ordinal, _index.ScoreOf(start + _scan.Estimate(tileBlock, terms, row))));
                else room[maybe++] = ordinal;
            }

            if (maybe == 0) return;
            var scores = _index.Score(_query, _rows, room.AsSpan(0, maybe));
            for (var i = ScoreBlock.NextWithin(scores, 0, maybe, most); i < maybe; i = ScoreBlock.NextWithin(scores, i + 1, maybe, most)) found.Add(new Neighbour(room[i], scores[i]));
            _rescored += maybe;
        }

        /// <summary>Whether no row of the list can be near enough.</summary>
        private readonly bool IsBeyond(InvertedList list, int number, float start, float limit)
        {
            if (_index._scorer is null) return false;
            var reach = _index.EstimateOf(limit) + Slack(list, number);
            if (_index._model.IsDot) return start - MathF.Sqrt(_scan.Squared) * list.Radius > reach;
            return reach < 0 || MathF.Sqrt(start) - list.Radius > MathF.Sqrt(reach);
        }

        /// <summary>The largest estimate of a row that may be near enough, and how often the error of a row is taken off its estimate.</summary>
        private readonly (float Limit, float Error) Reach(InvertedList list, int number, float start, float limit)
        {
            var (reach, isDot) = (_index.EstimateOf(limit), _index._model.IsDot);
            if (_index._scorer is null) return (reach, 0);
            var slack = Slack(list, number);
            if (_index._model.Code is BitQuantiser bits)
                return (reach + slack + (list.Radius + list.Error) * _scan.CutError, bits.Certain * MathF.Sqrt(isDot ? _scan.Squared : start + slack));
            slack += _scan.CutError;
            if (isDot) return (reach + MathF.Sqrt(_scan.Squared) * list.Error + slack, 0);
            var root = MathF.Sqrt(Math.Max(0, reach + slack)) + list.Error;
            return (root * root + slack, 0);
        }

        /// <summary>What rounding may do to an estimate; under the cosine also rows whose length is not quite one.</summary>
        private readonly float Slack(InvertedList list, int number)
        {
            var centre = -2 * _index._model.Centres.Start(number);
            return Rounding * (_scan.Squared + centre + list.Radius * list.Radius + list.Error * list.Error) + (_index.Metric == Metric.Cosine ? (float)UnitTolerance : 0);
        }
    }
}

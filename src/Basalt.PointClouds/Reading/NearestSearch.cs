using Basalt.PointClouds.Chunks;

namespace Basalt.PointClouds.Reading;

/// <summary>The points nearest to a place: best first over the boxes of chunks (Hjaltason and Samet, 1999).</summary>
internal static class NearestSearch
{
    private const int ChunksAtOnce = 4;

    public static async ValueTask<NearestPoints> RunAsync(ReadPlan plan, PointQuery query, Place place, int count, CancellationToken cancellationToken)
    {
        var tasks = new List<(double Square, ChunkTask Task)>();
        await foreach (var task in plan.TasksAsync(cancellationToken).ConfigureAwait(false)) tasks.Add((place.SquareTo(task.Entry.Extent), task));
        tasks.Sort(static (a, b) => a.Square.CompareTo(b.Square));
        var nearest = new Nearest(plan, query, place, count);
        var selection = new Selection(plan.Store.Schema);
        for (var at = 0; at < tasks.Count && tasks[at].Square <= nearest.Worst;)
        {
            var group = new List<ChunkTask>();
            for (; at < tasks.Count && group.Count < ChunksAtOnce && tasks[at].Square <= nearest.Worst && (group.Count == 0 || group[0].Run == tasks[at].Task.Run); at++) group.Add(tasks[at].Task);
            await foreach (var chosen in PointReader.SelectAsync(plan, group, selection, cancellationToken).ConfigureAwait(false)) nearest.Add(chosen);
        }

        return nearest.Take();
    }

    /// <summary>The best so far. Of points that are equally far the first in Morton order is taken, then the lowest label.</summary>
    private sealed class Nearest
    {
        private readonly PointCollector _points;
        private readonly PriorityQueue<int, Rank> _worst;
        private readonly Place _place;
        private readonly ulong[] _point;
        private readonly int _count;

        public Nearest(ReadPlan plan, PointQuery query, Place place, int count)
        {
            (_points, _place, _count) = (new PointCollector(plan.Store, query), place, count);
            _point = new ulong[plan.Store.Schema.Axes.Count];
            _worst = new PriorityQueue<int, Rank>(Comparer<Rank>.Create((a, b) => Compare(b, a)));
        }

        private readonly record struct Rank(double Square, int At, ulong Label);

        /// <summary>What a point must not exceed to be taken.</summary>
        public double Worst => _worst.Count < _count ? double.PositiveInfinity : _worst.TryPeek(out _, out var rank) ? rank.Square : double.PositiveInfinity;

        public void Add(Selection chosen)
        {
            foreach (var at in chosen.Kept)
            {
                var square = _place.SquareTo(chosen.Cells, at);
                if (square > Worst) continue;
                if (_worst.Count < _count)
                {
                    var next = _points.Count;
                    _points.Set(next, chosen, at);
                    _worst.Enqueue(next, new Rank(square, next, chosen.Label));
                    continue;
                }

                _worst.TryPeek(out var place, out var worst);
                if (square == worst.Square && !ComesBefore(chosen, at, worst)) continue;
                _worst.Dequeue();
                _points.Set(place, chosen, at);
                _worst.Enqueue(place, new Rank(square, place, chosen.Label));
            }
        }

        public NearestPoints Take()
        {
            var ranks = _worst.UnorderedItems.Select(static item => item.Priority).ToArray();
            Array.Sort(ranks, Compare);
            return new NearestPoints(_points.Take(Array.ConvertAll(ranks, static rank => rank.At)), Array.ConvertAll(ranks, static rank => Math.Sqrt(rank.Square)));
        }

        private bool ComesBefore(Selection chosen, int at, Rank worst)
        {
            for (var axis = 0; axis < _point.Length; axis++) _point[axis] = chosen.Cells[axis][at];
            Span<ulong> other = stackalloc ulong[4];
            Copy(worst.At, other);
            var order = Morton.Compare(_point, other[.._point.Length]);
            return order < 0 || (order == 0 && chosen.Label < worst.Label);
        }

        private int Compare(Rank a, Rank b)
        {
            var order = a.Square.CompareTo(b.Square);
            if (order != 0 || a.At == b.At) return order;
            Span<ulong> one = stackalloc ulong[4], other = stackalloc ulong[4];
            Copy(a.At, one);
            Copy(b.At, other);
            order = Morton.Compare(one[.._point.Length], other[.._point.Length]);
            return order != 0 ? order : a.Label.CompareTo(b.Label);
        }

        private void Copy(int at, Span<ulong> point)
        {
            for (var axis = 0; axis < _point.Length; axis++) point[axis] = _points.Cells[axis][at];
        }
    }
}

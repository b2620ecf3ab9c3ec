using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Reading;

/// <summary>Fewer points that stand for all, the same whatever order they are read in.</summary>
internal static class Thinning
{
    /// <summary>The points with the lowest hashes of seed, place and attributes (bottom-k sampling: Cohen and Kaplan, 2007).</summary>
    public static async ValueTask<PointSet> SampleAsync(ReadPlan plan, PointQuery query, int count, ulong seed, CancellationToken cancellationToken)
    {
        var points = new PointCollector(plan.Store, query);
        var highest = new PriorityQueue<int, ulong>(Comparer<ulong>.Create(static (a, b) => b.CompareTo(a)));
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) Choose(chosen);
        var order = highest.UnorderedItems.OrderBy(static item => item.Priority).Select(static item => item.Element).ToArray();
        return points.Take(order);

        void Choose(Selection chosen)
        {
            foreach (var at in chosen.Kept)
            {
                var hash = Hash(chosen, at, seed, plan.Store.Schema.Attributes.Count);
                if (highest.Count < count)
                {
                    highest.Enqueue(points.Count, hash);
                    points.Set(points.Count, chosen, at);
                }
                else if (highest.TryPeek(out var place, out var limit) && hash < limit)
                {
                    highest.DequeueEnqueue(place, hash);
                    points.Set(place, chosen, at);
                }
            }
        }
    }

    public static async ValueTask<PointSet> CoarseAsync(ReadPlan plan, PointQuery query, int level, CancellationToken cancellationToken)
    {
        var points = new PointCollector(plan.Store, query);
        var lattice = plan.Store.Schema.Lattice;
        var places = new Dictionary<(long, long, long, long), int>();
        await foreach (var chosen in PointReader.SelectAsync(plan, cancellationToken).ConfigureAwait(false)) Choose(chosen);
        return points.Take();

        void Choose(Selection chosen)
        {
            foreach (var at in chosen.Kept)
            {
                var cell = (Cell(0), Cell(1), Cell(2), Cell(3));
                if (!places.TryGetValue(cell, out var place))
                {
                    places.Add(cell, points.Count);
                    points.Set(points.Count, chosen, at);
                }
                else if (IsLower(chosen, at, place))
                {
                    points.Set(place, chosen, at);
                }

                long Cell(int axis) => axis < chosen.Cells.Length ? CellOf(lattice, chosen.Cells[axis][at], level) : 0;
            }
        }

        bool IsLower(Selection chosen, int at, int place)
        {
            for (var axis = 0; axis < chosen.Cells.Length; axis++)
            {
                var (one, other) = (lattice.RankOf(chosen.Cells[axis][at]), lattice.RankOf(points.Cells[axis][place]));
                if (one != other) return one < other;
            }

            return false;
        }
    }

    private static long CellOf(Lattice lattice, ulong cell, int level)
    {
        var bits = lattice.BitsOf(cell);
        if (lattice.Type.IsInteger()) return (long)bits >> level;
        // Beyond the range of int64 all cells of a side are one: coordinates that far apart are no neighbours at any level.
        return (long)Math.Clamp(Math.Floor(Math.ScaleB(Bits.ToDouble(lattice.Type, bits), -level)), long.MinValue, long.MaxValue);
    }

    private static ulong Hash(Selection chosen, int at, ulong seed, int attributes)
    {
        var hash = seed;
        foreach (var axis in chosen.Cells) hash = Mixing.Mix(hash, axis[at]);
        for (var i = 0; i < attributes; i++) hash = Mixing.Mix(hash, chosen.Attribute(i)[at]);
        return hash;
    }
}

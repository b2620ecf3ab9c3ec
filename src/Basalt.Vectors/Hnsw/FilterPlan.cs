using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// How to search under a filter. Where much passes, the walk goes over everything, with as many candidates more as do not pass. Where less does, it goes from
/// what passes to what passes; or all that passes is measured, or compared by its sketches, when that costs less by the measured time of each.
/// </summary>
/// <param name="Way">What to begin with.</param>
/// <param name="Effort">Candidates to keep: in a walk over everything, 0 for none of it; of the sketches, those to measure.</param>
/// <param name="MostMatches">How many can pass at most.</param>
internal readonly record struct FilterPlan(FilterWay Way, int Effort, int MostMatches)
{
    // From here on a walk over everything finds more for its time.
    private const double MuchPasses = 0.25;

    // Nanoseconds, of rows of 128 float32 or int8 out of 100,000: a row of a list, a row met on a walk, both without the bytes; a byte of it; asking for a node that does not pass.
    private const double ListedRow = 6;
    private const double MetRow = 22;
    private const double Byte = 0.04;
    private const double Asked = 6;

    // Of sketches: one of a list, a byte of it, and an element of the query, which is turned first.
    private const double ListedSketch = 2;
    private const double SketchByte = 0.06;
    private const double TurnedElement = 6;

    // Among twice as many as a search keeps, sketches have all but a few percent of the nearest ten, where a walk of that effort misses as many.
    private const int SketchedPerEffort = 2;

    // A walk among what passes a narrow filter misses several times as many as the sketches at the same effort.
    private const double WorthOfSketches = 2;

    // What a filter that is only a question answers for so many ordinals stands for all.
    private const int Samples = 256;

    public static FilterPlan For(NodeSet nodes, BitSketch? sketch, int rowBytes, IOrdinalFilter? filter, int effort)
    {
        var present = nodes.Present;
        if (filter is null) return new FilterPlan(effort >= present ? FilterWay.Scan : FilterWay.Walk, effort, present);
        var most = filter is OrdinalSet set ? Math.Min(set.Count, present) : present;
        var matches = filter is OrdinalSet ? most : Sampled(nodes, filter) * present;
        if (matches < 1) return new FilterPlan(FilterWay.Scan, 0, most);
        var met = MetRow + nodes.Rows.Stride * Byte;
        // About 1.2 M rows are new at each of the nodes that a walk expands.
        var walk = Math.Min(effort, matches) * 1.2 * nodes.Graph.M * (met + Asked * (present / matches - 1));
        var isMuch = matches >= MuchPasses * present;
        if (isMuch) walk = Math.Min(present, effort * (double)present / matches) * 1.2 * nodes.Graph.M * met;
        var scan = matches * (ListedRow + nodes.Rows.Stride * Byte);
        // Never fewer than are wanted, which the effort is at least.
        var kept = (int)Math.Min(present, (long)SketchedPerEffort * effort);
        var sketches = sketch is null ? double.PositiveInfinity : TurnedElement * sketch.Words * 64 + matches * (ListedSketch + SketchByte * sketch.Stride) + Math.Min(kept, matches) * (MetRow + rowBytes * Byte);
        if (sketches < scan && sketches < WorthOfSketches * walk) return new FilterPlan(FilterWay.Sketch, kept, most);
        return new FilterPlan(scan <= walk ? FilterWay.Scan : FilterWay.Walk, isMuch ? (int)Math.Min(present, Math.Ceiling(effort * (double)present / matches)) : 0, most);
    }

    private static double Sampled(NodeSet nodes, IOrdinalFilter filter)
    {
        var (asked, accepted, all) = (0, 0, nodes.OrdinalCount);
        // Steps of the golden ratio fall everywhere and repeat no pattern.
        for (var i = 0UL; i < Samples; i++)
        {
            var ordinal = (int)((i * 0x9E3779B97F4A7C15 >> 32) * (ulong)all >> 32);
            if (!nodes.TryNode(ordinal, out _)) continue;
            asked++;
            if (filter.Accepts(ordinal)) accepted++;
        }

        return asked == 0 ? 0 : (double)accepted / asked;
    }
}

/// <summary>What a search under a filter begins with.</summary>
internal enum FilterWay
{
    /// <summary>The graph.</summary>
    Walk,

    /// <summary>All that passes is measured.</summary>
    Scan,

    /// <summary>All that passes is compared by its sketches, and the best of it measured.</summary>
    Sketch,
}

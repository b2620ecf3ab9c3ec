namespace Basalt.Vectors.Hnsw;

/// <summary>
/// How to search under a filter. Where much passes, the walk goes over everything, with as many candidates more as do not pass. Where less does, it goes from
/// what passes to what passes; or all that passes is measured, when that costs less by the measured time of each.
/// </summary>
/// <param name="Scans">Whether all that passes is measured.</param>
/// <param name="Effort">Candidates to keep in a walk over everything; 0 for a walk over what passes.</param>
/// <param name="MostMatches">How many can pass at most.</param>
internal readonly record struct FilterPlan(bool Scans, int Effort, int MostMatches)
{
    // From here on a walk over everything finds more for its time.
    private const double MuchPasses = 0.25;


    // Nanoseconds, of rows of 128 float32 or int8 out of 100,000: a row of a list, a row met on a walk, both without the bytes; a byte of it; asking for a node that does not pass.
    private const double ListedRow = 6;
    private const double MetRow = 22;
    private const double Byte = 0.04;
    private const double Asked = 6;

    // What a filter that is only a question answers for so many ordinals stands for all.
    private const int Samples = 256;

    public static FilterPlan For(NodeSet nodes, IOrdinalFilter? filter, int effort)
    {
        var present = nodes.Present;
        if (filter is null) return new FilterPlan(effort >= present, effort, present);
        var most = filter is OrdinalSet set ? Math.Min(set.Count, present) : present;
        var matches = filter is OrdinalSet ? most : Sampled(nodes, filter) * present;
        if (matches < 1) return new FilterPlan(true, 0, most);
        var bytes = nodes.Rows.Stride * Byte;
        // About 1.2 M rows are new at each of the nodes that a walk expands.
        var walk = Math.Min(effort, matches) * 1.2 * nodes.Graph.M * (MetRow + bytes + Asked * (present / matches - 1));
        var isMuch = matches >= MuchPasses * present;
        if (isMuch) walk = Math.Min(present, effort * (double)present / matches) * 1.2 * nodes.Graph.M * (MetRow + bytes);
        return new FilterPlan(matches * (ListedRow + bytes) <= walk, isMuch ? (int)Math.Min(present, Math.Ceiling(effort * (double)present / matches)) : 0, most);
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

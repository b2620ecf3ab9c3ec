namespace Basalt.Vectors.Hnsw;

/// <summary>Whether to measure all that passes a filter, or to walk the graph: whichever costs less by the measured time of each.</summary>
internal readonly record struct FilterPlan(bool Scans, int MostMatches)
{
    // Nanoseconds, of rows of 128 float32 or int8 out of 100,000: a row of a list, a row met on a walk, both without the bytes; a byte of it; asking for a node that does not pass.
    private const double ListedRow = 6;
    private const double MetRow = 22;
    private const double Byte = 0.04;
    private const double Asked = 4;

    // What a filter that is only a question answers for so many ordinals stands for all.
    private const int Samples = 256;

    public static FilterPlan For(NodeSet nodes, IOrdinalFilter? filter, int effort)
    {
        var present = nodes.Present;
        if (filter is null) return new FilterPlan(effort >= present, present);
        var most = filter is OrdinalSet set ? Math.Min(set.Count, present) : present;
        var matches = filter is OrdinalSet ? most : Sampled(nodes, filter) * present;
        if (matches < 1) return new FilterPlan(true, most);
        var bytes = nodes.Rows.Stride * Byte;
        // About 1.2 M rows are new at each of the nodes that a walk expands.
        var walk = Math.Min(effort, matches) * 1.2 * nodes.Graph.M * (MetRow + bytes + Asked * (present / matches - 1));
        return new FilterPlan(matches * (ListedRow + bytes) <= walk, most);
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

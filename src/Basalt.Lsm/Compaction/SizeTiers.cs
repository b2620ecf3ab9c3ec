namespace Basalt.Lsm.Compaction;

/// <summary>
/// Which neighbours in age to merge. A table joins those newer than it while it is not much larger than all of them together; so sizes grow
/// by steps, their number with the logarithm of the data, and an entry is rewritten about once a step.
/// </summary>
internal static class SizeTiers
{
    /// <summary>The first and the number of the tables to merge, newest first; a number of zero when nothing is due.</summary>
    public static (int First, int Count) Pick(IReadOnlyList<long> sizes, int width)
    {
        for (var first = 0; first + width <= sizes.Count; first++)
        {
            var total = sizes[first];
            var count = 1;
            while (first + count < sizes.Count && sizes[first + count] <= total + total / 4) total += sizes[first + count++];
            if (count >= width) return (first, count);
        }

        return (0, 0);
    }
}

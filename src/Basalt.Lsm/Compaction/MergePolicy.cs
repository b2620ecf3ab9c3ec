namespace Basalt.Lsm.Compaction;

/// <summary>Which neighbours in age to merge next; null when nothing is due.</summary>
/// <remarks>
/// In this order: a merge that has not ended goes on; everything is merged when what is newer than the oldest run has grown to the bound of
/// space; runs of similar size are merged by <see cref="SizeTiers"/>; a table of which more than half has expired is written anew; with far too
/// many runs those that cost least are merged.
/// </remarks>
internal sealed record MergePolicy(int Width, double SpaceRatio)
{
    /// <summary>Writers are slowed with more runs than this in a tree, because every read looks into each.</summary>
    public int SlowRuns => 8 * Width;

    /// <summary>Writers are stopped at this many runs.</summary>
    public int StopRuns => 16 * Width;

    /// <param name="keyspace">The tree.</param>
    /// <param name="generations">Its generations, newest first.</param>
    /// <param name="reachesOldest">Whether the last of them is the oldest of the tree; otherwise older ones are being merged meanwhile.</param>
    /// <param name="isDamaged">The generations that cannot be read; nothing is merged across one.</param>
    /// <param name="now">In milliseconds since 1970.</param>
    public Merge? Pick(uint keyspace, IReadOnlyList<Generation> generations, bool reachesOldest, Func<Generation, bool> isDamaged, ulong now)
    {
        var healthy = generations.Select(generation => !isDamaged(generation)).ToArray();
        for (var i = 0; i < generations.Count; i++)
            if (healthy[i] && generations[i].Remaining.Length > 0) return Merge.Rest(keyspace, generations[i], reachesOldest && i == generations.Count - 1);
        if (reachesOldest && generations.Count > 1 && healthy.All(static isHealthy => isHealthy) && Excess(generations) >= 0) return Merge.Of(keyspace, generations, hasOldest: true);
        (int First, int Count) cheapest = (0, 0);
        var least = long.MaxValue;
        for (var first = 0; first < generations.Count; first++)
        {
            if (!healthy[first]) continue;
            var end = first + 1;
            while (end < generations.Count && healthy[end]) end++;
            var (from, count) = SizeTiers.Pick([.. generations.Skip(first).Take(end - first).Select(static generation => generation.Size)], Width);
            if (count > 0) return Of(first + from, count);
            for (var i = first; i + 2 <= end; i++)
            {
                var window = Math.Min(Width, end - i);
                var cost = generations.Skip(i).Take(window).Sum(static generation => generation.Size) / (window - 1);
                if (cost < least) (cheapest, least) = ((i, window), cost);
            }

            first = end - 1;
        }

        for (var i = 0; i < generations.Count; i++)
            if (healthy[i] && generations[i].Tables.FirstOrDefault(table => IsHalfExpired(table.File.Meta.ExpiryHalf, now)) is { } expired)
                return Merge.Rewrite(keyspace, expired, reachesOldest && i == generations.Count - 1);
        return generations.Count > SlowRuns && cheapest.Count > 0 ? Of(cheapest.First, cheapest.Count) : null;

        Merge Of(int first, int count) => Merge.Of(keyspace, [.. generations.Skip(first).Take(count)], reachesOldest && first + count == generations.Count);
    }

    /// <summary>Whether a table is to be written anew: the time when half of it has expired, if there is one, has come.</summary>
    public static bool IsHalfExpired(ulong half, ulong now) => half != 0 && half <= now;

    /// <summary>
    /// By how many bytes what is newer than the oldest generation is beyond the bound of space; below zero while it is not. A newer entry
    /// may be the end of an older one: a tombstone counts as the average entry of the oldest generation, and so does an entry that is smaller.
    /// </summary>
    /// <remarks>
    /// With r the ratio, O the bytes of the oldest, B those of the newer, and D those that they delete or shrink: the tables take O + B and at
    /// least O - D lives, so O + B is at most (1 + r) times what lives as long as B + (1 + r) D is at most r O.
    /// </remarks>
    public double Excess(IReadOnlyList<Generation> generations)
    {
        if (generations.Count < 2) return double.NegativeInfinity;
        var oldest = generations[^1];
        var average = (double)oldest.Size / Math.Max(1, oldest.Entries);
        var newer = 0.0;
        foreach (var generation in generations.SkipLast(1))
            newer += generation.Size + (1 + SpaceRatio) * Math.Max(generation.Tombstones * average, generation.Entries * average - generation.Size);
        return newer - SpaceRatio * oldest.Size;
    }
}

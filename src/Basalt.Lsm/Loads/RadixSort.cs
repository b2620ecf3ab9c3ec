namespace Basalt.Lsm.Loads;

/// <summary>
/// Sorts numbers with what belongs to them by their bytes, lowest first (least-significant-digit radix sort: Knuth, The Art of Computer
/// Programming 3, 5.2.5). Stable; a byte that is the same in all numbers costs nothing. Beyond a few thousand numbers it takes a fraction of the
/// time that comparing takes.
/// </summary>
internal static class RadixSort
{
    private const int Digits = sizeof(ulong);
    private const int Values = 256;

    /// <summary>Sorts both spans by the keys. The spare spans are as long, and what they hold afterwards means nothing.</summary>
    public static void Sort(Span<ulong> keys, Span<int> items, Span<ulong> spareKeys, Span<int> spareItems)
    {
        Span<int> counts = stackalloc int[Digits * Values];
        counts.Clear();
        foreach (var key in keys)
            for (var digit = 0; digit < Digits; digit++) counts[digit * Values + (byte)(key >> digit * 8)]++;
        var isInSpare = false;
        for (var digit = 0; digit < Digits; digit++)
        {
            var starts = counts.Slice(digit * Values, Values);
            if (starts.Contains(keys.Length)) continue;
            if (isInSpare) Scatter(spareKeys, spareItems, keys, items, starts, digit * 8);
            else Scatter(keys, items, spareKeys, spareItems, starts, digit * 8);
            isInSpare = !isInSpare;
        }

        if (!isInSpare) return;
        spareKeys.CopyTo(keys);
        spareItems.CopyTo(items);
    }

    private static void Scatter(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> items, Span<ulong> toKeys, Span<int> toItems, Span<int> starts, int shift)
    {
        var start = 0;
        foreach (ref var count in starts) (count, start) = (start, start + count);
        for (var i = 0; i < keys.Length; i++)
        {
            var to = starts[(byte)(keys[i] >> shift)]++;
            toKeys[to] = keys[i];
            toItems[to] = items[i];
        }
    }
}

namespace Basalt.Engine.Scalars;

/// <summary>Keys by their place in the order: from one up to, and not including, another.</summary>
internal readonly record struct KeySpan(int From, int To)
{
    public int Count => Math.Max(0, To - From);

    /// <summary>The keys of the block at that place, as bits.</summary>
    public ulong MaskIn(int block)
    {
        var first = (long)block * ScalarFormat.BlockKeys;
        var (from, to) = (Math.Max(From - first, 0), Math.Min(To - first, ScalarFormat.BlockKeys));
        return from >= to ? 0 : ulong.MaxValue >> (int)(ScalarFormat.BlockKeys - (to - from)) << (int)from;
    }

    /// <summary>What is left of this span without others, which ascend and do not overlap.</summary>
    public List<KeySpan> Without(IEnumerable<KeySpan> others)
    {
        var left = new List<KeySpan>();
        var from = From;
        foreach (var other in others)
        {
            if (other.Count == 0) continue;
            if (other.From > from) left.Add(new KeySpan(from, Math.Min(other.From, To)));
            from = Math.Max(from, other.To);
        }

        if (from < To) left.Add(new KeySpan(from, To));
        return left;
    }
}

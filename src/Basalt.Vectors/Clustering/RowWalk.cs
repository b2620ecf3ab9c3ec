namespace Basalt.Vectors.Clustering;

/// <summary>Visits [0, count) in a seeded order, each once before any twice, without keeping a permutation: a start and a step without a common divisor.</summary>
internal struct RowWalk
{
    private readonly long _count;
    private readonly long _step;
    private long _next;

    public RowWalk(long count, ref SplitMix64 random)
    {
        _count = count;
        _next = (long)(random.Next() % (ulong)count);
        _step = count == 1 ? 0 : 1 + (long)(random.Next() % (ulong)(count - 1));
        while (count > 1 && Divisor(_step, count) > 1) _step = _step % (count - 1) + 1;
    }

    public long Next()
    {
        var row = _next;
        _next += _step;
        if (_next >= _count) _next -= _count;
        return row;
    }

    private static long Divisor(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}

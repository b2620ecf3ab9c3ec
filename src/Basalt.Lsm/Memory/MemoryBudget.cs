namespace Basalt.Lsm.Memory;

/// <summary>
/// The one account of a store's memory: it reports and limits all of it. Two memtables are set aside from the beginning; the block cache takes what
/// these and the other uses leave, but for an eighth of the limit, and gives way to them. That eighth is for what is not counted: small managed
/// objects, and what the allocator and the runtime cannot use. May be shared by several stores. Thread-safe.
/// </summary>
public sealed class MemoryBudget
{
    private const int UncountedShare = 8;
    private static readonly int Uses = Enum.GetValues<MemoryUse>().Length;
    private readonly long[] _used = new long[Uses];
    private readonly long[] _highest = new long[Uses];
    private long _total;
    private long _setAside;
    private long _highestTotal;
    private Action<long>[] _givers = [];

    /// <summary>An account of at most so many bytes, at least 1 MiB.</summary>
    public MemoryBudget(long limit)
    {
        const long least = 1 << 20;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, least);
        Limit = limit;
    }

    /// <summary>The most bytes that may be in use.</summary>
    public long Limit { get; }

    /// <summary>What the cache is kept within, together with the others.</summary>
    private long Counted => Limit - Limit / UncountedShare;

    /// <summary>What is in use, and what of the memtables' share is not.</summary>
    private long Claimed => Used + Math.Max(0, Interlocked.Read(ref _setAside) - UsedFor(MemoryUse.Memtables));

    /// <summary>How many bytes are in use.</summary>
    public long Used => Interlocked.Read(ref _total);

    /// <summary>The most bytes that were in use at a time.</summary>
    public long Highest => Interlocked.Read(ref _highestTotal);

    /// <summary>How many bytes a use has now.</summary>
    public long UsedFor(MemoryUse use) => Interlocked.Read(ref _used[(int)use]);

    /// <summary>The most bytes that a use had at a time.</summary>
    public long HighestFor(MemoryUse use) => Interlocked.Read(ref _highest[(int)use]);

    /// <summary>
    /// Takes bytes when they are there, having asked the cache to give way; false and nothing taken when they are not. What is set aside for memtables and not used yet is there for
    /// them alone.
    /// </summary>
    public bool TryTake(MemoryUse use, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (use != MemoryUse.BlockCache) MakeRoom(use, bytes);
        else if (Claimed + bytes > Counted) return false;
        var most = use switch { MemoryUse.BlockCache => Counted, MemoryUse.Memtables => Limit, _ => Limit - (Claimed - Used) };
        for (var total = Used; total + bytes <= most; total = Used)
        {
            if (Interlocked.CompareExchange(ref _total, total + bytes, total) != total) continue;
            Count(use, bytes, total + bytes);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Takes bytes that cannot be refused, such as those of a write that is already in the log. Their bound is elsewhere: the size at which
    /// memtables are written out.
    /// </summary>
    public void Take(MemoryUse use, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        MakeRoom(use, bytes);
        Count(use, bytes, Interlocked.Add(ref _total, bytes));
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(MemoryUse use, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Interlocked.Add(ref _used[(int)use], -bytes);
        Interlocked.Add(ref _total, -bytes);
    }

    /// <summary>Keeps bytes free for memtables; less than zero undoes it.</summary>
    internal void SetAside(long bytes) => Interlocked.Add(ref _setAside, bytes);

    /// <summary>What the cache can have at most beside so large a share of the memtables.</summary>
    internal long LeftBeside(long setAside) => Counted - setAside;

    /// <summary>Registers who can give bytes back when others need them; it is told how many.</summary>
    internal void AddGiver(Action<long> giveBack)
    {
        lock (_used) _givers = [.. _givers, giveBack];
    }

    internal void RemoveGiver(Action<long> giveBack)
    {
        lock (_used) _givers = [.. _givers.Where(giver => giver != giveBack)];
    }

    private void MakeRoom(MemoryUse use, long bytes)
    {
        // What memtables take was set aside for them.
        if (use == MemoryUse.Memtables && UsedFor(use) + bytes <= Interlocked.Read(ref _setAside)) return;
        foreach (var giver in _givers)
        {
            var missing = Claimed + bytes - Counted;
            if (missing <= 0) return;
            giver(missing);
        }
    }

    private void Count(MemoryUse use, long bytes, long total)
    {
        Raise(ref _highest[(int)use], Interlocked.Add(ref _used[(int)use], bytes));
        Raise(ref _highestTotal, total);
    }

    private static void Raise(ref long highest, long value)
    {
        for (var seen = Interlocked.Read(ref highest); value > seen; seen = Interlocked.Read(ref highest))
            if (Interlocked.CompareExchange(ref highest, value, seen) == seen) return;
    }
}

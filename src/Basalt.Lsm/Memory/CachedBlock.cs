namespace Basalt.Lsm.Memory;

/// <summary>
/// The content of a block in native memory, held by the cache and by those who read it. The last one frees it. What it takes is in the
/// account from its beginning to its end.
/// </summary>
internal sealed unsafe class CachedBlock
{
    /// <summary>What the objects around the bytes take, about.</summary>
    private const int Overhead = 192;
    private const int Granularity = 256;

    private readonly MemoryBudget _budget;
    private readonly NativeBytes _bytes;

    // What _bytes holds, one step nearer.
    private readonly byte* _start;
    private int _holders = 1;

    private CachedBlock(MemoryBudget budget, int capacity)
    {
        (_budget, _bytes) = (budget, new NativeBytes(capacity));
        _start = _bytes.Start;
    }

    /// <summary>The bytes of the content.</summary>
    public ReadOnlySpan<byte> Content => new(_start, Length);

    public int Length { get; private set; }

    /// <summary>What it takes in the account.</summary>
    public int Charge => _bytes.Size + Overhead;

    // The rest is the cache's.
    public BlockKey Key;
    public CachedBlock? Next;
    public byte Uses;

    /// <summary>A block with room for so many bytes, held once, with its memory taken from the account, which may refuse it.</summary>
    public static CachedBlock? TryCreate(MemoryBudget budget, int length)
    {
        var capacity = Capacity(length);
        if (!budget.TryTake(MemoryUse.BlockCache, capacity + Overhead)) return null;
        return new CachedBlock(budget, capacity);
    }

    /// <summary>A block that cannot be refused: its reader needs it now.</summary>
    public static CachedBlock Create(MemoryBudget budget, int length)
    {
        var capacity = Capacity(length);
        budget.Take(MemoryUse.BlockCache, capacity + Overhead);
        return new CachedBlock(budget, capacity);
    }

    /// <summary>All of its room, to be filled before anybody else sees it.</summary>
    public Span<byte> Room => new(_bytes.Start, _bytes.Size);

    /// <summary>Says how much of the room is content.</summary>
    public void Fill(int length) => Length = length;

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0) return;
        _bytes.Dispose();
        _budget.Return(MemoryUse.BlockCache, Charge);
    }

    private static int Capacity(int length) => (int)Math.Min(int.MaxValue, ((long)length + Granularity - 1) / Granularity * Granularity);
}

/// <summary>Where a block lies: the number of the table and the place in it.</summary>
internal readonly record struct BlockKey(ulong Table, long Offset)
{
    public ulong Hash
    {
        get
        {
            var mixed = (Table * 0x9E3779B97F4A7C15) ^ ((ulong)Offset * 0xBF58476D1CE4E5B9);
            return mixed ^ mixed >> 29;
        }
    }
}

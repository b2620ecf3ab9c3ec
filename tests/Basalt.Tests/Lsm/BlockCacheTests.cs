using Basalt.Lsm.Memory;

namespace Basalt.Tests.Lsm;

public sealed class BlockCacheTests
{
    private const int BlockBytes = 4096;

    [Fact]
    public void What_is_added_is_found_until_others_need_the_room()
    {
        var memory = new MemoryBudget(1 << 20);
        using var cache = new BlockCache(memory);
        for (var i = 0; i < 1000; i++) Use(cache, 1, i);
        Assert.InRange(memory.Used, memory.Limit / 2, memory.Limit);
        Assert.Equal(memory.Used, memory.UsedFor(MemoryUse.BlockCache));
        var found = Enumerable.Range(0, 1000).Count(i => Holds(cache, 1, i));
        Assert.InRange(found, 200, 260);

        Assert.True(memory.TryTake(MemoryUse.Sidecars, 900 << 10));
        Assert.InRange(memory.UsedFor(MemoryUse.BlockCache), 0, memory.Limit - (900 << 10));
        Assert.False(memory.TryTake(MemoryUse.Sidecars, 900 << 10));
        memory.Return(MemoryUse.Sidecars, 900 << 10);
        cache.Dispose();
        Assert.Equal(0, memory.Used);
    }

    [Fact]
    public void A_scan_does_not_push_out_what_is_read_often()
    {
        using var cache = new BlockCache(new MemoryBudget(1 << 20));
        for (var round = 0; round < 3; round++)
            for (var i = 0; i < 100; i++) Use(cache, 1, i);
        for (var i = 0; i < 10_000; i++) Use(cache, 2, i);
        Assert.InRange(Enumerable.Range(0, 100).Count(i => Holds(cache, 1, i)), 90, 100);
    }

    [Fact]
    public void A_block_that_is_held_stays_readable_when_it_is_pushed_out()
    {
        var memory = new MemoryBudget(1 << 20);
        using var cache = new BlockCache(memory);
        var held = Load(cache, new BlockKey(7, 7));
        for (var i = 0; i < 5000; i++) Use(cache, 1, i);
        Assert.Null(cache.Find(new BlockKey(7, 7)));
        Assert.Equal(Content(new BlockKey(7, 7)), held.Content[..8].ToArray());
        held.Release();
        cache.Dispose();
        Assert.Equal(0, memory.Used);
    }

    [Fact]
    public void Threads_read_what_belongs_to_the_place_and_the_account_ends_at_zero()
    {
        var memory = new MemoryBudget(2 << 20);
        var cache = new BlockCache(memory);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 20_000; i++) Use(cache, (ulong)random.Next(3), random.Next(random.Next(4) == 0 ? 2000 : 100));
        });
        var (hits, misses) = cache.Lookups;
        Assert.Equal(160_000, hits + misses);
        Assert.True(memory.Highest <= memory.Limit + 16 * (BlockBytes + 512), $"{memory.Highest} of {memory.Limit}");
        cache.Dispose();
        Assert.Equal(0, memory.Used);
    }

    private static byte[] Content(BlockKey key) => BitConverter.GetBytes(key.Hash);

    private static CachedBlock Load(BlockCache cache, BlockKey key)
    {
        var block = cache.Room(key, BlockBytes);
        Content(key).CopyTo(block.Room);
        block.Fill(BlockBytes);
        return cache.Add(key, block);
    }

    private static void Use(BlockCache cache, ulong table, long offset)
    {
        var key = new BlockKey(table, offset);
        var block = cache.Find(key) ?? Load(cache, key);
        Assert.True(block.Content[..8].SequenceEqual(Content(key)));
        block.Release();
    }

    private static bool Holds(BlockCache cache, ulong table, long offset)
    {
        var block = cache.Find(new BlockKey(table, offset));
        block?.Release();
        return block is not null;
    }
}

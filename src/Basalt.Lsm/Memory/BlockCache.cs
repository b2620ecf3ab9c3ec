namespace Basalt.Lsm.Memory;

/// <summary>
/// Blocks that were read, in shards of a lock each. It takes what the account has left and gives way to every other use. What is read once,
/// as by a scan, passes through a short queue and does not push out what is read often. Thread-safe.
/// </summary>
/// <remarks>
/// S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): new blocks enter a small queue; those used again
/// while in it move on to the main one, the others leave and are remembered by their hash, so that the next time they enter the main queue.
/// In the main queue a used block gets another round for each use, three at most.
/// </remarks>
internal sealed class BlockCache : IDisposable
{
    private const int ShardCount = 16;
    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly MemoryBudget _budget;

    public BlockCache(MemoryBudget budget)
    {
        _budget = budget;
        for (var i = 0; i < ShardCount; i++) _shards[i] = new Shard();
        budget.AddGiver(GiveBack);
    }

    /// <summary>How often a block was here, and how often not.</summary>
    public (long Hits, long Misses) Lookups => (_shards.Sum(static shard => shard.Hits), _shards.Sum(static shard => shard.Misses));

    /// <summary>The block of a place, held for the caller, or null when it is not here.</summary>
    public CachedBlock? Find(BlockKey key) => ShardOf(key).Find(key);

    /// <summary>Room for a block that is to be read, for which others leave; held by the caller, who fills it and adds it.</summary>
    public CachedBlock Room(BlockKey key, int length)
    {
        var first = (int)(key.Hash >> 60);
        for (var i = 0; i < ShardCount; i++)
        {
            var shard = _shards[(first + i) % ShardCount];
            do
            {
                if (CachedBlock.TryCreate(_budget, length) is { } block) return block;
            }
            while (shard.Evict());
        }

        return CachedBlock.Create(_budget, length);
    }

    /// <summary>Keeps a filled block for others too. The caller still holds what is returned: the same block, or the one that somebody else added meanwhile.</summary>
    public CachedBlock Add(BlockKey key, CachedBlock block) => ShardOf(key).Add(key, block);

    public void Dispose()
    {
        _budget.RemoveGiver(GiveBack);
        foreach (var shard in _shards)
            while (shard.Evict())
            {
                // Until it is empty; readers still hold what they read.
            }
    }

    private void GiveBack(long bytes)
    {
        var wanted = _budget.UsedFor(MemoryUse.BlockCache) - bytes;
        for (var isDry = false; !isDry && _budget.UsedFor(MemoryUse.BlockCache) > wanted;)
        {
            isDry = true;
            foreach (var shard in _shards) isDry &= !shard.Evict();
        }
    }

    private Shard ShardOf(BlockKey key) => _shards[(int)(key.Hash >> 60)];

    private sealed class Shard
    {
        private const int MostUses = 3;
        private readonly Lock _gate = new();
        private readonly Dictionary<BlockKey, CachedBlock> _blocks = [];
        private readonly Queue<ulong> _left = new();
        private readonly HashSet<ulong> _leftHashes = [];
        private Fifo _small;
        private Fifo _main;
        private long _hits;
        private long _misses;

        public long Hits => Volatile.Read(ref _hits);

        public long Misses => Volatile.Read(ref _misses);

        public CachedBlock? Find(BlockKey key)
        {
            lock (_gate)
            {
                if (!_blocks.TryGetValue(key, out var block))
                {
                    _misses++;
                    return null;
                }

                _hits++;
                if (block.Uses < MostUses) block.Uses++;
                block.Hold();
                return block;
            }
        }

        public CachedBlock Add(BlockKey key, CachedBlock block)
        {
            lock (_gate)
            {
                if (_blocks.TryGetValue(key, out var other))
                {
                    other.Hold();
                    block.Release();
                    return other;
                }

                block.Key = key;
                block.Hold();
                _blocks.Add(key, block);
                if (_leftHashes.Remove(key.Hash)) _main.Append(block);
                else _small.Append(block);
                return block;
            }
        }

        /// <summary>Lets one block go; false when there is none.</summary>
        public bool Evict()
        {
            lock (_gate)
            {
                while (true)
                {
                    var isSmall = _small.First is not null && (_main.First is null || _small.Bytes * 10 >= _small.Bytes + _main.Bytes);
                    if ((isSmall ? _small.Take() : _main.Take()) is not { } block) return false;
                    if (block.Uses > 0)
                    {
                        block.Uses = isSmall ? (byte)0 : (byte)(block.Uses - 1);
                        _main.Append(block);
                        continue;
                    }

                    if (isSmall) Remember(block.Key.Hash);
                    _blocks.Remove(block.Key);
                    block.Release();
                    return true;
                }
            }
        }

        private void Remember(ulong hash)
        {
            if (_leftHashes.Add(hash)) _left.Enqueue(hash);
            while (_left.Count > _blocks.Count) _leftHashes.Remove(_left.Dequeue());
        }
    }

    private struct Fifo
    {
        private CachedBlock? _last;

        public CachedBlock? First { get; private set; }

        public long Bytes { get; private set; }

        public void Append(CachedBlock block)
        {
            block.Next = null;
            if (_last is null) First = block;
            else _last.Next = block;
            _last = block;
            Bytes += block.Charge;
        }

        public CachedBlock? Take()
        {
            if (First is not { } block) return null;
            First = block.Next;
            if (First is null) _last = null;
            block.Next = null;
            Bytes -= block.Charge;
            return block;
        }
    }
}

using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;

namespace Basalt.Tests.Lsm;

public sealed class BulkLoadTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;
    private readonly MemoryFileSystem _disk = new();

    private LsmOptions Options => new() { Folder = "s", FileSystem = _disk, MemtableBytes = 16 << 10, BlockBytes = 512, LoadBytes = 64 << 10, MaxTableBytes = 20_000 };

    private int TableFiles => _disk.List("s").Count(static name => name.StartsWith("table-", StringComparison.Ordinal));

    [Fact]
    public void Nothing_is_seen_before_the_commit_and_all_of_it_afterwards()
    {
        using (var store = LsmStore.Open(Options))
        {
            var tree = store.Tree("t");
            tree.Put("a"u8, "old"u8);
            using var before = store.Snapshot();
            using (var load = store.BeginLoad(tree))
            {
                for (var i = 0; i < 5000; i++) load.Add(Key((i * 7919) % 5000), "loaded"u8);
                load.Add("a"u8, "new"u8);
                Assert.Equal(5001, load.Count);
                Assert.Null(tree.Get(Key(1)));
                load.Commit();
                Assert.Throws<InvalidOperationException>(() => load.Add("b"u8, "x"u8));
                Assert.Throws<InvalidOperationException>(() => load.Commit());
            }

            Assert.Equal("new"u8.ToArray(), tree.Get("a"u8));
            Assert.Equal("old"u8.ToArray(), tree.Get("a"u8, before));
            Assert.Null(tree.Get(Key(1), before));
            Assert.Equal(5001, Count(tree));
            tree.Put("a"u8, "newest"u8);
            Assert.Equal("newest"u8.ToArray(), tree.Get("a"u8));
            Assert.Empty(store.Verify());
            Assert.True(store.Stats().LoadedBytes > 5000 * 10);
        }

        using var again = LsmStore.Open(Options);
        Assert.Equal("newest"u8.ToArray(), again.Tree("t").Get("a"u8));
        Assert.Equal(5001, Count(again.Tree("t")));
        Assert.Empty(again.Verify());
    }

    [Fact]
    public void A_log_that_cannot_be_removed_behind_a_load_neither_fails_it_nor_takes_its_tables()
    {
        var isBroken = true;
        var disk = new FaultingFileSystem(_disk, operation => isBroken && operation.Kind == FileOperationKind.Delete && operation.Path.Contains("wal-"));
        using (var store = LsmStore.Open(Options with { FileSystem = disk, RunsMaintenanceInline = true }))
        {
            var tree = store.Tree("t");
            tree.Put("b"u8, "written"u8);
            Assert.Throws<IOException>(() => store.Flush());
            using (var load = store.BeginLoad(tree))
            {
                load.Add("a"u8, "loaded"u8);
                load.Commit();
            }

            Assert.Equal("loaded"u8.ToArray(), tree.Get("a"u8));
            isBroken = false;
            tree.Put("c"u8, "later"u8);
            store.Flush();
            Assert.Single(_disk.List("s"), static name => name.StartsWith("wal-", StringComparison.Ordinal));
        }

        using var again = LsmStore.Open(Options);
        Assert.Equal("loaded"u8.ToArray(), again.Tree("t").Get("a"u8));
        Assert.Equal("written"u8.ToArray(), again.Tree("t").Get("b"u8));
        Assert.Empty(again.Verify());
    }

    [Fact]
    public void Of_equal_keys_the_last_wins_within_and_across_buffers()
    {
        using var store = LsmStore.Open(Options);
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            for (var i = 0; i < 9000; i++) load.Add(Key(i % 1000), BitConverter.GetBytes(i));
            load.Commit();
        }

        Assert.Equal(1000, Count(tree));
        for (var key = 0; key < 1000; key++) Assert.Equal(BitConverter.GetBytes(8000 + key), tree.Get(Key(key)));
    }

    [Fact]
    public void Keys_that_ascend_are_one_run_of_tables_that_share_no_key()
    {
        using var store = LsmStore.Open(Options with { RunsMaintenanceInline = true });
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            for (var i = 0; i < 8000; i++) load.Add(Key(i), Key(i));
            load.Commit();
        }

        using var snapshot = store.Snapshot();
        Assert.True(store.Stats().Tables > 3);
        Assert.Single(snapshot.Version.Find(0)!.Runs.ToArray());
        Assert.Equal(8000, Count(tree));
        Assert.Equal(Key(7999), tree.Get(Key(7999)));
    }

    [Fact]
    public void Without_a_commit_nothing_is_left_but_at_most_orphans_that_the_next_open_removes()
    {
        var options = Options;
        var store = LsmStore.Open(options);
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            for (var i = 0; i < 5000; i++) load.Add(Key(-i), "value"u8);
            Assert.True(TableFiles > 0);
        }

        Assert.Equal(0, TableFiles);
        Assert.Equal(0, store.Memory.UsedFor(MemoryUse.Builds));
        // A load that outlives its store leaves the files to the next open, which may be another process by then.
        var late = store.BeginLoad(tree);
        for (var i = 0; i < 5000; i++) late.Add(Key(-i), "value"u8);
        store.Dispose();
        Assert.Equal(LsmErrorCode.Closed, Assert.Throws<LsmException>(() => late.Add("k"u8, "v"u8)).Code);
        late.Dispose();
        Assert.True(TableFiles > 0);
        using var again = LsmStore.Open(options);
        Assert.Equal(0, TableFiles);
        Assert.Empty(again.Verify());
    }

    [Fact]
    public void Sidecars_are_written_with_the_tables_of_a_load()
    {
        using var store = LsmStore.Open(Options with { Sidecars = static _ => [new KeyList()] });
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            load.Add("c"u8, "1"u8);
            load.Add("a"u8, "2"u8);
            load.Add("b"u8, "3"u8);
            load.Add("a"u8, "4"u8);
            load.Commit();
        }

        using var snapshot = store.Snapshot();
        Assert.Equal("a b c "u8.ToArray(), Assert.Single(tree.Tables(snapshot)).ReadSidecar("keys"));
    }

    [Fact]
    public void A_cancelled_commit_leaves_nothing()
    {
        using var store = LsmStore.Open(Options);
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            for (var i = 0; i < 5000; i++) load.Add(Key(-i), "value"u8);
            Assert.ThrowsAny<OperationCanceledException>(() => load.Commit(new CancellationToken(canceled: true)));
            Assert.Throws<InvalidOperationException>(() => load.Commit());
        }

        Assert.Equal((0, 0), (Count(tree), TableFiles));
    }

    [Fact]
    public void An_entry_larger_than_the_buffer_and_one_that_expires_are_loaded_too()
    {
        var time = new ManualTime();
        using var store = LsmStore.Open(Options with { TimeProvider = time });
        var tree = store.Tree("t");
        var large = new byte[300_000];
        Random.Shared.NextBytes(large);
        using (var load = store.BeginLoad(tree))
        {
            load.Add("m"u8, "small"u8);
            load.Add("k"u8, large);
            load.Add("m"u8, "last"u8);
            load.Add("e"u8, "soon gone"u8, time.GetUtcNow().AddSeconds(10));
            Assert.Throws<ArgumentOutOfRangeException>(() => load.Add("e"u8, "x"u8, DateTimeOffset.UnixEpoch));
            Assert.Throws<ArgumentException>(() => load.Add(new byte[WriteBatch.MaxKeyBytes + 1], default));
            load.Commit();
        }

        Assert.Equal(large, tree.Get("k"u8));
        Assert.Equal("last"u8.ToArray(), tree.Get("m"u8));
        Assert.Equal("soon gone"u8.ToArray(), tree.Get("e"u8));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(tree.Get("e"u8));
        Assert.Equal(2, Count(tree));
    }

    [Fact]
    public void A_load_is_refused_when_the_account_has_no_room_and_gives_its_memory_back()
    {
        using var store = LsmStore.Open(Options with { Memory = new MemoryBudget(17 << 20), LoadBytes = 10 << 20 });
        var tree = store.Tree("t");
        using (store.BeginLoad(tree))
            Assert.Equal(LsmErrorCode.OverBudget, Assert.Throws<LsmException>(() => store.BeginLoad(tree)).Code);
        using (var load = store.BeginLoad(tree)) load.Commit();
        Assert.Equal(0, store.Memory.UsedFor(MemoryUse.Builds));
    }

    [Fact]
    public void Loads_beside_ordinary_writers_equal_a_sorted_dictionary()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 4; seed++)
        {
            try
            {
                Run(seed, new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), MemtableBytes = 8192, BlockBytes = 256, LoadBytes = 64 << 10, MaxTableBytes = 8000, MergeWidth = 2 });
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}", e);
            }
        }
    }

    /// <summary>
    /// A writer raises the number of a key under a lock of its own, so that it knows which write was last; loads do the same with many keys at
    /// once. Keys of the writer and of the loads overlap only where the order is known: a load is newer than what was acknowledged before its commit.
    /// </summary>
    private static void Run(int seed, LsmOptions options)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var store = LsmStore.Open(options);
        var tree = store.Tree("t");
        using var stop = new CancellationTokenSource();
        var noise = Task.Run(() =>
        {
            var written = 0;
            while (!stop.IsCancellationRequested)
            {
                tree.Put(Bytes($"noise{written % 500:D4}"), Bytes($"{written}"));
                written++;
            }

            return written;
        });
        try
        {
            for (var step = 0; step < 60; step++)
            {
                switch (random.Next(4))
                {
                    case 0:
                        using (var load = store.BeginLoad(tree))
                        {
                            var (first, count, order) = (random.Next(3000), random.Next(1, 3000), random.Next(3));
                            for (var i = 0; i < count; i++)
                            {
                                var key = $"key{order switch { 0 => first + i, 1 => first + count - i, _ => random.Next(4000) }:D5}";
                                var value = $"load {step} {i}";
                                load.Add(Bytes(key), Bytes(value));
                                model[key] = value;
                            }

                            load.Commit();
                        }

                        break;
                    case 1 when random.Next(4) == 0:
                        store.Compact();
                        break;
                    default:
                        for (var i = random.Next(1, 60); i > 0; i--)
                        {
                            var key = $"key{random.Next(4000):D5}";
                            if (random.Next(3) == 0)
                            {
                                tree.Delete(Bytes(key));
                                model.Remove(key);
                            }
                            else
                            {
                                tree.Put(Bytes(key), Bytes($"put {step} {i}"));
                                model[key] = $"put {step} {i}";
                            }
                        }

                        break;
                }

                if (step % 10 == 9) Check(tree, model);
            }
        }
        finally
        {
            stop.Cancel();
        }

        var last = noise.GetAwaiter().GetResult();
        for (var written = Math.Max(0, last - 500); written < last; written++) Assert.Equal(Bytes($"{written}"), tree.Get(Bytes($"noise{written % 500:D4}")));
        Check(tree, model);
        store.Dispose();
        using var again = LsmStore.Open(options);
        Check(again.Tree("t"), model);
        Assert.Empty(again.Verify());
    }

    private static void Check(LsmTree tree, SortedDictionary<string, string> model)
    {
        using var cursor = tree.Scan(KeyRange.Prefix(Bytes("key")));
        foreach (var (key, value) in model)
        {
            Assert.True(cursor.MoveNext(), $"{key} is missing");
            Assert.Equal((key, value), (System.Text.Encoding.ASCII.GetString(cursor.Key), System.Text.Encoding.ASCII.GetString(cursor.Value)));
        }

        Assert.False(cursor.MoveNext());
    }

    private static int Count(LsmTree tree)
    {
        var count = 0;
        using var cursor = tree.Scan();
        while (cursor.MoveNext()) count++;
        return count;
    }

    private static byte[] Key(int number) => Bytes($"key{number:D6}");

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}

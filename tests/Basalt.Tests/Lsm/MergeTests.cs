using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Compaction;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

/// <summary>Merges by slices: what they leave when they are stopped, how much space they leave, what they cost others.</summary>
public sealed class MergeTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void A_merge_makes_tables_of_bounded_size_that_read_as_one_run()
    {
        var disk = new MemoryFileSystem();
        var options = Options(disk) with { MaxTableBytes = 8192 };
        using (var store = LsmStore.Open(options))
        {
            var tree = store.Tree("t");
            for (var i = 0; i < 1000; i++) tree.Put(Key(i * 7919 % 1000), new byte[100]);
            store.Compact();
            var stats = store.Stats();
            Assert.Equal(1, stats.MostRuns);
            Assert.InRange(stats.Tables, 10, 30);
        }

        using var again = LsmStore.Open(options);
        Assert.Empty(again.Verify());
        Assert.Equal(1, again.Stats().MostRuns);
        foreach (var name in disk.List("s").Where(static name => name.StartsWith("table-", StringComparison.Ordinal)))
        {
            using var file = disk.Open("s/" + name);
            Assert.InRange(file.Length, 200, 8192 + 4096);
        }

        var read = again.Tree("t");
        for (var i = -1; i <= 1000; i++) Assert.Equal(i is >= 0 and < 1000, read.Get(Key(i)) is not null);
        CheckScans(read, [.. Enumerable.Range(0, 1000)]);
    }

    [Fact]
    public void A_merge_that_was_stopped_goes_on_where_it_was()
    {
        var total = 0;
        for (var seed = FirstSeed; seed < FirstSeed + 20; seed++)
        {
            var random = new Random(seed);
            var fuse = new Fuse();
            var disk = new MemoryFileSystem();
            var options = Options(fuse.On(disk)) with { MaxTableBytes = 2048 };
            var model = new SortedDictionary<int, int>();
            var store = LsmStore.Open(options);
            try
            {
                Write(store, random, model, 1500);
                var stops = 0;
                LsmSnapshot? snapshot = null;
                while (fuse.Light(random.Next(5, 25), token => store.Compact(token)))
                {
                    stops++;
                    total++;
                    CheckScans(store.Tree("t"), [.. model.Keys]);
                    switch (random.Next(4))
                    {
                        case 0:
                            snapshot?.Dispose();
                            snapshot = null;
                            store.Dispose();
                            store = LsmStore.Open(options);
                            break;
                        case 1:
                            snapshot?.Dispose();
                            snapshot = null;
                            // Power cut; the handle that was is left alone.
                            disk = disk.CrashClone(seed, 0.5);
                            store = LsmStore.Open(options = options with { FileSystem = fuse.On(disk) });
                            break;
                        case 2:
                            snapshot ??= store.Snapshot();
                            break;
                        case 3 when stops < 20:
                            Write(store, random, model, 40);
                            break;
                    }

                    Assert.True(stops < 1000, $"BASALT_SEED={seed}: it does not come to an end");
                }

                snapshot?.Dispose();
                store.Compact();
                Assert.Equal((1, model.Count), (store.Stats().MostRuns, (int)store.Stats().Entries));
                Assert.Empty(store.Verify());
                foreach (var (key, value) in model) Assert.Equal(value, BitConverter.ToInt32(store.Tree("t").Get(Key(key))));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}", e);
            }
            finally
            {
                store.Dispose();
            }
        }

        Assert.True(total > 60, $"BASALT_SEED={FirstSeed}: {total} stops");
    }

    [Fact]
    public void What_a_stopped_merge_has_finished_is_not_done_again()
    {
        var fuse = new Fuse();
        var options = Options(fuse.On(new MemoryFileSystem())) with { MaxTableBytes = 4096, MemtableBytes = 1 << 20 };
        long whole;
        using (var other = LsmStore.Open(options with { FileSystem = new MemoryFileSystem() }))
        {
            Fill(other);
            other.Compact();
            whole = other.Stats().MergedBytes;
        }

        var merged = 0L;
        for (var rounds = 0; ; rounds++)
        {
            Assert.True(rounds < 100);
            using var store = LsmStore.Open(options);
            if (rounds == 0) Fill(store);
            var isStopped = fuse.Light(80, token => store.Compact(token));
            merged += store.Stats().MergedBytes;
            if (isStopped) continue;
            Assert.True(rounds > 3);
            break;
        }

        Assert.InRange(merged, whole * 0.9, whole * 1.3);

        static void Fill(LsmStore store)
        {
            for (var half = 0; half < 2; half++)
            {
                for (var i = half; i < 2000; i += 2) store.Tree("t").Put(Key(i), new byte[100]);
                store.Flush();
            }
        }
    }

    [Fact]
    public void A_large_merge_frees_space_as_it_goes()
    {
        var disk = new MemoryFileSystem();
        var highest = 0L;
        var isOn = false;
        var watched = new FaultingFileSystem(disk, operation =>
        {
            if (isOn && operation.Kind == FileOperationKind.SyncFolder) highest = Math.Max(highest, Size(disk));
            return false;
        });
        using var store = LsmStore.Open(Options(watched) with { MaxTableBytes = 8192, MemtableBytes = 1 << 20, MergeWidth = 32, SpaceRatio = 10 });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 2000; i++) store.Tree("t").Put(Key(i), new byte[100]);
            store.Flush();
            if (round > 0) continue;
            store.Tree("t").Delete(Key(5000));
            store.Compact();
            Assert.InRange(store.Stats().Tables, 20, 40);
        }

        // The two newer tables are whole until the end; the oldest run goes table by table.
        var before = Size(disk);
        isOn = true;
        store.Compact();
        Assert.InRange(highest, before, before + 3 * 8192 + 4096);

        static long Size(MemoryFileSystem disk) => disk.List("s").Where(static name => name.StartsWith("table-", StringComparison.Ordinal)).Sum(name =>
        {
            using var file = disk.Open("s/" + name);
            return file.Length;
        });
    }

    [Theory]
    [InlineData(1.0, 4)]
    [InlineData(0.25, 4)]
    [InlineData(2.0, 2)]
    public void Settled_tables_take_at_most_the_ratio_more_than_what_lives(double ratio, int width)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 4; seed++)
        {
            var random = new Random(seed);
            var options = Options(new MemoryFileSystem()) with { MemtableBytes = 8192, SpaceRatio = ratio, MergeWidth = width, MaxTableBytes = 1 << 20 };
            using var store = LsmStore.Open(options);
            var tree = store.Tree("t");
            for (var phase = 0; phase < 8; phase++)
            {
                var (deletes, keys) = (random.Next(0, 90), random.Next(50, 2000));
                for (var i = random.Next(500, 3000); i > 0; i--)
                {
                    if (random.Next(100) < deletes) tree.Delete(Key(random.Next(keys)));
                    else tree.Put(Key(random.Next(keys)), new byte[100]);
                }

                store.Flush();
                store.Settle();
                var settled = store.Stats().TableBytes;
                var live = LiveBytes(tree);
                Assert.True(settled <= (1 + ratio) * live + options.MemtableBytes, $"BASALT_SEED={seed}, phase {phase}: {settled} bytes for {live} live ones");
            }
        }

        static long LiveBytes(LsmTree tree)
        {
            using var copy = LsmStore.Open(Options(new MemoryFileSystem()) with { MemtableBytes = 4 << 20 });
            using var cursor = tree.Scan();
            while (cursor.MoveNext()) copy.Tree("t").Put(cursor.Key, cursor.Value);
            copy.Flush();
            return copy.Stats().TableBytes;
        }
    }

    [Fact]
    public void A_table_that_has_half_expired_is_written_anew_when_the_time_has_come()
    {
        var clock = new ManualTime();
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, TimeProvider = clock });
        var tree = store.Tree("t");
        for (var i = 0; i < 100; i++) tree.Put(Key(i), new byte[100], clock.GetUtcNow().AddMinutes(i + 1));
        store.Flush();
        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(100, store.Stats().Entries);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return store.Stats().Entries < 60;
            },
            TimeSpan.FromSeconds(30)));
        store.Compact();
        Assert.InRange(store.Stats().Entries, 0, 51);
    }

    [Fact]
    public void A_merge_keeps_to_its_share_while_somebody_is_there()
    {
        var clock = new ManualTime();
        var isBusy = true;
        var pacer = new Pacer(0.25, clock, () => isBusy);
        pacer.Begin();
        pacer.Check(default);
        clock.Advance(TimeSpan.FromMilliseconds(9));
        pacer.Check(default);
        Assert.Equal(TimeSpan.Zero, pacer.Rested);
        clock.Advance(TimeSpan.FromMilliseconds(11));
        var resting = new Thread(() => pacer.Check(default));
        resting.Start();
        for (var passed = 0; passed < 60; passed++)
        {
            Assert.True(SpinWait.SpinUntil(() => clock.Waiting == 1, TimeSpan.FromSeconds(30)));
            Assert.True(resting.IsAlive, $"rested only {passed} ms");
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(resting.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromMilliseconds(60), pacer.Rested);
        isBusy = false;
        clock.Advance(TimeSpan.FromSeconds(1));
        pacer.Check(default);
        isBusy = true;
        clock.Advance(TimeSpan.FromSeconds(1));
        pacer.Hurry(isBegin: true);
        pacer.Check(default);
        pacer.Hurry(isBegin: false);
        Assert.Equal(TimeSpan.FromMilliseconds(60), pacer.Rested);
        clock.Advance(TimeSpan.FromSeconds(1));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => pacer.Check(cancelled.Token));
    }

    private static LsmOptions Options(IFileSystem disk) =>
        new() { Folder = "s", FileSystem = disk, MemtableBytes = 4096, BlockBytes = 256, MergeWidth = 2, RunsMaintenanceInline = true };

    private static void Write(LsmStore store, Random random, SortedDictionary<int, int> model, int count)
    {
        var tree = store.Tree("t");
        for (var i = 0; i < count; i++)
        {
            var key = random.Next(600);
            if (random.Next(4) == 0)
            {
                tree.Delete(Key(key));
                model.Remove(key);
                continue;
            }

            var value = new byte[random.Next(4, 60)];
            BitConverter.TryWriteBytes(value, i);
            tree.Put(Key(key), value);
            model[key] = i;
        }
    }

    private static void CheckScans(LsmTree tree, List<int> keys)
    {
        foreach (var descending in (bool[])[false, true])
        {
            foreach (var (from, to) in ((int, int)[])[(0, 10_000), (17, 18), (100, 401), (250, 250), (990, 2000)])
            {
                var expected = keys.Where(key => key >= from && key < to).Select(static key => Encoding.ASCII.GetString(Key(key))).ToList();
                if (descending) expected.Reverse();
                var found = new List<string>();
                using var cursor = tree.Scan(KeyRange.Between(Key(from), Key(to)), descending);
                while (cursor.MoveNext()) found.Add(Encoding.ASCII.GetString(cursor.Key));
                Assert.Equal(expected, found);
            }
        }
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"key{i:D8}");
}

using System.Collections.Concurrent;
using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

/// <summary>Flushes and merges behind the back of the writers: who does them, what a failure does, who waits and why.</summary>
public sealed class MaintenanceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Threads_of_the_store_write_the_tables_and_end_with_it()
    {
        var threads = new ConcurrentDictionary<Thread, string>();
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Create && operation.Path.Contains("table-")) threads.TryAdd(Thread.CurrentThread, operation.Path);
            return false;
        });
        using (var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192, MergeWidth = 2 }))
        {
            Fill(store.Tree("t"), 0, 2000);
            Until(() => threads.Count == 2);
            Assert.Equal(["Basalt.Lsm flush", "Basalt.Lsm merge"], threads.Keys.Select(static thread => thread.Name).Order(StringComparer.Ordinal));
            Assert.All(threads.Keys, static thread => Assert.True(thread.IsBackground && thread != Thread.CurrentThread));
        }

        Assert.All(threads.Keys, static thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void A_full_disk_is_told_to_writers_and_goes_on_by_itself_when_it_is_mended()
    {
        var isFull = true;
        var attempts = 0;
        var time = new ManualTime();
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind != FileOperationKind.Create || !operation.Path.Contains("table-")) return false;
            Interlocked.Increment(ref attempts);
            return Volatile.Read(ref isFull);
        });
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192, TimeProvider = time });
        var tree = store.Tree("t");
        var written = 0;
        Action writeOn = () =>
        {
            // Delays pass by themselves here: only the end of the room counts.
            using var passing = new Timer(_ => time.Advance(TimeSpan.FromMilliseconds(10)), null, 1, 1);
            for (; ; written++) Put(tree, written);
        };
        var fault = Assert.Throws<IOException>(writeOn);
        Assert.Contains("Injected fault: Create of", fault.Message);
        Assert.Contains("memory holds", fault.Message);
        var stats = store.Stats();
        Assert.Equal(WritePressure.Stopped, stats.Pressure);
        Assert.Contains("Injected fault", stats.MaintenanceFailure!);
        Assert.Throws<IOException>(() => store.Flush());
        for (var i = 0; i < 8; i++)
        {
            var before = Volatile.Read(ref attempts);
            Until(() => time.Waiting > 0);
            time.Advance(TimeSpan.FromMilliseconds(50));
            Assert.InRange(Volatile.Read(ref attempts), before, before + 1);
            time.Advance(TimeSpan.FromSeconds(31));
            Until(() => Volatile.Read(ref attempts) > before);
        }

        Volatile.Write(ref isFull, false);
        Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            // Writers are let in before the work that failed has ended.
            return store.Stats() is { Pressure: WritePressure.None, MaintenanceFailure: null };
        });
        Put(tree, written++);
        Assert.Equal(Enumerable.Range(0, written).Select(Key), Keys(tree));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public async Task Writers_are_slowed_before_they_are_stopped_are_told_why_and_may_leave()
    {
        using var blocked = new ManualResetEventSlim();
        var time = new ManualTime();
        var told = new ConcurrentQueue<(WritePressure Pressure, string Reason)>();
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Create && operation.Path.Contains("table-")) blocked.Wait(Patience);
            return false;
        });
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 16384, TimeProvider = time, PressureChanged = (pressure, reason) => told.Enqueue((pressure, reason)) });
        var tree = store.Tree("t");
        var written = 0;
        using var leave = new CancellationTokenSource();
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (; ; Interlocked.Increment(ref written)) store.Commit(new WriteBatch().Put(tree, Key(written), new byte[100]), leave.Token);
            },
            TaskCreationOptions.LongRunning);
        Until(() => told.Count == 1 && time.Waiting > 0);
        Assert.Equal(WritePressure.Slowed, told.Single().Pressure);
        Assert.Contains("are being written to tables", store.Stats().PressureReason!);
        Assert.Contains("are being written to tables", told.Single().Reason);
        var slowedAt = Volatile.Read(ref written);
        Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return told.Count == 2;
        });
        Assert.Equal(WritePressure.Stopped, told.Last().Pressure);
        Assert.Equal(WritePressure.Stopped, store.Stats().Pressure);
        Until(() => time.Waiting == 0);
        var stoppedAt = Volatile.Read(ref written);
        Assert.True(stoppedAt > slowedAt + 5, $"slowed at {slowedAt}, stopped at {stoppedAt}");
        Assert.InRange(store.Stats().MemtableBytes, 16384, 2 * 16384 + 1024);
        Assert.True(store.Stats().WriterWaits > TimeSpan.Zero);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer);
        Assert.Equal(stoppedAt, written);
        Assert.Equal(written, Keys(tree).Count);
        blocked.Set();
        Until(() => told.Last().Pressure == WritePressure.None);
        Put(tree, written);
        Assert.Null(store.Stats().PressureReason);
    }

    [Fact]
    public async Task A_writer_that_waits_is_told_when_the_store_is_closed()
    {
        using var blocked = new ManualResetEventSlim();
        var time = new ManualTime();
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Create && operation.Path.Contains("table-")) blocked.Wait(Patience);
            return false;
        });
        var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192, TimeProvider = time });
        var tree = store.Tree("t");
        var written = 0;
        Action writeOn = () =>
        {
            for (; ; written++) Put(tree, written);
        };
        var writer = Task.Factory.StartNew(writeOn, TaskCreationOptions.LongRunning);
        Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return store.Stats().Pressure == WritePressure.Stopped && time.Waiting == 0;
        });
        var closing = Task.Factory.StartNew(store.Dispose, TaskCreationOptions.LongRunning);
        Assert.Equal(LsmErrorCode.Closed, (await Assert.ThrowsAsync<LsmException>(() => writer)).Code);
        Assert.False(closing.IsCompleted);
        blocked.Set();
        await closing;
        using var again = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk });
        Assert.Equal(written, Keys(again.Tree("t")).Count);
    }

    [Fact]
    public async Task Too_many_runs_hold_writers_back_until_merges_have_caught_up()
    {
        using var blocked = new ManualResetEventSlim();
        var time = new ManualTime();
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Create && string.Equals(Thread.CurrentThread.Name, "Basalt.Lsm merge", StringComparison.Ordinal)) blocked.Wait(Patience);
            return false;
        });
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 4096, MergeWidth = 2, SpaceRatio = 10, TimeProvider = time });
        var tree = store.Tree("t");
        using var leave = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (; ; Interlocked.Increment(ref written)) store.Commit(new WriteBatch().Put(tree, Key(written), new byte[500]), leave.Token);
            },
            TaskCreationOptions.LongRunning);
        LsmStats stats = null!;
        Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return (stats = store.Stats()) is { Pressure: WritePressure.Stopped } && stats.PressureReason!.Contains("runs", StringComparison.Ordinal);
        });
        Assert.InRange(stats.MostRuns, 16, 33);
        blocked.Set();
        var before = Volatile.Read(ref written);
        Until(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return Volatile.Read(ref written) > before + 200;
        });
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (!writer.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(200));
                await Task.Yield();
            }

            await writer;
        });
        Until(() => store.Stats().MostRuns <= 16);
        Assert.Equal(written, Keys(tree).Count);
    }

    [Fact]
    public void A_damaged_table_is_named_and_left_alone_and_other_work_goes_on()
    {
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192, MergeWidth = 2, BlockBytes = 256 });
        var (tree, other) = (store.Tree("t"), store.Tree("u"));
        for (var i = 0; i < 40; i++) Put(tree, i);
        store.Flush();
        var path = "s/" + Assert.Single(disk.List("s"), static name => name.StartsWith("table-", StringComparison.Ordinal));
        disk.Damage(path, 300, 1);
        Fill(tree, 100, 2000);
        Fill(other, 0, 2000);
        Until(() => store.Stats().DamagedTables.Count == 1);
        Assert.Equal(path, store.Stats().DamagedTables[0]);
        Assert.Contains(store.Verify(), fault => string.Equals(fault.File, path, StringComparison.Ordinal));
        Assert.Equal(LsmErrorCode.Corrupt, Assert.Throws<LsmException>(() => tree.Compact()).Code);
        other.Compact();
        Fill(tree, 3000, 5000);
        store.Flush();
        store.Settle();
        Assert.Null(store.Stats().MaintenanceFailure);
        Assert.InRange(store.Stats().MostRuns, 2, 12);
        Assert.NotNull(tree.Get(Key(4999)));
        Assert.Equal(2000, Keys(other).Count);
    }

    [Fact]
    public async Task A_store_closes_while_everybody_is_busy_and_opens_with_what_was_acknowledged()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var given) ? given : Environment.TickCount & 0xFFFFFF;
        var disk = new MemoryFileSystem();
        const int writers = 3;
        var acknowledged = new int[writers];
        for (var life = 0; life < 6; life++)
        {
            var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192, MergeWidth = 2, MaxTableBytes = 4096, BlockBytes = 256 });
            var tree = store.Tree("t");
            var tasks = new List<Task>();
            void Busy(Action work) => tasks.Add(Task.Factory.StartNew(
                () =>
                {
                    try
                    {
                        while (true) work();
                    }
                    catch (LsmException e) when (e.Code == LsmErrorCode.Closed)
                    {
                        // That is how it ends.
                    }
                },
                TaskCreationOptions.LongRunning));
            for (var i = 0; i < writers; i++)
            {
                var mine = i;
                Busy(() =>
                {
                    var n = acknowledged[mine] + 1;
                    store.Commit(new WriteBatch().Put(tree, Encoding.ASCII.GetBytes($"{mine}-{n % 50}"), BitConverter.GetBytes(n)).Put(tree, Encoding.ASCII.GetBytes($"{mine}"), BitConverter.GetBytes(n)));
                    acknowledged[mine] = n;
                });
            }

            Busy(() => store.Compact());
            Busy(() =>
            {
                using var snapshot = store.Snapshot();
                var first = ScanAll(tree, snapshot);
                Assert.Equal(first, ScanAll(tree, snapshot));
            });
            var until = acknowledged.Sum() + 400 + (seed + life) % 400;
            Until(() => acknowledged.Sum() >= until || tasks.Any(static task => task.IsCompleted));
            store.Dispose();
            await Task.WhenAll(tasks);
            using var again = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = life % 2 == 0 ? disk.CrashClone(seed + life, 0.5) : disk });
            var after = again.Tree("t");
            for (var i = 0; i < writers; i++)
            {
                // The last write may have been cut off by the end: it is done or not.
                Assert.InRange(BitConverter.ToInt32(after.Get(Encoding.ASCII.GetBytes($"{i}"))), acknowledged[i], acknowledged[i] + 1);
                acknowledged[i] = BitConverter.ToInt32(after.Get(Encoding.ASCII.GetBytes($"{i}")));
                Assert.True(acknowledged[i] == BitConverter.ToInt32(after.Get(Encoding.ASCII.GetBytes($"{i}-{acknowledged[i] % 50}"))), $"BASALT_SEED={seed}");
            }

            Assert.Empty(again.Verify());
        }
    }

    [Fact]
    public async Task Writers_who_filled_the_memtables_during_a_flush_by_call_go_on_after_it()
    {
        using var isHeld = new ManualResetEventSlim(true);
        using var goesOn = new ManualResetEventSlim(false);
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Create && operation.Path.Contains("table-"))
            {
                isHeld.Set();
                goesOn.Wait(Patience);
            }

            return false;
        });
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 8192 });
        var tree = store.Tree("t");
        Put(tree, 0);
        isHeld.Reset();
        var flush = Task.Run(() => store.Flush());
        Assert.True(isHeld.Wait(Patience));
        using var patience = new CancellationTokenSource(Patience);
        var writing = Task.Run(() =>
        {
            // Large, so that the last one that is let in leaves no room even when the flush has ended.
            for (var i = 1; i < 1000; i++) store.Commit(new WriteBatch().Put(tree, Key(i), new byte[5000]), patience.Token);
        });
        Until(() => store.Stats().Pressure == WritePressure.Stopped);
        goesOn.Set();
        await flush;
        // Cancelled, it would throw.
        await writing;
        Assert.NotNull(tree.Get(Key(999)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Writers_go_on_when_a_flush_by_call_failed_or_was_cancelled(bool isCancelled)
    {
        using var cancelled = new CancellationTokenSource();
        var isFirst = true;
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (!isFirst || operation.Kind != FileOperationKind.Create || !operation.Path.Contains("table-")) return false;
            isFirst = false;
            if (isCancelled) cancelled.Cancel();
            return !isCancelled;
        });
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 1 << 20 });
        var tree = store.Tree("t");
        // More entries than are written out between two looks at the token.
        Fill(tree, 0, 3000);
        if (isCancelled) Assert.ThrowsAny<OperationCanceledException>(() => store.Flush(cancelled.Token));
        else Assert.Throws<IOException>(() => store.Flush());
        using var patience = new CancellationTokenSource(Patience);
        await Task.Run(() =>
        {
            for (var i = 0; i < 100; i++) store.Commit(new WriteBatch().Put(tree, Key(i), new byte[100_000]), patience.Token);
        });
        Assert.Equal(100_000, tree.Get(Key(99))!.Length);
    }

    private static List<(string, int)> ScanAll(LsmTree tree, LsmSnapshot snapshot)
    {
        var found = new List<(string, int)>();
        using var cursor = tree.Scan(snapshot: snapshot);
        while (cursor.MoveNext()) found.Add((Encoding.ASCII.GetString(cursor.Key), BitConverter.ToInt32(cursor.Value)));
        return found;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"key{i:D8}");

    private static void Put(LsmTree tree, int i) => tree.Put(Key(i), new byte[100]);

    private static void Fill(LsmTree tree, int from, int to)
    {
        for (var i = from; i < to; i++) Put(tree, i);
    }

    private static List<byte[]> Keys(LsmTree tree)
    {
        var keys = new List<byte[]>();
        using var cursor = tree.Scan();
        while (cursor.MoveNext()) keys.Add(cursor.Key.ToArray());
        return keys;
    }
}

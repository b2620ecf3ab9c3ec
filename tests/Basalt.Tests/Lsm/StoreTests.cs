using System.Buffers;
using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

public sealed class StoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_open_is_refused_and_names_the_holder()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var fault = Assert.Throws<LsmException>(() => LsmStore.Open(new LsmOptions { Folder = _folder }));
        Assert.Equal(LsmErrorCode.Locked, fault.Code);
        if (!OperatingSystem.IsWindows()) Assert.Contains($"process {Environment.ProcessId}", fault.Message);
    }

    [Fact]
    public void A_closed_store_refuses_and_its_cursors_go_on()
    {
        var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var tree = store.Tree("t");
        tree.Put("a"u8, "1"u8);
        store.Flush();
        using var cursor = tree.Scan();
        store.Dispose();
        Assert.True(cursor.MoveNext());
        Assert.Equal("1"u8.ToArray(), cursor.Value.ToArray());
        Assert.Equal(LsmErrorCode.Closed, Assert.Throws<LsmException>(() => tree.Put("b"u8, "2"u8)).Code);
        Assert.Equal(LsmErrorCode.Closed, Assert.Throws<LsmException>(() => tree.Get("a"u8)).Code);
        LsmStore.Open(new LsmOptions { Folder = _folder }).Dispose();
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        foreach (var options in (LsmOptions[])[new() { Folder = "" }, new() { Folder = _folder, MemtableBytes = 1 }, new() { Folder = _folder, BlockBytes = 1 }, new() { Folder = _folder, FilterBitsPerKey = 99 }, new() { Folder = _folder, MergeWidth = 1 }])
            Assert.Equal(LsmErrorCode.InvalidOptions, Assert.Throws<LsmException>(() => LsmStore.Open(options)).Code);
    }

    [Fact]
    public async Task Concurrent_writers_share_syncs_and_lose_nothing()
    {
        var syncs = 0;
        var disk = new FaultingFileSystem(LocalFileSystem.Instance, operation =>
        {
            if (operation.Kind == FileOperationKind.Sync) Interlocked.Increment(ref syncs);
            return false;
        });
        const int writers = 8, each = 60;
        using (var store = LsmStore.Open(new LsmOptions { Folder = _folder, FileSystem = disk }))
        {
            var tree = store.Tree("t");
            var before = syncs;
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Factory.StartNew(
                () =>
                {
                    for (var i = 0; i < each; i++)
                    {
                        var key = Encoding.ASCII.GetBytes($"{writer}-{i}");
                        tree.Put(key, key);
                        Assert.Equal(key, tree.Get(key));
                    }
                },
                TaskCreationOptions.LongRunning)));
            Assert.Equal(syncs - before, store.Stats().CommitGroups);
            Assert.InRange(store.Stats().CommitGroups, each, writers * each / 2);
            Assert.Equal((ulong)(writers * each), store.Sequence);
        }

        using var again = LsmStore.Open(new LsmOptions { Folder = _folder });
        using var cursor = again.Tree("t").Scan();
        var count = 0;
        while (cursor.MoveNext()) count++;
        Assert.Equal(writers * each, count);
    }

    [Fact]
    public async Task Readers_see_whole_batches_while_tables_come_and_go()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), MemtableBytes = 8192, MergeWidth = 2 });
        var (left, right) = (store.Tree("l"), store.Tree("r"));
        using var done = new CancellationTokenSource();
        var reader = Task.Factory.StartNew(
            () =>
            {
                var reads = 0;
                while (!done.IsCancellationRequested)
                {
                    using var snapshot = store.Snapshot();
                    foreach (var key in (byte[])[1, 2, 3]) Assert.Equal(left.Get([key], snapshot), right.Get([key], snapshot));
                    reads++;
                }

                return reads;
            },
            TaskCreationOptions.LongRunning);
        for (var i = 0; i < 3000; i++)
        {
            var value = BitConverter.GetBytes(i);
            byte[] key = [(byte)(1 + i % 3)];
            store.Commit(new WriteBatch().Put(left, key, value).Put(right, key, value).Put(left, [9, .. value], new byte[30]));
        }

        await done.CancelAsync();
        Assert.True(await reader > 0);
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void Interval_syncs_when_its_time_has_come()
    {
        var syncs = 0;
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation =>
        {
            if (operation.Kind == FileOperationKind.Sync) Interlocked.Increment(ref syncs);
            return false;
        });
        var options = new LsmOptions { Folder = "s", FileSystem = disk, Sync = SyncPolicy.Interval(TimeSpan.FromMilliseconds(20)) };
        using var store = LsmStore.Open(options);
        var tree = store.Tree("t");
        var before = Volatile.Read(ref syncs);
        tree.Put("a"u8, "b"u8);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref syncs) == before + 1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_store_without_syncs_syncs_at_flush_and_close()
    {
        var disk = new MemoryFileSystem();
        using (var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, Sync = SyncPolicy.None }))
        {
            store.Tree("t").Put("a"u8, "1"u8);
            store.Flush();
            store.Tree("t").Put("b"u8, "2"u8);
            using var cut = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk.CrashClone(1, 0) });
            Assert.NotNull(cut.Tree("t").Get("a"u8));
            Assert.Null(cut.Tree("t").Get("b"u8));
        }

        using var closed = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk.CrashClone(1, 0) });
        Assert.NotNull(closed.Tree("t").Get("b"u8));
    }

    [Fact]
    public void Sidecars_see_every_entry_and_come_and_go_with_their_table()
    {
        var options = new LsmOptions { Folder = _folder, BlockBytes = 256, Sidecars = static name => name == "t" ? [new KeyList()] : [] };
        using (var store = LsmStore.Open(options))
        {
            var (tree, other) = (store.Tree("t"), store.Tree("u"));
            for (var i = 0; i < 100; i++)
            {
                tree.Put(Encoding.ASCII.GetBytes($"k{i:D3}"), "v"u8);
                other.Put("x"u8, "y"u8);
            }

            store.Flush();
            tree.Delete("k050"u8);
            store.Flush();
        }

        using var again = LsmStore.Open(options);
        Assert.Empty(again.Verify());
        Check(again, ["k050!"], [.. Enumerable.Range(0, 100).Select(static i => $"k{i:D3}")]);
        again.Tree("t").Compact();
        Check(again, [.. Enumerable.Range(0, 100).Where(static i => i != 50).Select(static i => $"k{i:D3}")]);
        using var snapshot = again.Snapshot();
        Assert.Null(again.Tree("u").Tables(snapshot)[0].ReadSidecar("keys"));
    }

    private static void Check(LsmStore store, params string[][] expected)
    {
        using var snapshot = store.Snapshot();
        var tables = store.Tree("t").Tables(snapshot);
        Assert.Equal(expected.Length, tables.Count);
        for (var i = 0; i < expected.Length; i++)
        {
            var keys = Encoding.ASCII.GetString(tables[i].ReadSidecar("keys")!).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(expected[i], keys);
            for (var ordinal = 0; ordinal < keys.Length; ordinal++)
            {
                var (key, value) = tables[i].ReadEntry(ordinal);
                Assert.Equal(keys[ordinal], Encoding.ASCII.GetString(key) + (value is null ? "!" : ""));
            }
        }
    }

    [Fact]
    public void Verify_of_an_open_store_names_damage_in_every_kind_of_file()
    {
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk });
        store.Tree("t").Put("a"u8, "b"u8);
        store.Flush();
        store.Tree("t").Put("c"u8, "d"u8);
        Assert.Empty(store.Verify());
        foreach (var name in disk.List("s").Where(static name => name != "LOCK"))
        {
            using var file = disk.Open("s/" + name);
            var at = file.Length - 1;
            disk.Damage("s/" + name, at, 1);
            Assert.Contains(name, Assert.Single(store.Verify()).Message);
            disk.Damage("s/" + name, at, 1);
        }

        Assert.Empty(store.Verify());
    }

    [Fact]
    public void Get_allocates_only_its_result()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var tree = store.Tree("t");
        tree.Put("a"u8, new byte[100]);
        store.Flush();
        var destination = new ArrayBufferWriter<byte>(1 << 20);
        for (var i = 0; i < 200; i++) tree.TryGet("a"u8, destination);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Assert.True(tree.TryGet("a"u8, destination));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Misuse_is_refused_before_anything_is_written()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem() });
        using var other = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem() });
        var tree = store.Tree("t");
        Assert.Throws<ArgumentException>(() => tree.Put(new byte[WriteBatch.MaxKeyBytes + 1], default));
        Assert.Throws<ArgumentException>(() => new WriteBatch().Delete(tree, "a"u8).Delete(other.Tree("t"), "a"u8));
        Assert.Throws<ArgumentException>(() => other.Commit(new WriteBatch().Delete(tree, "a"u8)));
        tree.Put(new byte[WriteBatch.MaxKeyBytes], new byte[1 << 20]);
        store.Flush();
        Assert.Equal(1 << 20, tree.Get(new byte[WriteBatch.MaxKeyBytes])!.Length);
        Assert.Equal(1UL, store.Sequence);
    }
}

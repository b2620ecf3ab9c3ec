using System.Buffers;
using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

/// <summary>What becomes of a dropped tree, and of everything that was about it at that moment.</summary>
public sealed class DropTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly MemoryFileSystem _disk = new();

    private LsmOptions Options => new() { Folder = "s", FileSystem = _disk, RunsMaintenanceInline = true, BlockBytes = 256 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_dropped_tree_is_gone_with_its_files_and_its_name_begins_anew(bool isCut)
    {
        LsmStore? store = LsmStore.Open(Options);
        var (tree, other) = (store.Tree("t"), store.Tree("other"));
        Fill(tree, 100);
        store.Flush();
        Assert.True(store.AttachSidecar(tree, Newest(store, tree), new KeyList()));
        Assert.Equal(2, Contents(_disk).Count);
        tree.Put("in memory"u8, "x"u8);
        other.Put("k"u8, "kept"u8);
        store.DropTree(tree);
        Assert.Empty(Contents(_disk));
        Assert.Equal(["other"], store.Trees);
        Assert.Empty(store.Verify());
        var again = store.Tree("t");
        Assert.NotSame(tree, again);
        Assert.Equal(0, Count(again));
        again.Put("in memory"u8, "new"u8);
        Assert.Equal(LsmErrorCode.Dropped, Assert.Throws<LsmException>(() => tree.Get("in memory"u8)).Code);
        var left = isCut ? _disk.CrashClone(1, 0) : _disk;
        if (!isCut) store.Dispose();
        using (var opened = LsmStore.Open(Options with { FileSystem = left }))
        {
            Assert.Equal(["other", "t"], opened.Trees);
            Assert.Equal("new"u8.ToArray(), opened.Tree("t").Get("in memory"u8));
            Assert.Equal("kept"u8.ToArray(), opened.Tree("other").Get("k"u8));
            Assert.Equal(1, Count(opened.Tree("t")));
            Assert.Empty(opened.Verify());
            opened.DropTree(opened.Tree("t"));
            opened.DropTree(opened.Tree("other"));
            Assert.Empty(opened.Trees);
        }

        using var last = LsmStore.OpenReadOnly(Options with { FileSystem = left });
        Assert.Empty(last.Trees);
        if (isCut) store.Dispose();
    }

    [Fact]
    public void Everything_that_is_asked_of_a_dropped_tree_is_refused_and_says_so()
    {
        using var store = LsmStore.Open(Options);
        using var foreign = LsmStore.Open(Options with { FileSystem = new MemoryFileSystem() });
        var tree = store.Tree("t");
        Fill(tree, 10);
        store.Flush();
        var table = Newest(store, tree);
        Assert.Throws<ArgumentException>(() => foreign.DropTree(tree));
        using var load = store.BeginLoad(tree);
        store.DropTree(tree);
        using var snapshot = store.Snapshot();
        foreach (var ask in (Action[])
        [
            () => store.DropTree(tree), () => tree.Get("a"u8), () => tree.Get("a"u8, snapshot), () => tree.Locate("a"u8), () => tree.TryGet("a"u8, new ArrayBufferWriter<byte>()),
            () => tree.MultiGet([new byte[1]]), () => tree.Scan(), () => tree.Scan(snapshot: snapshot), () => tree.ScanMemory(null, snapshot), () => tree.MemoryEntries(snapshot), () => tree.Memory(snapshot), () => tree.Tables(snapshot),
            () => tree.Put("a"u8, "b"u8), () => tree.Delete("a"u8), () => tree.Compact(), () => store.BeginLoad(tree), () => load.Add("a"u8, "b"u8), () => load.Commit(),
            () => store.AttachSidecar(tree, table, new KeyList()), () => store.RebuildSidecar(tree, table, new KeyList()), () => store.DropSidecar(tree, "keys"),
        ])
        {
            var fault = Assert.Throws<LsmException>(ask);
            Assert.Equal((LsmErrorCode.Dropped, "The tree 't' was dropped."), (fault.Code, fault.Message));
        }

        store.Compact();
        Assert.Equal(10UL, store.Sequence);
    }

    [Fact]
    public void Snapshots_and_cursors_keep_what_they_hold_and_give_it_back()
    {
        using var store = LsmStore.Open(Options);
        var tree = store.Tree("t");
        using (var before = store.Snapshot())
        {
            Fill(tree, 100);
            store.Flush();
            tree.Put("in memory"u8, "x"u8);
            var snapshot = store.Snapshot();
            var cursor = tree.Scan();
            Assert.True(cursor.MoveNext());
            store.DropTree(tree);
            store.Tree("t").Put("in memory"u8, "new"u8);
            Assert.Equal(101, Count(tree, snapshot));
            Assert.Equal("x"u8.ToArray(), tree.Get("in memory"u8, snapshot));
            Assert.Equal(EntryPlace.InMemory, tree.Locate("in memory"u8, snapshot));
            // The tree of today was not there then.
            Assert.Null(store.Tree("t").Get("in memory"u8, snapshot));
            Assert.Empty(store.Tree("t").Tables(snapshot));
            for (var i = 1; i < 101; i++) Assert.True(cursor.MoveNext());
            Assert.False(cursor.MoveNext());
            Assert.Equal(1, tree.Tables(snapshot)[0].Scan(5, 6) is var entries && entries.MoveNext() ? 1 : 0);
            Assert.Single(Contents(_disk));
            snapshot.Dispose();
            Assert.Single(Contents(_disk));
            cursor.Dispose();
            Assert.Empty(Contents(_disk));
        }

        store.Compact();
        Assert.Equal(1, Count(store.Tree("t")));
    }

    [Fact]
    public async Task A_batch_that_races_with_the_drop_is_done_whole_before_it_or_refused_whole()
    {
        using var store = LsmStore.Open(Options with { RunsMaintenanceInline = false, MemtableBytes = 64 << 10 });
        var kept = store.Tree("kept");
        var (done, refused, tried) = (0, 0, 0);
        for (var round = 0; round < 20; round++)
        {
            var (victim, sequence) = (store.Tree("victim"), store.Sequence);
            var writers = Enumerable.Range(0, 4).Select(writer => Task.Factory.StartNew(
                () =>
                {
                    // Until it meets the drop, however late that comes.
                    for (var (i, isRefused) = (0, false); i < 50 || !isRefused; i++)
                    {
                        Interlocked.Increment(ref tried);
                        var key = Encoding.ASCII.GetBytes($"{round} {writer} {i}");
                        var batch = new WriteBatch().Put(kept, key, "x"u8);
                        // Those that do not write to it are never refused, whoever is in their group.
                        if (i % 3 > 0) batch.Put(victim, key, "x"u8);
                        try
                        {
                            store.Commit(batch);
                            Assert.NotNull(kept.Get(key));
                            Interlocked.Increment(ref done);
                        }
                        catch (LsmException e) when (e.Code == LsmErrorCode.Dropped && i % 3 > 0)
                        {
                            Assert.Null(kept.Get(key));
                            Interlocked.Increment(ref refused);
                            isRefused = true;
                        }
                    }
                },
                TaskCreationOptions.LongRunning)).ToArray();
            Assert.True(SpinWait.SpinUntil(() => store.Sequence >= sequence + 40, Patience));
            store.DropTree(victim);
            await Task.WhenAll(writers);
        }

        Assert.True(done > 100, $"{done} done, {refused} refused");
        Assert.Equal(tried, done + refused);
        Assert.Equal(done, Count(kept));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void A_batch_made_before_the_drop_changes_nothing_and_one_of_others_is_written()
    {
        using var store = LsmStore.Open(Options);
        var (kept, victim) = (store.Tree("kept"), store.Tree("victim"));
        var batch = new WriteBatch().Put(kept, "refused"u8, "x"u8).Put(kept, "more"u8, "x"u8).Put(victim, "a"u8, "x"u8);
        store.DropTree(victim);
        store.Tree("victim");
        Assert.Equal(LsmErrorCode.Dropped, Assert.Throws<LsmException>(() => store.Commit(batch)).Code);
        Assert.Equal(0UL, store.Sequence);
        Assert.Equal(0, Count(kept) + Count(store.Tree("victim")));
        batch.Clear();
        store.Commit(batch.Put(kept, "kept"u8, "x"u8));
        Assert.Equal(1, Count(kept));
    }

    [Fact]
    public async Task A_merge_a_flush_and_an_attachment_that_are_under_way_end_and_bring_nothing_back()
    {
        using var isBusy = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        var (heldTree, isTold) = ("", false);
        var list = new KeyList
        {
            Begun = context =>
            {
                if (context.Tree != heldTree) return;
                isBusy.Set();
                // A merge or an attachment is told; a flush goes on to its end.
                if (isTold) Assert.True(context.CancellationToken.WaitHandle.WaitOne(Patience));
                else Assert.True(goesOn.Wait(Patience));
            },
        };
        using var store = LsmStore.Open(Options with { Sidecars = name => name == "t" ? [list] : [] });
        var kept = store.Tree("kept");
        foreach (var work in (string[])["flush", "merge", "attachment"])
        {
            var tree = store.Tree("t");
            Fill(tree, 100);
            if (work != "flush") store.Flush();
            Fill(kept, 100);
            isTold = work != "flush";
            if (work == "attachment") Assert.Equal(1, store.DropSidecar(tree, "keys"));
            var number = work == "attachment" ? Newest(store, tree) : 0;
            if (work == "merge")
            {
                tree.Put("x"u8, "x"u8);
                store.Flush();
            }

            heldTree = "t";
            var working = Task.Run(() =>
            {
                switch (work)
                {
                    case "flush":
                        store.Flush();
                        break;
                    case "merge":
                        // Of all trees: the others are merged.
                        store.Compact();
                        break;
                    default:
                        Assert.False(store.AttachSidecar(tree, number, list));
                        break;
                }
            });
            Assert.True(isBusy.Wait(Patience), work);
            heldTree = "";
            store.DropTree(tree);
            goesOn.Set();
            await working.WaitAsync(Patience);
            store.Flush();
            using (var snapshot = store.Snapshot()) Assert.Equal(kept.Tables(snapshot).Count, Contents(_disk).Count);
            Assert.Equal(["kept"], store.Trees);
            Assert.Empty(store.Verify());
            Assert.Equal(0, Count(store.Tree("t")));
            Assert.Equal(100, Count(kept));
            isBusy.Reset();
            goesOn.Reset();
            store.DropTree(store.Tree("t"));
        }
    }

    [Fact]
    public void A_load_under_way_fails_and_leaves_nothing()
    {
        using var store = LsmStore.Open(Options with { LoadBytes = 64 << 10, MaxTableBytes = 10_000 });
        var tree = store.Tree("t");
        using (var load = store.BeginLoad(tree))
        {
            for (var i = 0; i < 2000; i++) load.Add(Key(i), new byte[60]);
            Assert.True(Contents(_disk).Count > 3);
            store.DropTree(tree);
            store.Tree("t").Put("mine"u8, "x"u8);
            Assert.Equal(LsmErrorCode.Dropped, Assert.Throws<LsmException>(() => load.Commit()).Code);
        }

        Assert.Empty(Contents(_disk));
        Assert.Equal(1, Count(store.Tree("t")));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void Backups_have_what_was_there_when_they_were_made()
    {
        using var store = LsmStore.Open(Options);
        var (tree, kept) = (store.Tree("t"), store.Tree("kept"));
        Fill(tree, 50);
        Fill(kept, 20);
        store.Backup("b");
        using (var backup = LsmStore.OpenReadOnly(Options with { Folder = "b" })) Assert.Equal((50, 20), (Count(backup.Tree("t")), Count(backup.Tree("kept"))));
        tree.Put("later"u8, "x"u8);
        store.DropTree(tree);
        Fill(store.Tree("new"), 5);
        var report = store.Backup("b");
        Assert.True(report.ReusedBytes > 0);
        using (var backup = LsmStore.OpenReadOnly(Options with { Folder = "b" }))
        {
            Assert.Equal(["kept", "new"], backup.Trees);
            Assert.Equal((5, 20), (Count(backup.Tree("new")), Count(backup.Tree("kept"))));
            Assert.Empty(backup.Verify());
        }

        LsmStore.Restore("b", Options with { Folder = "r" });
        using var restored = LsmStore.Open(Options with { Folder = "r" });
        Fill(restored.Tree("t"), 3);
        restored.DropTree(restored.Tree("new"));
        Assert.Equal((3, 20), (Count(restored.Tree("t")), Count(restored.Tree("kept"))));
        Assert.Empty(restored.Verify());
    }

    [Fact]
    public void Who_opens_for_reading_while_a_tree_is_dropped_sees_one_moment()
    {
        var writer = LsmStore.Open(Options);
        var (victim, kept) = (writer.Tree("victim"), writer.Tree("kept"));
        Fill(victim, 10);
        var isDropped = false;
        var disk = new FaultingFileSystem(_disk, operation =>
        {
            // The reader has read the manifest, and not yet the log.
            if (isDropped || operation.Kind != FileOperationKind.Open || !operation.Path.Contains("wal-")) return false;
            isDropped = true;
            writer.DropTree(victim);
            kept.Put("after"u8, "x"u8);
            return false;
        });
        using var reader = LsmStore.OpenReadOnly(Options with { FileSystem = disk });
        Assert.True(isDropped);
        Assert.Equal(["kept"], reader.Trees);
        Assert.Equal(1, Count(reader.Tree("kept")));
        writer.Dispose();
    }

    [Fact]
    public void Trees_that_come_and_go_leave_neither_a_long_manifest_nor_a_long_log()
    {
        var told = new List<string>();
        var options = Options with { MemtableBytes = 1 << 20, TablesChanged = told.Add };
        using (var store = LsmStore.Open(options))
        {
            var kept = store.Tree("kept");
            for (var i = 0; i < 5000; i++)
            {
                var tree = store.Tree($"a rather long name of number {i}");
                store.Commit(new WriteBatch().Put(tree, "a"u8, new byte[100]).Put(kept, Key(i), "x"u8));
                store.DropTree(tree);
                Assert.Equal([tree.Name], told.Where(static name => name != "kept"));
                told.Clear();
            }

            Assert.True(LengthOf("manifest-") < 500_000, $"{LengthOf("manifest-")} bytes of manifest");
            Assert.True(LengthOf("wal-") < 2 << 20, $"{LengthOf("wal-")} bytes of log");
            Assert.True(store.Stats().MemtableBytes < 1 << 20);
        }

        using var again = LsmStore.Open(options);
        Assert.Equal(["kept"], again.Trees);
        Assert.Equal(5000, Count(again.Tree("kept")));
        Assert.True(LengthOf("manifest-") < 20_000, $"{LengthOf("manifest-")} bytes of manifest");
        again.Flush();
        Assert.Empty(again.Verify());
    }

    [Theory]
    [InlineData(1, 400)]
    [InlineData(20_000, 40)]
    public void Trees_that_come_and_go_between_openings_leave_neither_a_long_manifest_nor_a_long_log(int valueBytes, int openings)
    {
        var options = Options with { MemtableBytes = 64 << 10, RunsMaintenanceInline = false };
        for (var i = 0; i < openings; i++)
        {
            using var store = LsmStore.Open(options);
            var tree = store.Tree("t");
            Assert.Equal(0, Count(tree));
            tree.Put("a"u8, new byte[valueBytes]);
            store.DropTree(tree);
            Assert.Equal((ulong)(i + 1), store.Sequence);
        }

        using (var store = LsmStore.Open(options))
        {
            Assert.True(LengthOf("wal-") < 200_000, $"{LengthOf("wal-")} bytes of log");
            Assert.True(LengthOf("manifest-") < 10_000, $"{LengthOf("manifest-")} bytes of manifest");
            store.Flush();
            Assert.True(LengthOf("wal-") < 100);
        }

        using var last = LsmStore.Open(options);
        Assert.True(LengthOf("manifest-") < 300, $"{LengthOf("manifest-")} bytes of manifest");
        Assert.Equal((ulong)openings, last.Sequence);
        Assert.Empty(last.Verify());
    }

    private long LengthOf(string prefix) => _disk.List("s").Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Sum(name =>
    {
        using var file = _disk.Open("s/" + name);
        return file.Length;
    });

    [Theory]
    [InlineData(1, 4, false)]
    [InlineData(1, 5, true)]
    [InlineData(2, 4, true)]
    public void The_log_may_write_to_a_tree_that_was_dropped_later_and_to_no_other(uint keyspace, ulong sequence, bool isDamage)
    {
        using (var store = LsmStore.Open(Options))
        {
            var (kept, victim) = (store.Tree("kept"), store.Tree("victim"));
            for (var i = 0; i < 4; i++) store.Commit(new WriteBatch().Put(i == 3 ? victim : kept, Key(i), "x"u8));
            store.DropTree(victim);
        }

        var log = _disk.List("s").Single(static name => FileNames.IsLog(name, out _));
        FileNames.IsLog(log, out var number);
        var fake = new WriteBatch();
        using (var other = LsmStore.Open(Options with { FileSystem = new MemoryFileSystem() }))
        {
            for (var i = 0; i <= keyspace; i++) other.Tree($"{i}");
            fake.Put(other.Tree($"{keyspace}"), Key((int)sequence - 1), "x"u8);
        }

        using (var whole = LogReader.Open(_disk.CrashClone(0, 1), "s/" + log, LogFormat.WalMagic, number, mayBeTorn: false, null))
        using (var writer = LogWriter.Create(_disk, "s/" + log, LogFormat.WalMagic, number, 0, null))
        {
            while (whole.Read(out var head, out var payload)) writer.Add(FrameKind.Entry, head.Count, head.Sequence, head.Sequence == sequence ? fake.Payload : payload);
            if (sequence == 5) writer.Add(FrameKind.Entry, 1, 5, fake.Payload);
            writer.Write();
            writer.Sync();
        }

        foreach (var open in (Func<LsmOptions, LsmStore>[])[static options => LsmStore.OpenReadOnly(options), static options => LsmStore.Open(options)])
        {
            if (isDamage)
            {
                var fault = Assert.Throws<LsmException>(() => open(Options));
                Assert.Equal(LsmErrorCode.Corrupt, fault.Code);
                Assert.Contains($"writes to keyspace {keyspace}, which is not there", fault.Message);
                continue;
            }

            using var store = open(Options);
            Assert.Equal((3, 4UL), (Count(store.Tree("kept")), store.Sequence));
            Assert.Empty(store.Verify());
        }
    }

    private static List<string> Contents(MemoryFileSystem disk) =>
        [.. disk.List("s").Where(static name => FileNames.IsTable(name, out _) || FileNames.IsSidecar(name, out _))];

    private static void Fill(LsmTree tree, int count)
    {
        for (var i = 0; i < count; i++) tree.Put(Key(i), new byte[40]);
    }

    private static ulong Newest(LsmStore store, LsmTree tree)
    {
        using var snapshot = store.Snapshot();
        return tree.Tables(snapshot)[0].Number;
    }

    private static int Count(LsmTree tree, LsmSnapshot? snapshot = null)
    {
        using var cursor = tree.Scan(snapshot: snapshot);
        var count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"k{i:D4}");
}

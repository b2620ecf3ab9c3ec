using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Backups;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

public sealed class BackupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("basalt-backup-").FullName;

    private string Store => Path.Combine(_root, "store");

    private string Target => Path.Combine(_root, "deep", "backup");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_backup_is_a_store_of_the_moment()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 100);
        var report = store.Backup(Target);
        Assert.Equal((store.Sequence, 2, 0L, 0L, 0), (report.Sequence, report.Files, report.CopiedBytes, report.ReusedBytes, report.FilesLeft));
        Assert.Equal(store.Stats().TableBytes, report.LinkedBytes);
        Fill(store, 100, 200);
        Check(Target, 100);
        Assert.Equal(["BACKUP", "CURRENT", "LOCK", "manifest", "table", "table"], Directory.GetFiles(Target).Select(static path => Path.GetFileName(path).Split('-')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_second_backup_places_what_is_new_and_removes_what_is_not_needed()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 50);
        var first = store.Backup(Target);
        Fill(store, 50, 100);
        var second = store.Backup(Target);
        Assert.Equal(first.LinkedBytes, second.ReusedBytes);
        Assert.Equal(store.Stats().TableBytes, second.LinkedBytes + second.ReusedBytes);
        Check(Target, 100);
        var third = store.Backup(Target);
        Assert.Equal((0L, 0L), (third.LinkedBytes, third.CopiedBytes));
        store.Compact();
        var fourth = store.Backup(Target);
        Assert.Equal((2, 0L), (fourth.Files, fourth.ReusedBytes));
        Assert.Equal(2, Directory.GetFiles(Target, "table-*").Length);
        Check(Target, 100);
    }

    [Fact]
    public void A_copy_does_not_share_bytes_with_the_store_and_a_link_does()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 50);
        var copied = store.Backup(Path.Combine(_root, "copy"), new TransferOptions { Placement = Placement.Copy });
        Assert.Equal((store.Stats().TableBytes, 0L), (copied.CopiedBytes, copied.LinkedBytes));
        store.Backup(Path.Combine(_root, "link"));
        var table = Directory.GetFiles(Store, "table-*")[0];
        using (var file = File.Open(table, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 10;
            file.WriteByte(0xAA);
        }

        Assert.Empty(Faults(Path.Combine(_root, "copy")));
        Assert.Contains(Path.GetFileName(table), Assert.Single(Faults(Path.Combine(_root, "link"))).Message);
    }

    [Fact]
    public void Where_the_disk_cannot_link_it_copies()
    {
        var disk = new FaultingFileSystem(new MemoryFileSystem(), static operation => operation.Kind == FileOperationKind.Link);
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk });
        Fill(store, 0, 50);
        var report = store.Backup("b");
        Assert.Equal((0L, store.Stats().TableBytes), (report.LinkedBytes, report.CopiedBytes));
        using var backup = LsmStore.OpenReadOnly(new LsmOptions { Folder = "b", FileSystem = disk });
        Assert.Empty(backup.Verify());
    }

    [Fact]
    public void Folders_that_hold_something_else_are_refused_and_left_alone()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 10);
        using (var other = LsmStore.Open(new LsmOptions { Folder = Path.Combine(_root, "other") }))
        {
            Fill(other, 0, 10);
            other.Backup(Path.Combine(_root, "others"));
        }

        Directory.CreateDirectory(Path.Combine(_root, "letters"));
        File.WriteAllText(Path.Combine(_root, "letters", "a.txt"), "Dear");
        store.Backup(Target);
        File.WriteAllText(Path.Combine(Target, "b.txt"), "Dear");
        foreach (var (folder, named) in ((string, string)[])[(Path.Combine(_root, "other"), "CURRENT"), (Path.Combine(_root, "others"), "another store"), (Path.Combine(_root, "letters"), "a.txt"), (Target, "b.txt")])
        {
            var before = Directory.GetFiles(folder).Where(static path => !path.EndsWith("LOCK", StringComparison.Ordinal)).ToDictionary(static path => path, File.ReadAllBytes);
            var fault = Assert.Throws<LsmException>(() => store.Backup(folder));
            Assert.Equal(LsmErrorCode.WrongFolder, fault.Code);
            Assert.Contains(named, fault.Message);
            Assert.Equal(before, Directory.GetFiles(folder).Where(static path => !path.EndsWith("LOCK", StringComparison.Ordinal)).ToDictionary(static path => path, File.ReadAllBytes));
        }

        Assert.Equal(LsmErrorCode.Locked, Assert.Throws<LsmException>(() => store.Backup(Store)).Code);
    }

    [Fact]
    public void Two_backups_into_one_folder_do_not_meet()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 10);
        LsmException? refused = null;
        store.Backup(Target, new TransferOptions { Progress = new Told(_ => refused ??= Assert.Throws<LsmException>(() => store.Backup(Target))) });
        Assert.Equal(LsmErrorCode.Locked, refused!.Code);
        Check(Target, 10);
    }

    [Fact]
    public void Progress_ends_with_everything_and_cancelling_leaves_the_earlier_backup()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 50);
        store.Backup(Target);
        Fill(store, 50, 100, size: 100_000);
        using var stop = new CancellationTokenSource();
        var cancelled = new TransferOptions { Placement = Placement.Copy, Progress = new Told(_ => stop.Cancel()) };
        Assert.Throws<OperationCanceledException>(() => store.Backup(Target, cancelled, stop.Token));
        Check(Target, 50);
        var told = new List<TransferProgress>();
        var report = store.Backup(Target, new TransferOptions { Placement = Placement.Copy, Progress = new Told(told.Add) });
        Assert.Equal(new TransferProgress(report.Files, report.Files, report.CopiedBytes + report.ReusedBytes, store.Stats().TableBytes), told[^1]);
        Assert.True(told.Count > 5 && told.Zip(told.Skip(1)).All(static pair => pair.First.Bytes <= pair.Second.Bytes && pair.First.Files <= pair.Second.Files));
        Check(Target, 100);
    }

    [Fact]
    public void A_backup_that_is_opened_as_a_store_takes_no_more_backups()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 50);
        store.Backup(Target);
        using (var fork = LsmStore.Open(new LsmOptions { Folder = Target })) Fill(fork, 50, 60);
        Assert.False(File.Exists(Path.Combine(Target, "BACKUP")));
        Assert.Equal(LsmErrorCode.WrongFolder, Assert.Throws<LsmException>(() => store.Backup(Target)).Code);
        Check(Target, 60);
        Assert.Equal(LsmErrorCode.WrongFolder, Assert.Throws<LsmException>(() => LsmStore.Restore(Target, new LsmOptions { Folder = Path.Combine(_root, "r") })).Code);
        Check(Store, 50);
    }

    [Fact]
    public async Task Writers_go_on_during_backups_and_each_backup_holds_whole_batches()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, MemtableBytes = 8192, BlockBytes = 256, MergeWidth = 2 });
        var (left, right) = (store.Tree("left"), store.Tree("right"));
        using var done = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (; !done.IsCancellationRequested; Interlocked.Increment(ref written))
                {
                    byte[] key = [(byte)(written % 50)];
                    var value = BitConverter.GetBytes(written);
                    store.Commit(new WriteBatch().Put(left, key, value).Put(right, key, value));
                }
            },
            TaskCreationOptions.LongRunning);
        try
        {
            var before = 0;
            for (var i = 0; i < 20; i++)
            {
                var floor = Volatile.Read(ref written);
                var report = store.Backup(Target);
                using var backup = LsmStore.OpenReadOnly(new LsmOptions { Folder = Target });
                Assert.Equal(report.Sequence, backup.Sequence);
                var newest = -1;
                for (var key = 0; key < 50; key++)
                {
                    var value = backup.Tree("left").Get([(byte)key]);
                    Assert.Equal(value, backup.Tree("right").Get([(byte)key]));
                    if (value is not null) newest = Math.Max(newest, BitConverter.ToInt32(value));
                }

                Assert.Equal(report.Sequence, 2UL * (ulong)(newest + 1));
                Assert.True(newest + 1 >= floor && newest + 1 >= before);
                before = newest + 1;
                Assert.Empty(backup.Verify());
            }

            Assert.True(before > 0);
        }
        finally
        {
            await done.CancelAsync();
            await writer;
        }
    }

    [Theory]
    [InlineData(Placement.Copy)]
    [InlineData(Placement.Link)]
    public void A_restored_store_holds_what_the_backup_does_and_is_another_store(Placement placement)
    {
        var restored = Path.Combine(_root, "restored");
        using var store = LsmStore.Open(new LsmOptions { Folder = Store, RunsMaintenanceInline = true });
        Fill(store, 0, 50);
        store.Backup(Target);
        var report = LsmStore.Restore(Target, new LsmOptions { Folder = restored }, new TransferOptions { Placement = placement });
        Assert.Equal(placement == Placement.Copy ? (0L, store.Stats().TableBytes) : (store.Stats().TableBytes, 0L), (report.LinkedBytes, report.CopiedBytes));
        using (var again = LsmStore.Open(new LsmOptions { Folder = restored }))
        {
            Fill(again, 50, 60);
            Assert.Equal(LsmErrorCode.WrongFolder, Assert.Throws<LsmException>(() => again.Backup(Target)).Code);
            again.Backup(Path.Combine(_root, "of-restored"));
        }

        Check(restored, 60);
        Check(Path.Combine(_root, "of-restored"), 60);
        store.Backup(Target);
        Check(Target, 50);
        Assert.Equal(LsmErrorCode.WrongFolder, Assert.Throws<LsmException>(() => LsmStore.Restore(Target, new LsmOptions { Folder = restored })).Code);
        Assert.Equal(LsmErrorCode.WrongFolder, Assert.Throws<LsmException>(() => LsmStore.Restore(Store, new LsmOptions { Folder = Path.Combine(_root, "x") })).Code);
    }

    [Fact]
    public void A_damaged_backup_is_not_restored()
    {
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, BlockBytes = 256 });
        Fill(store, 0, 50);
        store.Backup("b");
        foreach (var table in disk.List("b").Where(static name => name.StartsWith("table-", StringComparison.Ordinal)))
        {
            using var file = disk.Open("b/" + table);
            for (var at = 0L; at < file.Length; at += 37)
            {
                disk.Damage("b/" + table, at, 4);
                var fault = Assert.Throws<LsmException>(() => LsmStore.Restore("b", new LsmOptions { Folder = "r", FileSystem = disk }));
                Assert.Equal((LsmErrorCode.Corrupt, "b/" + table), (fault.Code, fault.File));
                Assert.Equal(["LOCK"], disk.List("r"));
                disk.Damage("b/" + table, at, 4);
            }
        }

        LsmStore.Restore("b", new LsmOptions { Folder = "r", FileSystem = disk });
        using var restored = LsmStore.Open(new LsmOptions { Folder = "r", FileSystem = disk });
        Assert.Empty(restored.Verify());
    }

    [Fact]
    public void An_encrypted_store_has_an_encrypted_backup()
    {
        using var keys = new KeyRing("k1", new byte[32]);
        var options = new LsmOptions { Folder = Store, Keys = keys };
        using var store = LsmStore.Open(options);
        Fill(store, 0, 10);
        store.Backup(Target);
        store.Backup(Target);
        Assert.Equal(LsmErrorCode.WrongKey, Assert.Throws<LsmException>(() => LsmStore.OpenReadOnly(new LsmOptions { Folder = Target })).Code);
        Assert.Equal(LsmErrorCode.WrongKey, Assert.Throws<LsmException>(() => LsmStore.Restore(Target, new LsmOptions { Folder = Path.Combine(_root, "r") })).Code);
        LsmStore.Restore(Target, options with { Folder = Path.Combine(_root, "r") });
        using var restored = LsmStore.Open(options with { Folder = Path.Combine(_root, "r") });
        Assert.NotNull(restored.Tree("left").Get(Key(9)));
        Assert.Empty(restored.Verify());
    }

    [Fact]
    public void A_number_is_never_given_twice_so_that_a_backup_cannot_take_one_table_for_another()
    {
        var options = new LsmOptions { Folder = Store };
        ulong last;
        using (var store = LsmStore.Open(options))
        {
            Fill(store, 0, 5);
            store.Flush();
            store.Compact();
            using (var snapshot = store.Snapshot()) last = store.Trees.SelectMany(name => store.Tree(name).Tables(snapshot)).Max(static table => table.Number);
            foreach (var name in store.Trees)
                for (var i = 0; i < 5; i++) store.Tree(name).Delete(Key(i));
            store.Compact();
            Assert.Equal(0, store.Stats().Tables);
        }

        using var again = LsmStore.Open(options);
        Fill(again, 0, 5);
        again.Flush();
        using var later = again.Snapshot();
        Assert.All(again.Tree("left").Tables(later), table => Assert.True(table.Number > last));
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"k{i:D5}");

    private static void Fill(LsmStore store, int from, int to, int size = 20)
    {
        for (var i = from; i < to; i++) store.Commit(new WriteBatch().Put(store.Tree("left"), Key(i), new byte[size]).Put(store.Tree("right"), Key(i), new byte[3]));
    }

    private static IReadOnlyList<LsmException> Faults(string folder)
    {
        using var store = LsmStore.OpenReadOnly(new LsmOptions { Folder = folder });
        return store.Verify();
    }

    private static void Check(string folder, int count)
    {
        using var store = LsmStore.OpenReadOnly(new LsmOptions { Folder = folder });
        foreach (var name in (string[])["left", "right"])
        {
            using var cursor = store.Tree(name).Scan();
            for (var i = 0; i < count; i++)
            {
                Assert.True(cursor.MoveNext());
                Assert.Equal(Key(i), cursor.Key.ToArray());
            }

            Assert.False(cursor.MoveNext());
        }

        Assert.Empty(store.Verify());
    }

    private sealed class Told(Action<TransferProgress> tell) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => tell(value);
    }
}

using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

public sealed class ReadOnlyTests : IDisposable
{
    private static readonly FileOperationKind[] Reading = [FileOperationKind.List, FileOperationKind.Open, FileOperationKind.Read];
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-readonly-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_shows_tables_and_log_of_an_open_store_and_not_what_comes_later()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var tree = store.Tree("t");
        tree.Put("a"u8, "1"u8);
        store.Flush();
        tree.Put("b"u8, "2"u8);
        using var reader = LsmStore.OpenReadOnly(new LsmOptions { Folder = _folder });
        Assert.True(reader.IsReadOnly && !store.IsReadOnly);
        Assert.Equal(store.Sequence, reader.Sequence);
        tree.Put("c"u8, "3"u8);
        tree.Delete("a"u8);
        store.Compact();
        Assert.Equal("1"u8.ToArray(), reader.Tree("t").Get("a"u8));
        Assert.Equal("2"u8.ToArray(), reader.Tree("t").Get("b"u8));
        Assert.Null(reader.Tree("t").Get("c"u8));
        Assert.Empty(reader.Verify());
        reader.Dispose();
        Assert.Equal("3"u8.ToArray(), tree.Get("c"u8));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void Every_call_that_writes_is_refused()
    {
        LsmStore.Open(new LsmOptions { Folder = _folder }).Dispose();
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        store.Tree("t").Put("a"u8, "1"u8);
        using var reader = LsmStore.OpenReadOnly(new LsmOptions { Folder = _folder });
        var tree = reader.Tree("t");
        foreach (var write in (Action[])[() => tree.Put("b"u8, "2"u8), () => tree.Delete("a"u8), () => reader.Tree("new"), () => reader.Flush(), () => reader.BeginLoad(tree), () => reader.Compact(), () => tree.Compact(), () => reader.Backup(_folder + "-b"), () => reader.Commit(new WriteBatch().Delete(tree, "a"u8))])
            Assert.Equal(LsmErrorCode.ReadOnly, Assert.Throws<LsmException>(write).Code);
        Assert.False(Directory.Exists(_folder + "-b"));
        Assert.Equal("1"u8.ToArray(), tree.Get("a"u8));
    }

    [Fact]
    public void It_does_nothing_but_read()
    {
        var disk = new MemoryFileSystem();
        using (var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 4096 }))
        {
            for (var i = 0; i < 1000; i++) store.Tree("t").Put(BitConverter.GetBytes(i), new byte[20]);
            // As after a crash: the log goes on behind the tables, and its end is torn.
            disk = disk.CrashClone(1, 1);
        }

        using (var torn = disk.Append("s/" + disk.List("s").Last(static name => name.StartsWith("wal-", StringComparison.Ordinal)), LengthOf(disk, "wal-"))) torn.Append(new byte[17]);
        var before = disk.List("s").ToDictionary(static name => name, name => Content(disk, name));
        var watched = new FaultingFileSystem(disk, static operation => !Reading.Contains(operation.Kind));
        using (var reader = LsmStore.OpenReadOnly(new LsmOptions { Folder = "s", FileSystem = watched, MemtableBytes = 4096 }))
        {
            Assert.Equal(1000UL, reader.Sequence);
            for (var i = 0; i < 1000; i++) Assert.NotNull(reader.Tree("t").Get(BitConverter.GetBytes(i)));
            Assert.Empty(reader.Verify());
        }

        Assert.Equal(before, disk.List("s").ToDictionary(static name => name, name => Content(disk, name)));
    }

    [Fact]
    public void A_folder_without_a_store_is_named()
    {
        foreach (var folder in (string[])[_folder, Path.Combine(_folder, "absent")])
        {
            var fault = Assert.Throws<LsmException>(() => LsmStore.OpenReadOnly(new LsmOptions { Folder = folder }));
            Assert.Equal(LsmErrorCode.Corrupt, fault.Code);
            Assert.Contains(folder, fault.Message);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_store_that_changes_at_every_operation_is_read_or_busy_and_never_half_seen()
    {
        // Between the reader's operations the writer overwrites, flushes and merges: files vanish under the reader.
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, MemtableBytes = 4096, MergeWidth = 2 });
        var (left, right) = (store.Tree("l"), store.Tree("r"));
        var written = 0;
        void Write()
        {
            var value = BitConverter.GetBytes(++written);
            store.Commit(new WriteBatch().Put(left, "k"u8, value).Put(right, "k"u8, value));
        }

        Write();
        var (busy, read) = (0, 0);
        for (var pace = 1; pace <= 40; pace++)
        {
            var operations = 0;
            var disturbed = new FaultingFileSystem(disk, _ =>
            {
                if (++operations % pace != 0) return false;
                Write();
                if (operations % 3 == 0) store.Compact();
                else store.Flush();
                return false;
            });
            try
            {
                using var reader = LsmStore.OpenReadOnly(new LsmOptions { Folder = "s", FileSystem = disturbed });
                var value = reader.Tree("l").Get("k"u8);
                Assert.Equal(value, reader.Tree("r").Get("k"u8));
                Assert.Equal(reader.Sequence, 2UL * (ulong)BitConverter.ToInt32(value!));
                read++;
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.Busy)
            {
                busy++;
            }
        }

        Assert.True(busy > 0 && read > 10, $"{busy} busy, {read} read");
    }

    [Fact]
    public void A_table_that_is_really_missing_is_named_at_once()
    {
        var disk = new MemoryFileSystem();
        using (var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk }))
        {
            store.Tree("t").Put("a"u8, "1"u8);
            store.Flush();
        }

        var table = "s/" + disk.List("s").Single(static name => name.StartsWith("table-", StringComparison.Ordinal));
        disk.Delete(table);
        var watched = new FaultingFileSystem(disk, static _ => false);
        var fault = Assert.Throws<LsmException>(() => LsmStore.OpenReadOnly(new LsmOptions { Folder = "s", FileSystem = watched }));
        Assert.Equal((LsmErrorCode.Corrupt, table), (fault.Code, fault.File));
        Assert.InRange(watched.Operations, 1, 40);
    }

    private static long LengthOf(MemoryFileSystem disk, string prefix) => Content(disk, disk.List("s").Last(name => name.StartsWith(prefix, StringComparison.Ordinal))).Length / 2;

    private static string Content(MemoryFileSystem disk, string name)
    {
        using var file = disk.Open("s/" + name);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return Convert.ToHexString(bytes);
    }
}

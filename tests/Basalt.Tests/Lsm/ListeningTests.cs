using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

/// <summary>Who listens to changes of tables: what it is told, on which thread, and what becomes of what it throws.</summary>
public sealed class ListeningTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly MemoryFileSystem _disk = new();

    [Fact]
    public void Whatever_installs_other_tables_or_sidecars_tells_of_its_trees_and_nothing_else_does()
    {
        var told = new List<string>();
        using var store = LsmStore.Open(Options(told.Add));
        var (left, right) = (store.Tree("left"), store.Tree("right"));
        var list = new KeyList();
        Assert.Empty(Told(told, () => left.Put("a"u8, "1"u8)));
        Assert.Empty(Told(told, () => left.Get("a"u8)));
        Assert.Equal(["left"], Told(told, () => store.Flush()));
        Assert.Empty(Told(told, () => store.Flush()));
        store.Commit(new WriteBatch().Put(left, "b"u8, "1"u8).Put(right, "b"u8, "1"u8));
        Assert.Equal(["left", "right"], Told(told, () => store.Flush()).Order(StringComparer.Ordinal));
        Assert.Equal(["left"], Told(told, () => store.Compact()));
        Assert.Equal(["right"], Told(told, () => Load(store, right)));
        left.Put("c"u8, "1"u8);
        Assert.Equal(["left", "right"], Told(told, () => Load(store, right)).Order(StringComparer.Ordinal));
        store.Compact();
        Assert.Equal(["left"], Told(told, () => Assert.True(store.AttachSidecar(left, Newest(store, left), list))));
        Assert.Equal(["left"], Told(told, () => Assert.True(store.RebuildSidecar(left, Newest(store, left), list))));
        Assert.Empty(Told(told, () => Assert.Throws<InvalidOperationException>(() => store.AttachSidecar(left, Newest(store, left), list))));
        Assert.Equal(["left"], Told(told, () => Assert.Equal(1, store.DropSidecar(left, "keys"))));
        Assert.Empty(Told(told, () => Assert.Equal(0, store.DropSidecar(left, "keys"))));
        // Nothing was written for what a tombstone hides nothing with.
        store.Tree("empty").Delete("a"u8);
        Assert.Empty(Told(told, () => store.Flush()));
    }

    [Fact]
    public void Each_slice_of_a_merge_is_told_when_readers_see_it()
    {
        var tables = new List<string>();
        LsmStore? store = null;
        using (store = LsmStore.Open(Options(tree =>
        {
            using var snapshot = store!.Snapshot();
            tables.Add(string.Join(' ', store.Tree(tree).Tables(snapshot).Select(static table => $"{table.Number}:{table.FirstOrdinal}")));
        }) with { MaxTableBytes = 1024, BlockBytes = 256 }))
        {
            var tree = store.Tree("t");
            for (var i = 0; i < 100; i++) tree.Put(Encoding.ASCII.GetBytes($"k{i:D3}"), new byte[50]);
            store.Flush();
            tree.Put("k050"u8, "new"u8);
            store.Flush();
            var before = tables.Count;
            tree.Compact();
            Assert.True(tables.Count - before > 4, $"{tables.Count} were told");
            Assert.Equal(tables.Count, tables.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void Who_is_told_holds_up_neither_readers_nor_writers()
    {
        LsmStore? store = null;
        var (told, thread) = (0, Thread.CurrentThread);
        using (store = LsmStore.Open(Options(_ =>
        {
            Assert.Same(thread, Thread.CurrentThread);
            // It needs the locks of the manifest and of the log.
            Assert.True(Task.Run(() => store!.Tree($"new {++told}").Put("a"u8, "b"u8)).Wait(Patience));
        })))
        {
            var tree = store.Tree("t");
            foreach (var key in (string[])["a", "b"])
            {
                tree.Put(Encoding.ASCII.GetBytes(key), "1"u8);
                store.Flush();
            }

            Load(store, tree);
            tree.Compact();
            store.AttachSidecar(tree, Newest(store, tree), new KeyList());
            store.DropSidecar(tree, "keys");
            Assert.True(told >= 6, $"{told} were told");
            Assert.Null(store.Stats().MaintenanceFailure);
        }
    }

    [Fact]
    public void What_it_throws_fails_nothing_is_named_and_told_again_until_it_does_not()
    {
        var time = new ManualTime();
        var (isBroken, told) = (true, 0);
        using var store = LsmStore.Open(Options(tree =>
        {
            Interlocked.Increment(ref told);
            if (Volatile.Read(ref isBroken)) throw new DivideByZeroException($"no {tree}");
        }) with { TimeProvider = time });
        var (left, right) = (store.Tree("left"), store.Tree("right"));
        store.Commit(new WriteBatch().Put(left, "a"u8, "1"u8).Put(right, "a"u8, "1"u8));
        store.Flush();
        // Both were told here, one thing's failure or not, and both again at once by the store's thread.
        Until(() => store.Stats().MaintenanceFailure is not null);
        Assert.Equal(4, told);
        Assert.Contains("failed for 'left': no left", store.Stats().MaintenanceFailure!);
        Load(store, left);
        left.Compact();
        Assert.Equal(2, Count(left));
        Volatile.Write(ref isBroken, false);
        var before = Volatile.Read(ref told);
        Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return store.Stats().MaintenanceFailure is null;
        });
        Assert.Equal(before + 2, told);
        Assert.Empty(store.Verify());
    }

    private LsmOptions Options(Action<string> told) => new() { Folder = "s", FileSystem = _disk, RunsMaintenanceInline = true, TablesChanged = told };

    private static List<string> Told(List<string> told, Action work)
    {
        told.Clear();
        work();
        return [.. told];
    }

    private static void Load(LsmStore store, LsmTree tree)
    {
        using var load = store.BeginLoad(tree);
        load.Add("loaded"u8, "1"u8);
        load.Commit();
    }

    private static ulong Newest(LsmStore store, LsmTree tree)
    {
        using var snapshot = store.Snapshot();
        return tree.Tables(snapshot)[0].Number;
    }

    private static int Count(LsmTree tree)
    {
        using var cursor = tree.Scan();
        var count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}

using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>Sidecars are attached, rebuilt, dropped and merged away, and the power goes, or the disk fails, at every operation of it.</summary>
public sealed class SidecarCrashTests
{
    private const int Batches = 90;
    private static readonly FileOperationKind[] Points = [FileOperationKind.Sync, FileOperationKind.SyncFolder, FileOperationKind.Rename, FileOperationKind.Delete];

    [Fact]
    public void A_power_cut_at_any_point_leaves_each_sidecar_whole_or_not_there()
    {
        var points = 0;
        for (var seed = History.FirstSeed; seed < History.FirstSeed + 3; seed++)
        {
            var disk = new MemoryFileSystem();
            var history = new History(seed, Batches);
            var operations = 0;
            var watched = new FaultingFileSystem(disk, operation =>
            {
                operations++;
                if (!Points.Contains(operation.Kind)) return false;
                foreach (var keep in (double[])[0, 0.5, 1])
                {
                    points++;
                    Check(disk.CrashClone(seed + operations, keep), history, $"BASALT_SEED={seed}, operation {operation}, kept {keep}");
                }

                return false;
            });
            using (var store = LsmStore.Open(History.Options(watched))) Live(store, history);
            using var again = LsmStore.Open(History.Options(watched));
            Assert.True(Lists(again) > 0);
        }

        Assert.True(points > 500, $"only {points} crash points");
    }

    [Fact]
    public void Whichever_operation_fails_no_sidecar_is_half_there()
    {
        var hasFailed = true;
        for (var n = 0; hasFailed; n++)
        {
            FileOperation? failed = null;
            var disk = new MemoryFileSystem();
            var history = new History(3, Batches);
            var number = 0;
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                if (number++ != n) return false;
                failed = operation;
                return true;
            });
            try
            {
                using var store = LsmStore.Open(History.Options(faulting));
                try
                {
                    Live(store, history);
                }
                catch (Exception e) when (failed is not null && e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
                {
                    Lists(store);
                    if (e is IOException) Assert.Empty(store.Verify());
                }
            }
            catch (Exception e) when (failed is not null && e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
            {
                // It could not be opened or closed.
            }

            hasFailed = failed is not null;
            foreach (var left in (MemoryFileSystem[])[disk.CrashClone(n, 1), disk.CrashClone(n, 0), disk.CrashClone(n, 0.5)]) Check(left, history, $"operation {n} {failed}");
        }
    }

    /// <summary>Writes, and gives every table a list that it keeps, gets anew, loses, or is merged with.</summary>
    private static void Live(LsmStore store, History history)
    {
        for (var step = 1; step <= 3; step++)
        {
            history.Write(store, Batches * step / 3);
            store.Flush();
            foreach (var tree in (LsmTree[])[store.Tree("left"), store.Tree("right")])
            {
                foreach (var (number, has) in Tables(tree))
                    Assert.True(has ? store.RebuildSidecar(tree, number, new KeyBytes()) : store.AttachSidecar(tree, number, new KeyBytes()));
            }

            if (step == 1) store.DropSidecar(store.Tree("left"), "keys");
            if (step == 2) store.Tree("right").Compact();
        }
    }

    private static List<(ulong Number, bool Has)> Tables(LsmTree tree)
    {
        using var snapshot = tree.Store.Snapshot();
        return [.. tree.Tables(snapshot).Select(static table => (table.Number, table.Sidecars.Count > 0))];
    }

    private static void Check(MemoryFileSystem left, History history, string what)
    {
        try
        {
            using var store = LsmStore.Open(History.Options(left));
            Assert.InRange(history.Held(store), history.Acknowledged, history.Issued);
            Assert.Empty(store.Verify());
            var lists = Lists(store);
            Assert.Equal(lists, left.List("s").Count(static name => name.StartsWith("sidecar-", StringComparison.Ordinal)));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }

    /// <summary>How many tables have a list; each must be that of its table.</summary>
    private static int Lists(LsmStore store)
    {
        using var snapshot = store.Snapshot();
        var count = 0;
        foreach (var table in store.Trees.SelectMany(name => store.Tree(name).Tables(snapshot)))
        {
            if (table.ReadSidecar("keys") is not { } list) continue;
            count++;
            var expected = new List<byte>();
            for (var entries = table.Scan(0); entries.MoveNext();) expected.AddRange(entries.Key);
            Assert.Equal(Encoding.Latin1.GetString([.. expected]), Encoding.Latin1.GetString(list));
        }

        return count;
    }

    private sealed class KeyBytes : ISidecar
    {
        public string Name => "keys";

        public ISidecarBuilder Begin(SidecarContext context) => new Builder();

        private sealed class Builder : ISidecarBuilder
        {
            private readonly List<byte> _keys = [];

            public void Add(in TableEntry entry) => _keys.AddRange(entry.Key);

            public void Finish(SectionWriter section) => section.Append([.. _keys]);
        }
    }
}

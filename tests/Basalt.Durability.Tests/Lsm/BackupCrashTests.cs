using Basalt.Lsm;
using Basalt.Lsm.Backups;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>What is left of a backup, and of a restore, when it ends at any point.</summary>
public sealed class BackupCrashTests
{
    private const int Batches = 180;
    private static readonly FileOperationKind[] Points = [FileOperationKind.Sync, FileOperationKind.SyncFolder, FileOperationKind.Rename, FileOperationKind.Delete, FileOperationKind.Link];

    [Theory]
    [InlineData(Placement.Link)]
    [InlineData(Placement.Copy)]
    public void A_power_cut_at_any_point_leaves_the_earlier_backup_or_the_new_one(Placement placement)
    {
        var points = 0;
        for (var seed = History.FirstSeed; seed < History.FirstSeed + 4; seed++)
        {
            var disk = new MemoryFileSystem();
            var history = new History(seed, Batches);
            var (earlier, newest, operations) = (0, 0, 0);
            var watched = new FaultingFileSystem(disk, operation =>
            {
                if (newest == 0 || !Points.Contains(operation.Kind)) return false;
                operations++;
                foreach (var keep in (double[])[0, 0.5, 1])
                {
                    points++;
                    Check(disk.CrashClone(seed + operations, keep), history, earlier, newest, $"BASALT_SEED={seed}, operation {operation}, kept {keep}");
                }

                return false;
            });
            using var store = LsmStore.Open(History.Options(watched));
            var options = new TransferOptions { Placement = placement };
            foreach (var until in (int[])[Batches / 3, Batches / 2, Batches])
            {
                history.Write(store, until);
                if (until == Batches) store.Compact();
                newest = until;
                store.Backup("b", options);
                earlier = until;
                Check(disk.CrashClone(seed, 0), history, earlier, newest, $"BASALT_SEED={seed}, after the backup");
                newest = 0;
            }

            Assert.Equal(Batches, Held(disk, history));
        }

        Assert.True(points > 300, $"only {points} crash points");
    }

    [Theory]
    [InlineData(Placement.Link)]
    [InlineData(Placement.Copy)]
    public void Whichever_operation_of_a_backup_fails_there_is_a_whole_one(Placement placement)
    {
        var failed = true;
        var failures = 0;
        for (var n = 0; failed; n++)
        {
            failed = false;
            var disk = new MemoryFileSystem();
            var history = new History(5, Batches);
            var number = int.MinValue;
            var faulting = new FaultingFileSystem(disk, _ => number++ == n && (failed = true));
            using var store = LsmStore.Open(History.Options(faulting));
            history.Write(store, Batches / 2);
            store.Backup("b", new TransferOptions { Placement = placement });
            history.Write(store, Batches);
            store.Flush();
            number = 0;
            Exception? fault = null;
            try
            {
                store.Backup("b", new TransferOptions { Placement = placement });
            }
            catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
            {
                fault = e;
            }

            number = int.MinValue;
            failures += fault is null ? 0 : 1;
            Assert.True(fault is null || failed);
            foreach (var left in (MemoryFileSystem[])[disk.CrashClone(n, 1), disk.CrashClone(n, 0), disk.CrashClone(n, 0.5)])
            {
                Check(left, history, Batches / 2, Batches, $"operation {n}, {fault?.Message}");
                if (fault is null) Assert.Equal(Batches, Held(left, history));
            }

            // The store itself took no harm, and the next backup is whole.
            if (fault is LsmException) continue;
            store.Backup("b");
            Assert.Equal(Batches, Held(disk, history));
        }

        Assert.True(failures > 20, $"only {failures} operations failed");
    }

    [Fact]
    public void A_restored_store_is_there_whole_or_cannot_be_opened()
    {
        var disk = new MemoryFileSystem();
        var history = new History(9, Batches);
        using (var store = LsmStore.Open(History.Options(disk)))
        {
            history.Write(store, Batches);
            store.Backup("b");
        }

        var (points, whole) = (0, 0);
        void Look(MemoryFileSystem left, string what)
        {
            points++;
            try
            {
                using var store = LsmStore.Open(History.Options(left) with { Folder = "r" });
                // An empty folder opens as a new store.
                if (store.Trees.Count == 0) return;
                Assert.True(history.Held(store) == Batches && store.Verify().Count == 0, what);
                whole++;
            }
            catch (LsmException e)
            {
                Assert.True(e.Code == LsmErrorCode.Corrupt && e.Message.Contains("CURRENT"), $"{what}: {e.Message}");
            }
        }

        var failed = true;
        for (var n = 0; failed; n++)
        {
            failed = false;
            var number = 0;
            var target = disk.CrashClone(n, 1);
            var faulting = new FaultingFileSystem(target, operation =>
            {
                if (n == 0 && Points.Contains(operation.Kind))
                    foreach (var keep in (double[])[0, 0.5, 1]) Look(target.CrashClone(points, keep), $"{operation}, kept {keep}");
                return number++ == n && n > 0 && (failed = true);
            });
            try
            {
                LsmStore.Restore("b", History.Options(faulting) with { Folder = "r" });
                Assert.Equal(Batches, HeldBy(target.CrashClone(n, 0), "r", history));
            }
            catch (IOException)
            {
                Assert.True(failed);
            }

            Look(target.CrashClone(n, 1), $"operation {n}");
            Look(target.CrashClone(n, 0), $"operation {n}");
            if (n == 0) failed = true;
        }

        Assert.True(points > 200 && whole > 0, $"{points} points, {whole} whole");
    }

    private static void Check(MemoryFileSystem left, History history, int earlier, int newest, string what)
    {
        try
        {
            if (earlier > 0 || left.List("b").Contains("CURRENT")) Assert.Contains(Held(left, history), (int[])[earlier, newest]);
            using var store = LsmStore.Open(History.Options(left));
            Assert.InRange(history.Held(store), history.Acknowledged, history.Issued);
            // Whatever is left, the next backup uses it.
            store.Backup("b");
            Assert.Equal(history.Held(store), Held(left, history));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }

    private static int Held(MemoryFileSystem disk, History history) => HeldBy(disk, "b", history);

    private static int HeldBy(MemoryFileSystem disk, string folder, History history)
    {
        using var store = LsmStore.OpenReadOnly(History.Options(disk) with { Folder = folder });
        Assert.Empty(store.Verify());
        return history.Held(store);
    }
}

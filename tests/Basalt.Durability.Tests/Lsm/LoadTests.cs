using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

public sealed class LoadTests
{
    private const int Steps = 40;
    private static readonly FileOperationKind[] Points = [FileOperationKind.Sync, FileOperationKind.SyncFolder, FileOperationKind.Rename, FileOperationKind.Delete];

    [Fact]
    public void A_power_cut_at_any_sync_of_a_load_keeps_all_of_it_or_nothing()
    {
        var points = 0;
        for (var seed = History.FirstSeed; seed < History.FirstSeed + 6; seed++)
        {
            var disk = new MemoryFileSystem();
            var keys = seed % 2 == 0 ? History.Keys : null;
            var history = new LoadHistory(seed, Steps);
            var operations = 0;
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                operations++;
                if (!Points.Contains(operation.Kind)) return false;
                foreach (var keep in (double[])[0, 0.5, 1])
                {
                    points++;
                    Recover(disk.CrashClone(seed + operations, keep), keys, history, $"BASALT_SEED={seed}, operation {operation}, kept {keep}");
                }

                return false;
            });
            using (var store = LsmStore.Open(LoadHistory.Options(faulting, keys)))
            {
                history.Write(store, Steps / 2);
                store.Compact();
            }

            using var again = LsmStore.Open(LoadHistory.Options(faulting, keys));
            history.Write(again, Steps);
            Assert.Equal(Steps, history.Held(again));
        }

        Assert.True(points > 1000, $"only {points} crash points");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whichever_operation_of_a_load_fails_it_is_there_whole_or_not_at_all(bool isEncrypted)
    {
        const int steps = 14;
        var keys = isEncrypted ? History.Keys : null;
        var failedOne = true;
        for (var n = 0; failedOne; n++)
        {
            failedOne = false;
            var disk = new MemoryFileSystem();
            var history = new LoadHistory(5, steps);
            var number = -1;
            FileOperation? failed = null;
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                if (++number != n) return false;
                failed = operation;
                return true;
            });
            try
            {
                using var store = LsmStore.Open(LoadHistory.Options(faulting, keys));
                try
                {
                    history.Write(store, steps);
                }
                catch (IOException)
                {
                    // Nothing of the step is there, unless only what follows a commit failed; the store goes on.
                    history.Resume(InRange(history, store));
                    history.Write(store, steps);
                }
                catch (LsmException e) when (e.Code == LsmErrorCode.Poisoned)
                {
                    InRange(history, store);
                }
            }
            catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
            {
                Assert.NotNull(failed);
            }

            failedOne = failed is not null;
            foreach (var left in (MemoryFileSystem[])[disk.CrashClone(n, 1), disk.CrashClone(n, 0), disk.CrashClone(n, 0.5)]) Recover(left, keys, history, $"operation {n} {failed}");
        }
    }

    private static int InRange(LoadHistory history, LsmStore store)
    {
        var held = history.Held(store);
        Assert.InRange(held, history.Acknowledged, history.Issued);
        return held;
    }

    /// <summary>The store is right, holds no file that it does not know, and goes on.</summary>
    private static void Recover(MemoryFileSystem disk, KeyRing? keys, LoadHistory history, string what)
    {
        try
        {
            using (var store = LsmStore.Open(LoadHistory.Options(disk, keys)))
            {
                InRange(history, store);
                Assert.Empty(store.Verify());
                Assert.Equal(store.Stats().Tables, disk.List("s").Count(static name => name.StartsWith("table-", StringComparison.Ordinal)));
                using var load = store.BeginLoad(store.Tree("other"));
                load.Add("k"u8, "v"u8);
                load.Commit();
                store.Tree("other").Put("k2"u8, "v"u8);
            }

            using var again = LsmStore.Open(LoadHistory.Options(disk, keys));
            Assert.Equal("v"u8.ToArray(), again.Tree("other").Get("k"u8));
            Assert.Equal("v"u8.ToArray(), again.Tree("other").Get("k2"u8));
            InRange(history, again);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }
}

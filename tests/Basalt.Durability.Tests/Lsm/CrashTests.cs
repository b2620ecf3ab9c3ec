using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

public sealed class CrashTests
{
    private static readonly FileOperationKind[] Points = [FileOperationKind.Sync, FileOperationKind.SyncFolder, FileOperationKind.Rename, FileOperationKind.Delete];

    [Fact]
    public void A_power_cut_at_any_sync_keeps_what_was_acknowledged_and_nothing_by_halves()
    {
        var points = 0;
        for (var seed = History.FirstSeed; seed < History.FirstSeed + 8; seed++)
        {
            var disk = new MemoryFileSystem();
            var keys = KeysOf(seed);
            var history = new History(seed, 220);
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
            using (var store = LsmStore.Open(History.Options(faulting, keys)))
            {
                history.Write(store, history.Count / 2);
                store.Compact();
            }

            using var again = LsmStore.Open(History.Options(faulting, keys));
            history.Write(again, history.Count);
        }

        Assert.True(points > 1000, $"only {points} crash points");
    }

    [Fact]
    public void Crash_upon_crash_loses_nothing()
    {
        // The first seed once found a log that was removed and came back beside a later one.
        foreach (var seed in Enumerable.Range(History.FirstSeed, 20).Prepend(2018))
        {
            var random = new Random(seed);
            var keys = KeysOf(seed);
            var history = new History(seed, 400);
            var disk = new MemoryFileSystem();
            for (var life = 0; history.Acknowledged < history.Count; life++)
            {
                MemoryFileSystem? left = null;
                var (lifetime, operations) = (random.Next(20, 300), 0);
                var current = disk;
                var faulting = new FaultingFileSystem(current, operation =>
                {
                    // Once the power is gone, every operation fails; the disk is as it was at that moment.
                    if (++operations < lifetime) return false;
                    left ??= current.CrashClone(random.Next(), 0.5);
                    return true;
                });
                try
                {
                    using var store = LsmStore.Open(History.Options(faulting, keys));
                    history.Write(store, history.Count);
                }
                catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
                {
                    Assert.NotNull(left);
                }

                disk = left ?? current.CrashClone(random.Next(), 0);
                history.Resume(Recover(disk.CrashClone(1, 1), keys, history, $"BASALT_SEED={seed}, life {life}"));
            }
        }
    }

    /// <summary>Every second history is encrypted.</summary>
    private static KeyRing? KeysOf(int seed) => seed % 2 == 0 ? History.Keys : null;

    private static int Recover(MemoryFileSystem disk, KeyRing? keys, History history, string what)
    {
        try
        {
            using var store = LsmStore.Open(History.Options(disk, keys));
            var held = history.Held(store);
            Assert.InRange(held, history.Acknowledged, history.Issued);
            Assert.Empty(store.Verify());
            return held;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }
}

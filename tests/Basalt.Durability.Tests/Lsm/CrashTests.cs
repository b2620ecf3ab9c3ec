using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

public sealed class CrashTests
{
    private static readonly FileOperationKind[] Points = [FileOperationKind.Sync, FileOperationKind.SyncFolder, FileOperationKind.Rename, FileOperationKind.Delete];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_power_cut_at_any_sync_keeps_what_was_acknowledged_and_nothing_by_halves(bool isInline)
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
                var number = Interlocked.Increment(ref operations);
                if (!Points.Contains(operation.Kind)) return false;
                foreach (var keep in (double[])[0, 0.5, 1])
                {
                    Interlocked.Increment(ref points);
                    // Threads of the store get here while the history goes on.
                    var (dropped, acknowledged) = (history.Dropped, history.Acknowledged);
                    Recover(disk.CrashClone(seed + number, keep), keys, history, acknowledged, dropped, $"BASALT_SEED={seed}, inline {isInline}, operation {operation}, kept {keep}");
                }

                return false;
            });
            using (var store = LsmStore.Open(History.Options(faulting, keys, isInline)))
            {
                history.Write(store, history.Count / 2);
                store.Compact();
            }

            using var again = LsmStore.Open(History.Options(faulting, keys, isInline));
            history.Write(again, history.Count);
        }

        Assert.True(points > 1000, $"only {points} crash points");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Crash_upon_crash_loses_nothing(bool isInline)
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
                var gate = new Lock();
                var (lifetime, operations) = (random.Next(20, 300), 0);
                var current = disk;
                var faulting = new FaultingFileSystem(current, operation =>
                {
                    // Once the power is gone, every operation fails; the disk is as it was at that moment.
                    if (Interlocked.Increment(ref operations) < lifetime) return false;
                    lock (gate) left ??= current.CrashClone(random.Next(), 0.5);
                    return true;
                });
                try
                {
                    using var store = LsmStore.Open(History.Options(faulting, keys, isInline));
                    history.Write(store, history.Count);
                }
                catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
                {
                    Assert.NotNull(left);
                }

                disk = left ?? current.CrashClone(random.Next(), 0);
                history.Resume(Recover(disk.CrashClone(1, 1), keys, history, history.Acknowledged, history.Dropped, $"BASALT_SEED={seed}, inline {isInline}, life {life}"));
            }
        }
    }

    /// <summary>Every second history is encrypted.</summary>
    private static KeyRing? KeysOf(int seed) => seed % 2 == 0 ? History.Keys : null;

    private static int Recover(MemoryFileSystem disk, KeyRing? keys, History history, int acknowledged, int dropped, string what)
    {
        try
        {
            using var store = LsmStore.Open(History.Options(disk, keys));
            var held = history.Held(store, dropped);
            Assert.InRange(held, acknowledged, history.Issued);
            Assert.Empty(store.Verify());
            return held;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(what, e);
        }
    }
}

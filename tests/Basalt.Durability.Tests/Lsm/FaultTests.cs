using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

public sealed class FaultTests
{
    private const int Batches = 120;
    private const int EndMark = 32;
    private const int SealedEndMark = EndMark + 28;

    [Theory]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    public void Whichever_operation_fails_nothing_acknowledged_is_lost(bool forever, bool isInline, bool isEncrypted)
    {
        var keys = isEncrypted ? History.Keys : null;
        var failedOne = true;
        for (var n = 0; failedOne; n++)
        {
            failedOne = false;
            var disk = new MemoryFileSystem();
            var history = new History(7, Batches);
            var number = -1;
            FileOperation? failed = null;
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                var mine = Interlocked.Increment(ref number);
                var fails = forever ? mine >= n : mine == n;
                if (fails) failed ??= operation;
                return fails;
            });
            var isPoisoned = false;
            try
            {
                using var store = LsmStore.Open(History.Options(faulting, keys, isInline));
                try
                {
                    history.Write(store, Batches / 2);
                    store.Compact();
                    history.Write(store, Batches);
                }
                catch (LsmException e) when (e.Code == LsmErrorCode.Poisoned)
                {
                    isPoisoned = true;
                    // It stays poisoned, and what was acknowledged stays readable where the disk is.
                    Assert.Equal(LsmErrorCode.Poisoned, Assert.Throws<LsmException>(() => history.Write(store, Batches)).Code);
                    if (!forever) Assert.InRange(history.Held(store), history.Acknowledged, history.Issued);
                }
            }
            catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.Poisoned })
            {
                Assert.NotNull(failed);
            }

            failedOne = failed is not null;
            if (failed is { Kind: FileOperationKind.Sync } sync && sync.Path.Contains("wal-") && history.Issued > history.Acknowledged) Assert.True(isPoisoned, $"operation {n} {failed}");
            foreach (var left in (MemoryFileSystem[])[disk, disk.CrashClone(n, 0), disk.CrashClone(n, 0.5)])
            {
                try
                {
                    using var again = LsmStore.Open(History.Options(Unlocked(left), keys));
                    Assert.InRange(history.Held(again, history.Dropped), history.Acknowledged, history.Issued);
                    Assert.Empty(again.Verify());
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"operation {n} {failed}", e);
                }
            }
        }
    }

    private static MemoryFileSystem Unlocked(MemoryFileSystem disk) => disk.CrashClone(0, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_in_any_file_is_found_and_named_and_never_read_as_right(bool isEncrypted)
    {
        var keys = isEncrypted ? History.Keys : null;
        var disk = new MemoryFileSystem();
        var history = new History(11, 90);
        using (var store = LsmStore.Open(History.Options(disk, keys)))
        {
            history.Write(store, 80);
            store.Compact();
            history.Write(store, 90);
        }

        var random = new Random(History.FirstSeed);
        var kinds = new HashSet<string>();
        foreach (var name in disk.List("s").Where(static name => name != "LOCK"))
        {
            kinds.Add(name.Split('-')[0]);
            using var file = disk.Open("s/" + name);
            var length = file.Length;
            for (var at = 0L; at < length; at += 1 + random.Next(3))
            {
                var copy = disk.CrashClone(0, 1);
                copy.Damage("s/" + name, at, (byte)(1 << random.Next(8)));
                var faults = FaultsOf(copy, keys, history);
                // The end mark of a closed log holds nothing that can be lost; FaultsOf found all else right.
                if (faults.Count == 0 && at >= length - (isEncrypted ? SealedEndMark : EndMark) && (name.StartsWith("wal-", StringComparison.Ordinal) || name.StartsWith("manifest-", StringComparison.Ordinal))) continue;
                Assert.True(faults.Count > 0 && faults.All(fault => fault.Code is LsmErrorCode.Corrupt && fault.Message.Contains(name)), $"BASALT_SEED={History.FirstSeed}, {name} at {at}: {string.Join("; ", faults.Select(static f => f.Message))}");
            }
        }

        Assert.Equal(["CURRENT", "manifest", "table", "wal"], kinds.Order(StringComparer.Ordinal));
    }

    /// <summary>What opening and verifying find. What a damaged store still gives must be right.</summary>
    private static IReadOnlyList<LsmException> FaultsOf(MemoryFileSystem disk, KeyRing? keys, History history)
    {
        try
        {
            using var store = LsmStore.Open(History.Options(disk, keys));
            var faults = store.Verify();
            try
            {
                Assert.Equal(history.Acknowledged, history.Held(store));
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
            {
                return [.. faults, e];
            }

            return faults;
        }
        catch (LsmException e)
        {
            return [e];
        }
    }
}

using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>A disk without space: nothing acknowledged is lost, nothing refused is done, and the store goes on by itself when there is space.</summary>
public sealed class DiskFullTests
{
    private const int Batches = 100;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Wherever_the_space_ends_writes_are_refused_reads_go_on_and_it_recovers(bool isInline, bool isEncrypted)
    {
        var keys = isEncrypted ? History.Keys : null;
        var refused = 0;
        var ranOut = true;
        for (var n = 0; ranOut; n++)
        {
            var (isFull, taken) = (true, -1);
            var hasFailed = false;
            var disk = new MemoryFileSystem();
            var limited = new FaultingFileSystem(disk, operation =>
            {
                if (!TakesSpace(operation.Kind)) return null;
                if (Interlocked.Increment(ref taken) < n || !Volatile.Read(ref isFull)) return null;
                Volatile.Write(ref hasFailed, true);
                return DiskSpace.Fault(operation.Path);
            });
            var about = $"space ends at operation {n}";
            var history = new History(5, Batches);
            try
            {
                using var store = OpenWhenThereIsSpace(limited, keys, isInline, () => Volatile.Write(ref isFull, false));
                if (WriteUntilFull(store, history, about))
                {
                    refused++;
                    Assert.Equal(history.Acknowledged, Held(store, history));
                    foreach (var left in (MemoryFileSystem[])[disk.CrashClone(n, 0), disk.CrashClone(n, 0.5), disk.CrashClone(n, 1)])
                    {
                        using var again = LsmStore.Open(History.Options(left, keys));
                        Assert.Equal(history.Acknowledged, history.Held(again));
                    }

                    Assert.Equal(LsmErrorCode.DiskFull, Assert.Throws<LsmException>(() => history.Write(store, Batches)).Code);
                    store.Probe();
                    Assert.True(store.IsFull, about);
                }

                Volatile.Write(ref isFull, false);
                store.Probe();
                Assert.False(store.IsFull, about);
                await GoOnAsync(store, history);
                store.Compact();
                Assert.Equal(Batches, history.Held(store));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException(about, e);
            }

            using (var again = LsmStore.Open(History.Options(disk, keys)))
            {
                Assert.Equal(Batches, history.Held(again));
                Assert.Empty(again.Verify());
            }

            Assert.DoesNotContain(disk.List("s"), static name => name == "PROBE");
            ranOut = hasFailed;
        }

        Assert.True(refused > 20, $"{refused} stores were refused a write");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whichever_operation_finds_no_space_once_nothing_acknowledged_is_lost_and_nothing_refused_is_done(bool isEncrypted)
    {
        var keys = isEncrypted ? History.Keys : null;
        FileOperation? failed = new FileOperation(default, "", 0);
        for (var n = 0; failed is not null; n++)
        {
            failed = null;
            var number = -1;
            var disk = new MemoryFileSystem();
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                if (++number != n) return null;
                failed = operation;
                return DiskSpace.Fault(operation.Path);
            });
            var history = new History(9, Batches);
            var isPoisoned = false;
            try
            {
                using var store = LsmStore.Open(History.Options(faulting, keys));
                while (history.Acknowledged < Batches && !isPoisoned)
                {
                    try
                    {
                        history.Write(store, Batches);
                    }
                    catch (LsmException e) when (e.Code == LsmErrorCode.DiskFull)
                    {
                        Assert.Equal(history.Acknowledged, Held(store, history));
                        store.Probe();
                        Assert.False(store.IsFull);
                    }
                    catch (LsmException e) when (e.Code == LsmErrorCode.Poisoned)
                    {
                        isPoisoned = true;
                    }
                    catch (IOException)
                    {
                        // Maintenance on this thread failed; the write was not done.
                        Assert.Equal(history.Acknowledged, Held(store, history));
                    }
                }
            }
            catch (Exception e) when (e is IOException or LsmException { Code: LsmErrorCode.DiskFull or LsmErrorCode.Poisoned })
            {
                Assert.NotNull(failed);
            }

            foreach (var left in (MemoryFileSystem[])[disk.CrashClone(0, 1), disk.CrashClone(n, 0), disk.CrashClone(n, 0.5)])
            {
                try
                {
                    using var again = LsmStore.Open(History.Options(left, keys));
                    Assert.InRange(history.Held(again, history.Dropped), history.Acknowledged, isPoisoned ? history.Issued : history.Acknowledged);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"operation {n} {failed}", e);
                }
            }
        }
    }

    [Fact]
    public async Task A_real_disk_of_four_megabytes_fills_up_and_is_used_again_when_it_is_emptied()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Disks of a given size are made on Linux only.");
        var folder = Directory.CreateTempSubdirectory("basalt-small-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder))
        {
            Directory.Delete(folder);
            Assert.Skip("A small disk cannot be mounted here: that takes a privileged user.");
        }

        try
        {
            var ballast = Path.Combine(folder, "ballast");
            File.WriteAllBytes(ballast, new byte[2 << 20]);
            using var store = LsmStore.Open(new LsmOptions { Folder = Path.Combine(folder, "s"), MemtableBytes = 256 << 10 });
            var tree = store.Tree("t");
            var written = 0;
            var value = new byte[1000];
            var refusal = Assert.ThrowsAny<Exception>(() =>
            {
                for (; written < 100_000; written++) tree.Put(BitConverter.GetBytes(written), value);
            });
            Assert.True(refusal is LsmException { Code: LsmErrorCode.DiskFull }, refusal.ToString());
            Assert.InRange(written, 100, 4000);
            for (var i = 0; i < written; i++) Assert.NotNull(tree.Get(BitConverter.GetBytes(i)));
            Assert.Null(tree.Get(BitConverter.GetBytes(written)));
            File.Delete(ballast);
            var attempts = 0;
            for (; !TryPut(tree, written, value) && attempts < 600; attempts++) await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.True(attempts < 600, "no write was accepted for a minute");
            Assert.NotNull(tree.Get(BitConverter.GetBytes(written)));
            Assert.Empty(store.Verify());
        }
        finally
        {
            Assert.True(Run("umount", folder));
            Directory.Delete(folder);
        }
    }

    /// <summary>How many batches a store holds: none when there was no space for their trees, which a look would make.</summary>
    private static int Held(LsmStore store, History history) => store.Trees.Contains("left") && store.Trees.Contains("right") ? history.Held(store) : 0;

    /// <summary>Writes the rest. A flush that found no space is tried again after a moment, and a write that would have to wait for it is refused until then.</summary>
    private static async Task GoOnAsync(LsmStore store, History history)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                history.Write(store, Batches);
                return;
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.DiskFull && attempt < 100)
            {
                store.Probe();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    private static bool TryPut(LsmTree tree, int number, byte[] value)
    {
        try
        {
            tree.Put(BitConverter.GetBytes(number), value);
            return true;
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.DiskFull)
        {
            return false;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static LsmStore OpenWhenThereIsSpace(IFileSystem disk, Basalt.Lsm.Encryption.KeyRing? keys, bool isInline, Action makeSpace)
    {
        try
        {
            return LsmStore.Open(History.Options(disk, keys, isInline));
        }
        catch (Exception e) when (DiskSpace.IsOut(e))
        {
            makeSpace();
            return LsmStore.Open(History.Options(disk, keys, isInline));
        }
    }

    /// <summary>Whether a write was refused. Maintenance on the writer's thread may find no space before its write does.</summary>
    private static bool WriteUntilFull(LsmStore store, History history, string about)
    {
        try
        {
            history.Write(store, Batches);
            return false;
        }
        catch (Exception e)
        {
            Assert.True(DiskSpace.IsOut(e) && e is not LsmException { Code: LsmErrorCode.Poisoned }, $"{about}: {e}");
            return store.IsFull;
        }
    }

    private static bool TakesSpace(FileOperationKind kind) => kind is FileOperationKind.Create or FileOperationKind.Write or FileOperationKind.Link or FileOperationKind.Rename or FileOperationKind.CreateFolder;
}

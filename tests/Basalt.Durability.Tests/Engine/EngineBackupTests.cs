using Basalt.Durability.Tests.Lsm;
using Basalt.Engine;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Engine;

/// <summary>Backups and restores of the engine that end at any point: what says that it is complete is whole, and anything else is refused by name.</summary>
public sealed class EngineBackupTests
{
    private const int Kills = 8;

    [Fact]
    public async Task Killed_during_a_backup_the_last_complete_one_restores_to_a_moment_with_all_that_was_acknowledged_before_it()
    {
        var random = new Random(History.FirstSeed);
        Console.WriteLine($"engine backups killed: BASALT_SEED={History.FirstSeed}");
        var folder = Directory.CreateTempSubdirectory("basalt-engine-backup-").FullName;
        var (data, backup) = (Path.Combine(folder, "data"), Path.Combine(folder, "backup"));
        var (complete, restored) = (0, 0);
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                var heard = await BackUpAndKillAsync(data, backup, random.Next(1, 60), random.Next(0, 12));
                if (heard.Complete > 0) complete = heard.Complete;
                var history = new EngineHistory(History.FirstSeed);
                history.Claim(heard.Acknowledged);
                await OpenAndCheckAsync(history, data);
                restored += await RestoreAsync(backup, Path.Combine(folder, $"restored-{kill}"), complete, history.Acknowledged) ? 1 : 0;
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"BASALT_SEED={History.FirstSeed}, in {folder}", e);
        }

        Assert.True(complete > 0 && restored > 0, "no backup was ever complete");
        Directory.Delete(folder, recursive: true);
        Console.WriteLine($"engine backups killed: {Kills} kills, {restored} backups restored");
    }

    [Fact]
    public async Task Killed_during_a_restore_the_folder_is_the_whole_database_or_refused()
    {
        var random = new Random(History.FirstSeed);
        var folder = Directory.CreateTempSubdirectory("basalt-engine-restore-").FullName;
        var (data, backup) = (Path.Combine(folder, "data"), Path.Combine(folder, "backup"));
        var history = new EngineHistory(History.FirstSeed);
        var source = EngineBackend.Open(EngineChild.Options(data));
        await using (var database = Database.Over(source))
        {
            while (history.Acknowledged < 40) await history.WriteNextAsync(database, source);
            source.BackUp(backup);
        }

        var (whole, refused) = (0, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            var target = Path.Combine(folder, $"restored-{kill}");
            using var child = ChildProcess.Start(EngineChild.Restore, backup, target);
            Assert.Equal("begun", await child.StandardOutput.ReadLineAsync());
            await Task.Delay(random.Next(0, 500));
            child.Kill();
            var isDone = (await child.StandardOutput.ReadToEndAsync()).StartsWith("done\n", StringComparison.Ordinal);
            await child.WaitForExitAsync();
            try
            {
                await OpenAndCheckAsync(history, target);
                whole++;
            }
            catch (BasaltException e) when (!isDone && e.Code == ErrorCode.Corrupt)
            {
                refused++;
                Assert.Contains(target, e.Message, StringComparison.Ordinal);
            }
            catch (Xunit.Sdk.InRangeException) when (!isDone && !File.Exists(Path.Combine(target, "BACKUP")))
            {
                // It was killed before it had placed anything: the folder is as good as none, and a new database.
                refused++;
            }
        }

        Assert.Empty(EngineBackend.VerifyStored(EngineChild.Options(backup)));
        Directory.Delete(folder, recursive: true);
        Console.WriteLine($"engine restores killed: {whole} whole, {refused} refused or not begun");
    }

    [Fact]
    public async Task A_power_cut_at_any_point_of_a_backup_leaves_the_earlier_one_or_the_new_one()
    {
        var seed = History.FirstSeed;
        var (disk, earlier, points) = (new MemoryFileSystem(), 0, 0);
        var history = new EngineHistory(seed);
        var left = new List<(MemoryFileSystem Disk, int Earlier, FileOperation Operation)>();
        var isBackingUp = false;
        var watched = new FaultingFileSystem(disk, operation =>
        {
            // One in three, so that it ends; another third with every seed.
            if (Volatile.Read(ref isBackingUp) && Interlocked.Increment(ref points) % 3 == seed % 3)
                lock (left) left.Add((disk.CrashClone(points, points % 2 == 0 ? 0 : 0.5), earlier, operation));
            return false;
        });
        var backend = EngineBackend.Open(Options(watched, "db"));
        await using (var database = Database.Over(backend))
        {
            foreach (var until in new[] { 12, 24 })
            {
                while (history.Acknowledged < until) await history.WriteNextAsync(database, backend);
                Volatile.Write(ref isBackingUp, true);
                backend.BackUp("backup");
                Volatile.Write(ref isBackingUp, false);
                earlier = until;
            }
        }

        Assert.True(left.Count > 10, $"only {left.Count} points");
        foreach (var (found, complete, operation) in left)
        {
            try
            {
                var state = new EngineHistory(seed);
                state.ClaimBetween(complete, 24);
                if (EngineBackend.Look(Options(found, "backup")) == FolderContent.Other)
                {
                    Assert.Equal(0, complete);
                    continue;
                }

                try
                {
                    EngineBackend.Restore("backup", Options(found, "restored"));
                }
                catch (BasaltException e) when (complete == 0 && e.Code is ErrorCode.Corrupt or ErrorCode.InvalidOptions)
                {
                    continue;
                }

                var restored = EngineBackend.Open(Options(found, "restored"));
                await using var database = Database.Over(restored);
                await state.CheckAsync(database, restored);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, {operation}, earlier backup of {complete}", e);
            }
        }
    }

    private static async Task<(int Acknowledged, int Complete)> BackUpAndKillAsync(string data, string backup, int lines, int milliseconds)
    {
        using var child = ChildProcess.Start(EngineChild.BackUp, data, $"{History.FirstSeed}", backup);
        var errors = child.StandardError.ReadToEndAsync();
        var (acknowledged, complete) = (0, 0);
        for (var i = 0; i < lines; i++) Hear(await child.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The child ended: {await errors}"));
        await Task.Delay(milliseconds);
        child.Kill();
        foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n')[..^1]) Hear(line);
        await child.WaitForExitAsync();
        return (acknowledged, complete);

        void Hear(string line)
        {
            var number = int.Parse(line.AsSpan(2));
            if (line[0] == 'w') acknowledged = number;
            if (line[0] == 'd') complete = number;
        }
    }

    /// <summary>Restores a backup, which is a moment that holds at least so many batches; false when there is none yet, which is refused by name.</summary>
    private static async Task<bool> RestoreAsync(string backup, string target, int least, int most)
    {
        try
        {
            EngineBackend.Restore(backup, EngineChild.Options(target));
        }
        catch (BasaltException e) when (least == 0 && e.Code is ErrorCode.NotFound or ErrorCode.InvalidOptions or ErrorCode.Corrupt)
        {
            Assert.Contains(backup, e.Message, StringComparison.Ordinal);
            return false;
        }

        var history = new EngineHistory(History.FirstSeed);
        history.ClaimBetween(least, most);
        await OpenAndCheckAsync(history, target);
        return true;
    }

    private static async Task OpenAndCheckAsync(EngineHistory history, string folder)
    {
        var backend = EngineBackend.Open(EngineChild.Options(folder));
        await using var database = Database.Over(backend);
        await history.CheckAsync(database, backend);
    }

    private static EngineOptions Options(IFileSystem disk, string folder) => new() { Path = folder, FileSystem = disk, MemtableBytes = 8192 };
}

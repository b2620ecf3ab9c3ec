using Basalt.Durability.Tests.Lsm;
using Basalt.Engine;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Engine;

/// <summary>The engine under power cuts and kills. <c>BASALT_CRASH_SECONDS</c> makes the runs longer, <c>BASALT_SEED</c> repeats one from its first seed on.</summary>
public sealed class EngineCrashTests
{
    private const int DefaultSeconds = 4;
    private const int MostLives = 8;
    private const int MostBatches = 150;

    private static int Seconds => int.TryParse(Environment.GetEnvironmentVariable("BASALT_CRASH_SECONDS"), out var wanted) ? wanted : DefaultSeconds;

    [Fact]
    public async Task Whenever_the_power_is_cut_every_acknowledged_record_is_found_by_every_index()
    {
        var until = TimeProvider.System.GetTimestamp() + Seconds * TimeProvider.System.TimestampFrequency;
        var (seed, lives, acknowledged) = (History.FirstSeed, 0, 0L);
        Console.WriteLine($"engine power cuts: BASALT_SEED={seed}, {Seconds} s");
        for (; TimeProvider.System.GetTimestamp() < until; seed++)
        {
            try
            {
                var history = new EngineHistory(seed);
                lives += await LiveAsync(history, new Random(seed));
                acknowledged += history.Acknowledged;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, after {lives} lives", e);
            }
        }

        Console.WriteLine($"engine power cuts: {lives} lives, {acknowledged} batches held of those acknowledged, none lost");
    }

    [Fact]
    public async Task Whenever_the_process_is_killed_every_acknowledged_record_is_found_by_every_index()
    {
        var until = TimeProvider.System.GetTimestamp() + Seconds * TimeProvider.System.TimestampFrequency;
        var (seed, kills, acknowledged) = (History.FirstSeed, 0, 0L);
        Console.WriteLine($"engine kills: BASALT_SEED={seed}, {Seconds} s");
        do
        {
            var folder = Directory.CreateTempSubdirectory("basalt-engine-").FullName;
            try
            {
                var (history, random) = (new EngineHistory(seed), new Random(seed));
                for (var kill = 0; kill < 6; kill++, kills++)
                {
                    history.Claim(await WriteAndKillAsync(folder, seed, random.Next(1, 60)) is > 0 and var heard ? heard : history.Acknowledged);
                    var backend = EngineBackend.Open(EngineChild.Options(folder));
                    await using var database = Database.Over(backend);
                    await history.CheckAsync(database, backend);
                }

                acknowledged += history.Acknowledged;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, after {kills} kills, in {folder}", e);
            }

            Directory.Delete(folder, recursive: true);
            seed++;
        }
        while (TimeProvider.System.GetTimestamp() < until);
        Console.WriteLine($"engine kills: {kills} kills, {acknowledged} batches held of those acknowledged, none lost");
    }

    /// <summary>How many lives there were: each ends with a power cut at some operation of the disk, or in order.</summary>
    private static async Task<int> LiveAsync(EngineHistory history, Random random)
    {
        var disk = new MemoryFileSystem();
        var lives = 0;
        while (lives < MostLives && history.Acknowledged < MostBatches)
        {
            lives++;
            var (lifetime, cloneSeed, keep) = (random.Next(2) == 0 ? random.Next(1, 150) : random.Next(150, 3000), random.Next(), random.NextDouble());
            MemoryFileSystem? left = null;
            var gate = new Lock();
            var current = disk;
            var faulting = new FaultingFileSystem(disk, operation =>
            {
                if (operation.Number < lifetime) return false;
                lock (gate) left ??= current.CrashClone(cloneSeed, keep);
                return true;
            });
            try
            {
                var backend = EngineBackend.Open(Options(faulting));
                await using var database = Database.Over(backend);
                while (history.Acknowledged < MostBatches && Volatile.Read(ref left) is null) await history.WriteNextAsync(database, backend);
            }
            catch (BasaltException e) when (Volatile.Read(ref left) is not null && e.Code is ErrorCode.Unavailable or ErrorCode.Corrupt)
            {
                // The life has ended.
            }

            disk = left ?? disk.CrashClone(cloneSeed, 0);
            var reopened = EngineBackend.Open(Options(disk.CrashClone(0, 1)));
            await using var again = Database.Over(reopened);
            await history.CheckAsync(again, reopened);
        }

        return lives;
    }

    private static async Task<int> WriteAndKillAsync(string folder, int seed, int batches)
    {
        using var child = ChildProcess.Start(EngineChild.Write, folder, $"{seed}");
        var errors = child.StandardError.ReadToEndAsync();
        var last = 0;
        for (var heard = 0; heard < batches; heard++) last = int.Parse(await child.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The child ended: {await errors}"));
        child.Kill();
        // What it still said before it died counts; its last line may be cut.
        foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n')[..^1]) last = int.Parse(line);
        await child.WaitForExitAsync();
        return last;
    }

    private static EngineOptions Options(IFileSystem disk) => new() { Path = "db", FileSystem = disk, MemtableBytes = 8192 };
}

using Basalt.DuckDb.Native;

namespace Basalt.Durability.Tests.DuckDb;

/// <summary>A process that writes to a file of DuckDB is killed anywhere: what it acknowledged is there, and each batch is there whole or not at all.</summary>
public sealed class DuckDbKillTests
{
    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_nothing_is_half_written()
    {
        Assert.SkipWhen(DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");
        var seed = Environment.GetEnvironmentVariable("BASALT_SEED") is { Length: > 0 } text ? int.Parse(text) : Random.Shared.Next();
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("basalt-duckdb-kill-").FullName;
        var path = Path.Combine(folder, "things.db");
        var held = 0;
        for (var kill = 0; kill < 6; kill++)
        {
            var acknowledged = await WriteAndKillAsync(path, seed, random.Next(1, 60));
            await using var database = DuckDbChild.Open(path);
            var now = await DuckDbChild.CheckAsync(database, seed);
            Assert.True(now >= acknowledged && now >= held, $"BASALT_SEED={seed}, kill {kill}: {acknowledged} were acknowledged and {now} are there, in {folder}");
            held = now;
        }

        Assert.True(held > 6);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<int> WriteAndKillAsync(string path, int seed, int batches)
    {
        using var child = ChildProcess.Start(DuckDbChild.Write, path, $"{seed}");
        var errors = child.StandardError.ReadToEndAsync();
        var last = 0;
        for (var heard = 0; heard < batches; heard++) last = int.Parse(await child.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The child ended: {await errors}"));
        child.Kill();
        // What it still said before it died counts; its last line may be cut.
        foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n')[..^1]) last = int.Parse(line);
        await child.WaitForExitAsync();
        return last;
    }
}

using System.Text;
using Basalt.Engine;

namespace Basalt.Durability.Tests.Engine;

/// <summary>What the child of the engine's tests does.</summary>
internal static class EngineChild
{
    public const string Write = "engine-write";
    public const string BackUp = "engine-backup";
    public const string Restore = "engine-restore";

    /// <summary>folder, seed: goes on with the history where the database stands, until it is killed; prints the number of each batch when it is acknowledged.</summary>
    public static async Task<int> WriteAsync(string[] args)
    {
        await using var output = Console.OpenStandardOutput();
        var history = new EngineHistory(int.Parse(args[1]));
        var backend = EngineBackend.Open(Options(args[0]));
        await using var database = Database.Over(backend);
        history.Claim(await HeldAsync(database));
        while (true)
        {
            await history.WriteNextAsync(database, backend);
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{history.Acknowledged}\n"));
            await output.FlushAsync();
        }
    }

    /// <summary>
    /// folder, seed, backup: goes on with the history and backs it up after every few batches, until it is killed; prints <c>w N</c> when batch N is acknowledged, <c>b N</c> when a backup begins behind it, and
    /// <c>d N</c> when that backup is done.
    /// </summary>
    public static async Task<int> BackUpAsync(string[] args)
    {
        await using var output = Console.OpenStandardOutput();
        var history = new EngineHistory(int.Parse(args[1]));
        var backend = EngineBackend.Open(Options(args[0]));
        await using var database = Database.Over(backend);
        history.Claim(await HeldAsync(database));
        while (true)
        {
            for (var i = 0; i < 3; i++)
            {
                await history.WriteNextAsync(database, backend);
                await SayAsync('w');
            }

            var begun = history.Acknowledged;
            await SayAsync('b');
            // Writes go on beside it.
            var backup = Task.Run(() => backend.BackUp(args[2]));
            await history.WriteNextAsync(database, backend);
            await SayAsync('w');
            await backup;
            await output.WriteAsync(Encoding.ASCII.GetBytes($"d {begun}\n"));
            await output.FlushAsync();
        }

        async Task SayAsync(char what)
        {
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{what} {history.Acknowledged}\n"));
            await output.FlushAsync();
        }
    }

    /// <summary>backup, folder: restores the backup, says <c>begun</c> before and <c>done</c> behind it, and waits to be killed.</summary>
    public static async Task<int> RestoreAsync(string[] args)
    {
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync("begun\n"u8.ToArray());
        await output.FlushAsync();
        EngineBackend.Restore(args[0], Options(args[1]));
        await output.WriteAsync("done\n"u8.ToArray());
        await output.FlushAsync();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static EngineOptions Options(string folder) => new() { Path = folder, MemtableBytes = 8192 };

    private static async Task<int> HeldAsync(Database database) =>
        (await database.ListCollectionsAsync()).Contains("things") && await database.Collection("things").GetAsync("marker") is { } marker ? (int)marker["n"].AsInt64 : 0;
}

using System.Text;
using Basalt.Engine;

namespace Basalt.Durability.Tests.Engine;

/// <summary>What the child of the engine's tests does.</summary>
internal static class EngineChild
{
    public const string Write = "engine-write";

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

    public static EngineOptions Options(string folder) => new() { Path = folder, MemtableBytes = 8192 };

    private static async Task<int> HeldAsync(Database database) =>
        (await database.ListCollectionsAsync()).Contains("things") && await database.Collection("things").GetAsync("marker") is { } marker ? (int)marker["n"].AsInt64 : 0;
}

using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>What the children of the store tests do.</summary>
internal static class LsmChild
{
    public const string Write = "lsm-write";
    public const string BackUp = "lsm-back-up";

    /// <summary>folder, seed, batches: writes the history from where the store stands; prints the number of held batches after each.</summary>
    public static async Task<int> WriteAsync(string[] args)
    {
        var history = new History(int.Parse(args[1]), int.Parse(args[2]));
        await using var output = Console.OpenStandardOutput();
        using var store = LsmStore.Open(Options(args[0]));
        history.Resume(history.Held(store));
        while (history.Acknowledged < history.Count)
        {
            history.Write(store, history.Acknowledged + 1);
            await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{history.Acknowledged}\n"));
            await output.FlushAsync();
        }

        return 0;
    }

    /// <summary>folder, backup folder, seed, batches: writes the history from where the store stands and backs it up after every few batches; prints the number of batches in each backup.</summary>
    public static async Task<int> BackUpAsync(string[] args)
    {
        var history = new History(int.Parse(args[2]), int.Parse(args[3]));
        await using var output = Console.OpenStandardOutput();
        using var store = LsmStore.Open(Options(args[0]));
        history.Resume(history.Held(store));
        while (history.Acknowledged < history.Count)
        {
            history.Write(store, history.Acknowledged + 7);
            store.Backup(args[1]);
            await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{history.Acknowledged}\n"));
            await output.FlushAsync();
        }

        return 0;
    }

    public static LsmOptions Options(string folder) => new() { Folder = folder, MemtableBytes = 4096, BlockBytes = 256, MergeWidth = 2 };
}

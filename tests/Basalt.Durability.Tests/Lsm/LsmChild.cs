using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>What the children of the store tests do.</summary>
internal static class LsmChild
{
    public const string Write = "lsm-write";
    public const string BackUp = "lsm-back-up";

    /// <summary>folder, seed, batches, writers, options: goes on with the histories where the store stands; prints writer and number of held batches after each.</summary>
    public static Task<int> WriteAsync(string[] args)
    {
        var crew = new Crew(int.Parse(args[1]), int.Parse(args[3]), int.Parse(args[2]));
        using var output = Console.OpenStandardOutput();
        using var store = LsmStore.Open(OptionSets.Of(args[4], args[0], LocalFileSystem.Instance));
        crew.Resume(crew.Histories.Select(history => history.Held(store)).ToArray());
        var failed = 0;
        var writers = crew.Histories.Select((history, writer) => new Thread(() =>
        {
            try
            {
                WriteAll(history, writer, store, output);
            }
            catch (Exception e)
            {
                Console.Error.WriteLine(e);
                Interlocked.Increment(ref failed);
            }
        })).ToList();
        foreach (var writer in writers) writer.Start();
        foreach (var writer in writers) writer.Join();
        return Task.FromResult(failed);
    }

    private static void WriteAll(History history, int writer, LsmStore store, Stream output)
    {
        while (history.Acknowledged < history.Count)
        {
            history.Write(store, history.Acknowledged + 1);
            var line = Encoding.ASCII.GetBytes($"{writer} {history.Acknowledged}\n");
            lock (output)
            {
                output.Write(line);
                output.Flush();
            }
        }
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

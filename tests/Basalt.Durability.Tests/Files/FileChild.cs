using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Records;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Durability.Tests.Files;

/// <summary>What the children of the file tests do. Each acknowledged write is a line on standard output.</summary>
internal static class FileChild
{
    public const string Create = "file-create";
    public const string Churn = "file-churn";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>path, prefix, count: creates that many records, one by one.</summary>
    public static async Task<int> CreateAsync(string[] args)
    {
        await using var backend = FileBackend.Open(new FileOptions { Path = args[0] });
        for (var i = 0; i < int.Parse(args[2]); i++)
        {
            var outcome = await backend.WriteAsync("c", new WriteBatch([new Write(WriteKind.Create, new Record($"{args[1]}{i:D5}", ValueMap.From([new("n", i)])))], OnFailure.Continue, Now), default);
            if (outcome[0].Status != WriteStatus.Done) return 3;
        }

        return 0;
    }

    /// <summary>path, seed: upserts and deletes until it is killed; folds often. Prints <c>+id n</c> or <c>-id</c> before and <c>ok</c> after each write.</summary>
    public static async Task<int> ChurnAsync(string[] args)
    {
        var random = new Random(int.Parse(args[1]));
        await using var output = Console.OpenStandardOutput();
        await using var backend = FileBackend.Open(new FileOptions { Path = args[0], AppendThreshold = 2000, RewriteThreshold = 6000 });
        for (var i = 0; ; i++)
        {
            var record = new Record($"id{random.Next(200):D3}", ValueMap.From([new("n", i), new("pad", new string('x', random.Next(200)))]));
            var isDelete = random.Next(10) == 0;
            await Say(output, isDelete ? $"-{record.Id}" : $"+{record.Id} {i}");
            await backend.WriteAsync("c", new WriteBatch([new Write(isDelete ? WriteKind.Delete : WriteKind.Upsert, record)], OnFailure.Continue, Now), default);
            await Say(output, "ok");
        }
    }

    private static async Task Say(Stream output, string line)
    {
        await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
        await output.FlushAsync();
    }
}

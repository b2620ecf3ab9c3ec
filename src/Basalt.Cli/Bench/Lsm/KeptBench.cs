using System.Text.Json;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>What a run with --keep left in its folder: a store for each contender and order of keys, and a file that says what is in them.</summary>
internal sealed record KeptBench(Workload Workload, IReadOnlyList<KeptStore> Stores)
{
    private const string FileName = "bench.json";

    public static string FolderOf(string folder, string contender, KeyOrder order) => Path.Combine(folder, $"{contender}-{order.ToString().ToLowerInvariant()}");

    public static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    public static KeptBench Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new UsageException($"{folder} holds no finished benchmark: run it with --keep first.");
        try
        {
            return JsonSerializer.Deserialize<KeptBench>(File.ReadAllText(path)) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new BasaltException(ErrorCode.Corrupt, $"{path} is damaged: {e.Message}", e);
        }
    }

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this));
}

/// <summary>A store that was kept, with so many entries.</summary>
internal sealed record KeptStore(string Contender, KeyOrder Order, long Entries);

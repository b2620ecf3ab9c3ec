using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Filters;
using Basalt.Records;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Durability.Tests.Files;

public sealed class FileDurabilityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-durability-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("jsonl", 8)]
    [InlineData("json", 4)]
    [InlineData("csv", 4)]
    [InlineData("jsonl.gz", 4)]
    public async Task Killed_at_any_moment_it_keeps_what_it_acknowledged(string format, int rounds)
    {
        var path = Path.Combine(_folder, "c." + format);
        var acknowledged = new Dictionary<string, long>();
        for (var seed = 1; seed <= rounds; seed++)
        {
            var lines = await RunAndKill(path, seed);
            var (id, attempt) = Replay(lines, acknowledged);
            await using var backend = FileBackend.Open(new FileOptions { Path = path });
            if (lines.Count == 0 && !File.Exists(path)) continue;
            var found = new Dictionary<string, long>();
            await foreach (var record in backend.ScanAsync("c", PushedQuery.Everything, default)) found.Add(record.Id, record["n"].AsInt64);
            // The write that was under way may have happened, whole.
            if (id is not null && !Same(acknowledged, found))
            {
                if (attempt is { } n) acknowledged[id] = n;
                else acknowledged.Remove(id);
            }

            Assert.True(Same(acknowledged, found), $"format {format}, seed {seed}: acknowledged {Print(acknowledged)}, found {Print(found)}");
            Assert.Equal(found.Count, await backend.CountAsync("c", Filter.True, default));
        }

        Assert.NotEmpty(acknowledged);
    }

    [Theory]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public async Task Four_processes_lose_nothing(string format)
    {
        const int processes = 4, count = 500;
        var path = Path.Combine(_folder, "c." + format);
        var children = Enumerable.Range(0, processes).Select(p => ChildProcess.Start(FileChild.Create, path, $"p{p}-", $"{count}")).ToList();
        foreach (var child in children)
        {
            var error = await child.StandardError.ReadToEndAsync();
            await child.WaitForExitAsync();
            Assert.True(child.ExitCode == 0, error);
            child.Dispose();
        }

        await using var backend = FileBackend.Open(new FileOptions { Path = path });
        var versions = new HashSet<long>();
        var ids = new HashSet<string>();
        await foreach (var record in backend.ScanAsync("c", PushedQuery.Everything, default)) Assert.True(ids.Add(record.Id) && versions.Add(record.Version), record.ToString());
        Assert.Equal(processes * count, ids.Count);
    }

    [Fact]
    public async Task Another_process_sees_a_write_as_soon_as_it_is_acknowledged()
    {
        var path = Path.Combine(_folder, "c.jsonl");
        await using var reader = FileBackend.Open(new FileOptions { Path = path });
        using var child = ChildProcess.Start(FileChild.Churn, path, "1");
        try
        {
            string? id = null;
            var seen = 0;
            for (var i = 0; i < 400 && await child.StandardOutput.ReadLineAsync() is { } line; i++)
            {
                if (line == "ok")
                {
                    // Deleted meanwhile it may be; a record that is there must be one that was written.
                    if (id is not null && await reader.ReadAsync("c", id, default) is { } record && record["n"].Kind == ValueKind.Int64) seen++;
                    id = null;
                }
                else if (line[0] == '+')
                {
                    id = line[1..line.IndexOf(' ', StringComparison.Ordinal)];
                }
            }

            Assert.True(seen > 150, $"{seen}");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
    }

    private static async Task<List<string>> RunAndKill(string path, int seed)
    {
        using var child = ChildProcess.Start(FileChild.Churn, path, $"{seed}");
        var wanted = 20 + new Random(seed).Next(300);
        var lines = new List<string>();
        while (lines.Count < wanted && await child.StandardOutput.ReadLineAsync() is { } line) lines.Add(line);
        child.Kill();
        while (await child.StandardOutput.ReadLineAsync() is { } line) lines.Add(line);
        await child.WaitForExitAsync();
        Assert.True(lines.Count >= wanted, await child.StandardError.ReadToEndAsync());
        return lines;
    }

    /// <summary>Applies the acknowledged lines, and returns the write that was not, if any.</summary>
    private static (string? Id, long? Value) Replay(List<string> lines, Dictionary<string, long> state)
    {
        string? id = null;
        long? value = null;
        foreach (var line in lines)
        {
            if (line == "ok")
            {
                if (value is { } n) state[id!] = n;
                else state.Remove(id!);
                id = null;
                continue;
            }

            var parts = line[1..].Split(' ');
            id = parts[0];
            value = parts.Length > 1 ? long.Parse(parts[1]) : null;
        }

        return (id, value);
    }

    private static bool Same(Dictionary<string, long> a, Dictionary<string, long> b) => a.Count == b.Count && a.All(e => b.TryGetValue(e.Key, out var n) && n == e.Value);

    private static string Print(Dictionary<string, long> state) => string.Join(' ', state.OrderBy(static e => e.Key, StringComparer.Ordinal).Select(static e => $"{e.Key}={e.Value}"));
}

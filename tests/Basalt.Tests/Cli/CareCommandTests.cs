using System.Text.Json;
using Basalt.Engine;

namespace Basalt.Tests.Cli;

public sealed class CareCommandTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private string Folder => _tool.PathOf("db");

    private async Task SeedAsync(int count = 50)
    {
        var lines = Enumerable.Range(0, count).Select(static i => $$"""{"$id":"r{{i:D3}}","v":[{{i}},1],"text":"some words to take some room {{i}}"}""");
        (await _tool.RunAsync("import", _tool.Write("r.jsonl", string.Join('\n', lines)), $"basalt:{Folder}#r", "--vector-field", "v")).Done();
        (await _tool.RunAsync("index", "create", $"basalt:{Folder}#r", "v", "--wait")).Done();
    }

    [Fact]
    public async Task Changes_are_printed_behind_a_token_once_the_database_keeps_them()
    {
        var data = _tool.PathOf("kept");
        (await _tool.RunAsync("put", $"basalt:{data}#films", """{"$id":"early"}""")).Done();
        Assert.StartsWith("error: Unsupported: ", (await _tool.RunAsync("changes", data)).Error, StringComparison.Ordinal);
        (await _tool.RunAsync("put", $"basalt:{data}?changes=1gb#films", """{"$id":"a","price":{"$decimal":"1.50"}}""")).Done();
        (await _tool.RunAsync("delete", $"basalt:{data}#films", "a")).Done();
        var lines = (await _tool.RunAsync("changes", data)).Done().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using var first = System.Text.Json.JsonDocument.Parse(lines[0]);
        Assert.Equal(("create", "a", "1.50"), (first.RootElement.GetProperty("kind").GetString(), first.RootElement.GetProperty("id").GetString(), first.RootElement.GetProperty("record").GetProperty("price").GetProperty("$decimal").GetString()));
        var token = first.RootElement.GetProperty("token").GetString()!;
        Assert.Equal(lines[1] + "\n", (await _tool.RunAsync("changes", data, "--from", token)).Done());
        Assert.Equal($"[\n{lines[1]}\n]\n", (await _tool.RunAsync("changes", data, "--from", token, "--format", "json")).Done());
        Assert.StartsWith("error: InvalidQuery: ", (await _tool.RunAsync("changes", data, "--from", "x")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: NotFound: ", (await _tool.RunAsync("changes", _tool.PathOf("nowhere"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_tell_collections_tables_and_indexes_by_folder_and_by_address()
    {
        await SeedAsync();
        using var stats = JsonDocument.Parse((await _tool.RunAsync("stats", Folder, "--format", "json")).Done());
        var collection = Assert.Single(stats.RootElement.GetProperty("collections").EnumerateArray());
        Assert.Equal(("r", 50), (collection.GetProperty("name").GetString(), collection.GetProperty("records").GetInt32()));
        Assert.Equal("vector:v", Assert.Single(collection.GetProperty("indexes").EnumerateArray()).GetProperty("name").GetString());
        Assert.True(stats.RootElement.GetProperty("table_bytes").GetInt64() >= collection.GetProperty("table_bytes").GetInt64());
        Assert.True(collection.GetProperty("table_bytes").GetInt64() > 0);
        Assert.Equal("none", stats.RootElement.GetProperty("pressure").GetString());
        var text = (await _tool.RunAsync("stats", "basalt:" + Folder)).Done();
        Assert.Contains("maintenance well", text, StringComparison.Ordinal);
        Assert.Contains("vector:v 100", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_restores_to_the_same_records()
    {
        await SeedAsync();
        var before = (await _tool.RunAsync("query", $"basalt:{Folder}#r", "--format", "jsonl")).Done();
        var backup = _tool.PathOf("backup");
        Assert.Matches(@"^backed up .*: \d+ files?, 0 bytes linked, [\d,]+ copied, 0 there already\n$", (await _tool.RunAsync("backup", Folder, backup, "--copy")).Error);
        Assert.Matches(@", 0 bytes linked, 0 copied, [1-9][\d,]* there already\n$", (await _tool.RunAsync("backup", Folder, backup)).Error);
        Assert.Matches(@"^.* is whole, verified in .* s\n$", (await _tool.RunAsync("verify", backup)).Error);
        var restored = _tool.PathOf("restored");
        Assert.EndsWith(", verified\n", (await _tool.RunAsync("restore", backup, restored)).Error, StringComparison.Ordinal);
        Assert.Equal(before, (await _tool.RunAsync("query", $"basalt:{restored}#r", "--format", "jsonl")).Done());
        Assert.Equal(1, (await _tool.RunAsync("restore", backup, restored)).ExitCode);
        // It is still a backup: looking at it made no database of it.
        Assert.StartsWith("error: InvalidOptions: ", (await _tool.RunAsync("stats", backup)).Error, StringComparison.Ordinal);
        Assert.Matches(@", 0 bytes linked, 0 copied", (await _tool.RunAsync("backup", Folder, backup)).Error);
    }

    [Fact]
    public async Task Compact_frees_what_was_deleted()
    {
        await SeedAsync(200);
        (await _tool.RunAsync("delete", $"basalt:{Folder}#r", "--where", "$id >= 'r010'", "--yes")).Done();
        Assert.Matches(@"^compacted .*: [\d,]+ bytes in \d+ tables? before, [\d,]+ bytes in \d+ tables? now\n$", (await _tool.RunAsync("compact", Folder)).Error);
        using var stats = JsonDocument.Parse((await _tool.RunAsync("stats", Folder, "--format", "json")).Done());
        Assert.Equal(0, stats.RootElement.GetProperty("tombstones").GetInt64());
        Assert.Equal(10, stats.RootElement.GetProperty("collections")[0].GetProperty("records").GetInt32());
        Assert.Equal("10\n", (await _tool.RunAsync("query", $"basalt:{Folder}#r", "--count")).Done());
    }

    [Fact]
    public async Task Verify_names_the_file_that_is_damaged_and_fails()
    {
        await SeedAsync(500);
        (await _tool.RunAsync("compact", Folder)).Done();
        Assert.Equal("[]\n", (await _tool.RunAsync("verify", Folder, "--format", "json")).Done());
        var largest = new DirectoryInfo(Folder).EnumerateFiles("table-*").MaxBy(static file => file.Length)!.FullName;
        var bytes = await File.ReadAllBytesAsync(largest);
        bytes[100] ^= 0x40;
        await File.WriteAllBytesAsync(largest, bytes);
        var said = await _tool.RunAsync("verify", Folder, "--format", "json");
        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith("error: Corrupt: ", said.Error, StringComparison.Ordinal);
        using var damages = JsonDocument.Parse(said.Output);
        Assert.Equal(largest, Assert.Single(damages.RootElement.EnumerateArray()).GetProperty("file").GetString());
    }

    [Fact]
    public async Task Another_holder_locks_what_writes_and_not_verify()
    {
        await SeedAsync();
        await using var holder = EngineBackend.Open(new EngineOptions { Path = Folder });
        foreach (var command in new[] { new[] { "stats", Folder }, ["compact", Folder], ["backup", Folder, _tool.PathOf("b")], ["search", $"basalt:{Folder}#r", "--like", "r001"], ["index", "list", $"basalt:{Folder}#r"] })
        {
            var said = await _tool.RunAsync(command);
            Assert.Equal((1, ""), (said.ExitCode, said.Output));
            Assert.StartsWith("error: Locked: ", said.Error, StringComparison.Ordinal);
        }

        (await _tool.RunAsync("verify", Folder)).Done();
    }

    [Theory]
    [InlineData("stats")]
    [InlineData("verify")]
    [InlineData("compact")]
    [InlineData("backup")]
    [InlineData("restore")]
    public async Task What_is_no_database_is_not_found_and_not_made(string command)
    {
        var missing = _tool.PathOf("missing");
        string[] words = command is "backup" or "restore" ? [command, missing, _tool.PathOf("other")] : [command, missing];
        var said = await _tool.RunAsync(words);
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("error: NotFound: ", said.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_tool.Folder));
    }

    [Fact]
    public async Task A_folder_whose_name_means_something_in_an_address_is_found()
    {
        var odd = _tool.PathOf("a#b 100%?x");
        await using (var backend = EngineBackend.Open(new EngineOptions { Path = odd }))
        {
            Assert.Empty(backend.Stats().Collections);
        }

        (await _tool.RunAsync("verify", odd)).Done();
        (await _tool.RunAsync("stats", odd)).Done();
    }
}

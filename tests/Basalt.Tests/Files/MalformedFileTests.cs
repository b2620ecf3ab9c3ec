using System.IO.Compression;
using System.Text;
using Basalt.Backends;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Files;

/// <summary>Damaged input is named and left as it is, whatever was asked for.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class MalformedFileTests : FileFixture
{
    [Theory]
    [InlineData("p.jsonl", "{\"a\":1}\n{\"a\":}\n", "line 2")]
    [InlineData("p.jsonl", "{\"a\":1}\n{\"a\":2", "line 2")]
    [InlineData("p.jsonl", "{\"a\":1}\n[1]\n", "line 2")]
    [InlineData("p.jsonl", "{\"a\":1} {\"a\":2}\n", "line 1")]
    [InlineData("p.jsonl", "{\"a\":1}\n\n{\"a\":1,\"a\":2}\n", "line 3")]
    [InlineData("p.jsonl", "{\"a\":1}\n{\"a\":{\"$decimal\":\"x\"}}\n", "line 2")]
    [InlineData("p.jsonl", "{\"$id\":\"x\"}\n{}\n{\"$id\":\"x\"}\n", "line 3", "line 1")]
    [InlineData("p.jsonl", "{\"$id\":\"row-000000000002\"}\n{}\n", "line 2", "line 1")]
    [InlineData("p.json", "[{\"a\":1},{\"a\":}]", "line 1")]
    [InlineData("p.json", "[{\"a\":1},\n{\"a\":2}", "line 2")]
    [InlineData("p.json", "[{\"a\":1},\n{\"a\":2", "line 2")]
    [InlineData("p.json", "[{\"a\":1} {\"a\":2}]", "line 1")]
    [InlineData("p.json", "[{\"a\":1},]", "line 1")]
    [InlineData("p.json", "[,{\"a\":1}]", "line 1")]
    [InlineData("p.json", "[{\"a\":1},\n 2]", "line 2")]
    [InlineData("p.json", "{\"a\":1}", "line 1")]
    [InlineData("p.json", "[{\"a\":1}]\n{}", "line 2")]
    [InlineData("p.json", "[{\"a\":1}]]", "line 1")]
    [InlineData("p.json", "[", "line 1")]
    [InlineData("p.json", "[{\"$id\":\"x\"},\n{\"$id\":\"x\"}]", "line 2", "line 1")]
    [InlineData("p.csv", "a,b\n1,2\n3\n", "line 3")]
    [InlineData("p.csv", "a,b\n1,2,3\n", "line 2", "column 5")]
    [InlineData("p.csv", "a,b\n1,\"x\"y\n", "line 2", "column 6")]
    [InlineData("p.csv", "a,b\n1,\"x\n2,3\n", "line 2", "column 3")]
    [InlineData("p.csv", "a,b\n1,2\rx\n", "line 2")]
    [InlineData("p.csv", "a,a\n1,2\n", "line 1", "twice")]
    [InlineData("p.csv", "a,\n1,2\n", "line 1", "no name")]
    [InlineData("p.csv", "$id,a\nx,1\ny,2\nx,3\n", "line 4", "line 2")]
    [InlineData("p.csv", "$id,$version\nx,abc\n", "line 2", "$version")]
    [InlineData("p.tsv", "a\tb\n1\n", "line 2")]
    public async Task Text_that_is_malformed_is_refused_with_its_place(string file, string text, params string[] clues) =>
        await AssertRefused(file, Encoding.UTF8.GetBytes(text), clues);

    [Theory]
    [InlineData("p.jsonl", "{\"a\":1}\n{\"a\":\"$\"}\n", "line 2")]
    [InlineData("p.json", "[{\"a\":1},\n{\"a\":\"$\"}]", "line 2")]
    [InlineData("p.csv", "a,b\n1,2\n3,$\n", "line 3", "column 3")]
    public async Task Bytes_that_are_not_utf8_are_refused(string file, string text, params string[] clues)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes[Array.IndexOf(bytes, (byte)'$')] = 0xFF;
        await AssertRefused(file, bytes, clues);
    }

    [Theory]
    [InlineData("p.jsonl.gz")]
    [InlineData("p.json.gz")]
    [InlineData("p.csv.gz")]
    public async Task Damaged_compression_is_refused(string file)
    {
        await using (var backend = Open(file)) await Upsert(backend, "p", [.. Enumerable.Range(0, 200).Select(static i => new Record($"{i:D4}", ValueMap.From([new("x", $"{i * 7919}")])))]);
        var whole = File.ReadAllBytes(PathOf(file));
        File.Delete(PathOf(file + ".basalt"));
        File.Delete(PathOf(file + ".journal"));
        await AssertRefused(file, whole[..(whole.Length / 2)], []);
        await AssertRefused(file, whole[..^3], []);
        await AssertRefused(file, [.. whole[..(whole.Length / 2)], (byte)~whole[whole.Length / 2], .. whole[(whole.Length / 2 + 1)..]], []);
        await AssertRefused(file, Encoding.UTF8.GetBytes("not gzip"), []);
        await AssertRefused(file, [.. whole, .. Encoding.UTF8.GetBytes("garbage behind it")], []);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_named()
    {
        Directory.CreateDirectory(PathOf("d.jsonl"));
        var folder = Assert.Throws<BasaltException>(() => Open("d.jsonl"));
        Assert.Contains(PathOf("d.jsonl"), folder.Message, StringComparison.Ordinal);
        Write("x.txt", "text");
        var unknown = Assert.Throws<BasaltException>(() => Open("x.txt"));
        Assert.Equal(ErrorCode.InvalidOptions, unknown.Code);
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "Permissions do not bind here.");
        Write("p.jsonl", "{}");
        File.SetUnixFileMode(PathOf("p.jsonl"), UnixFileMode.None);
        await using var backend = Open("p.jsonl");
        Assert.Equal(ErrorCode.Unauthorized, (await Assert.ThrowsAsync<BasaltException>(async () => await Scan(backend, "p"))).Code);
    }

    [Fact]
    public async Task A_name_in_two_files_is_refused()
    {
        Directory.CreateDirectory(PathOf("data"));
        Write("data/p.jsonl", "{}");
        Write("data/p.csv", "a\n1\n");
        await using var backend = Open("data");
        var e = await Assert.ThrowsAsync<BasaltException>(async () => await Scan(backend, "p"));
        Assert.Contains("p.csv", e.Message, StringComparison.Ordinal);
        Assert.Contains("p.jsonl", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".basalt")]
    public async Task A_damaged_sidecar_is_refused_at_every_byte(string extension)
    {
        await using (var backend = Open("p.csv")) await Upsert(backend, "p", new Record("a", ValueMap.From([new("n", 1)])));
        var path = PathOf("p.csv" + extension);
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            foreach (var flip in (byte[])[1, 0x20, 0x80])
            {
                var damaged = whole.ToArray();
                damaged[i] ^= flip;
                File.WriteAllBytes(path, damaged);
                await using var backend = Open("p.csv");
                try
                {
                    // The line end and white space around the checked body may change without harm.
                    Assert.Equal(["a"], await Ids(backend, "p"));
                }
                catch (BasaltException e)
                {
                    Assert.True(e.Code is ErrorCode.Corrupt or ErrorCode.Unsupported, e.ToString());
                }
            }
        }
    }

    private async Task AssertRefused(string file, byte[] content, string[] clues)
    {
        var path = PathOf(file);
        File.WriteAllBytes(path, content);
        var operations = new (string Name, Func<IBackend, Task> Run)[]
        {
            ("scan", static async b => await Scan(b, "p")),
            ("scan in any order", static async b => await Scan(b, "p", PushedQuery.Everything with { AnyOrder = true })),
            ("count", static async b => await b.CountAsync("p", Filter.True, default)),
            ("read", static async b => await b.ReadAsync("p", "zzz", default)),
            ("create", static async b => await Apply(b, "p", new Write(WriteKind.Create, new Record("zzz", ValueMap.Empty)))),
            ("delete", static async b => await Apply(b, "p", new Write(WriteKind.Delete, new Record("zzz", ValueMap.Empty)))),
        };
        foreach (var (name, run) in operations)
        {
            await using (var backend = Open(file))
            {
                var e = await Xunit.Record.ExceptionAsync(async () => await run(backend)) as BasaltException;
                Assert.True(e is { Code: ErrorCode.Corrupt }, $"{name}: {e}");
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                foreach (var clue in clues) Assert.True(e.Message.Contains(clue, StringComparison.Ordinal), $"{name}: '{clue}' is not in: {e.Message}");
            }

            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(path)), $"{name} changed the file");
            Assert.True(Directory.GetFiles(Folder).Length == 1, $"{name} left {string.Join(", ", Directory.GetFiles(Folder))}");
        }
    }
}

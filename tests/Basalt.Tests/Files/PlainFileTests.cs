using System.IO.Compression;
using System.Text;
using Basalt.Backends;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Files;

/// <summary>Files that other programs wrote.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PlainFileTests : FileFixture
{
    [Theory]
    [InlineData("p.jsonl", "{\"name\":\"Ann\",\"age\":30}\n\n  \n{\"name\":\"Bob\",\"age\":null}")]
    [InlineData("p.ndjson", "\uFEFF{\"name\":\"Ann\",\"age\":30}\r\n{\"name\":\"Bob\",\"age\":null}\r\n")]
    [InlineData("p.json", "\uFEFF [ {\"name\":\"Ann\",\n\"age\":30} , {\"name\":\"Bob\",\"age\":null} ]\n\n")]
    public async Task Json_is_read_as_it_is(string file, string text)
    {
        var path = Write(file, text);
        await using (var backend = Open(file))
        {
            var records = await Scan(backend, "p");
            Assert.Equal(["row-000000000001", "row-000000000002"], records.Select(static r => r.Id));
            Assert.Equal(["Ann", "Bob"], records.Select(static r => r["name"].AsString));
            Assert.Equal(30, records[0]["age"].AsInt64);
            Assert.True(records[1].Fields.ContainsKey("age"));
            Assert.All(records, static r => Assert.Equal(1, r.Version));
            Assert.Equal("Bob", (await backend.ReadAsync("p", "row-000000000002", default))!["name"].AsString);
            Assert.Null(await backend.ReadAsync("p", "row-000000000003", default));
            Assert.Equal(2, await backend.CountAsync("p", Filter.True, default));
            Assert.Equal(1, await backend.CountAsync("p", Filter.Parse("age >= 30"), default));
        }

        Assert.Equal([path], Directory.GetFiles(Folder));
        Assert.Equal(text, File.ReadAllText(path, new UTF8Encoding(false)) is var t && text[0] == '\uFEFF' && t[0] != '\uFEFF' ? "\uFEFF" + t : File.ReadAllText(path));
    }

    [Theory]
    [InlineData("p.csv", "name,age\nAnn,30\nBob,\n")]
    [InlineData("p.csv", "\uFEFFname,age\r\n\"Ann\",30\r\nBob,")]
    [InlineData("p.tsv", "name\tage\nAnn\t30\n\nBob\t\n\n")]
    public async Task Csv_is_read_as_it_is(string file, string text)
    {
        Write(file, text);
        await using var backend = Open(file);
        var records = await Scan(backend, "p");
        Assert.Equal(["Ann", "Bob"], records.Select(static r => r["name"].AsString));
        Assert.Equal(30, records[0]["age"].AsInt64);
        Assert.False(records[1].Fields.ContainsKey("age"));
        Assert.Equal("Bob", (await backend.ReadAsync("p", "row-000000000002", default))!["name"].AsString);
        Assert.Single(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task Csv_types_are_found_over_the_whole_file()
    {
        Write("p.csv", """"
            int,late double,exponent,zip,plus,flag,Flag,time,local time,big,id like,empty text,text,none,\N
            1,1,1e3,007,+1,true,True,2026-01-02T03:04:05Z,2026-01-02T03:04:05,12345678901234567890,123456789012345678901234567890,"",a "b" c,,\N
            -20,2.5,-0.5,10,1,false,False,2026-01-02T03:04:05.25+02:00,2026-01-02,1,1,x,"line
            feed, and ""quotes""",,1
            """");
        await using var backend = Open("p.csv");
        var records = await Scan(backend, "p");
        Value First(string name) => records[0][name];
        Assert.Equal((1L, -20L), (First("int").AsInt64, records[1]["int"].AsInt64));
        Assert.Equal((1.0, 2.5), (First("late double").AsDouble, records[1]["late double"].AsDouble));
        Assert.Equal(1000.0, First("exponent").AsDouble);
        Assert.Equal("007", First("zip").AsString);
        Assert.Equal("10", records[1]["zip"].AsString);
        Assert.Equal("+1", First("plus").AsString);
        Assert.True(First("flag").AsBool);
        Assert.Equal("True", First("Flag").AsString);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), First("time").AsDateTime);
        Assert.Equal(TimeSpan.FromHours(2), records[1]["time"].AsDateTime.Offset);
        Assert.Equal("2026-01-02T03:04:05", First("local time").AsString);
        Assert.Equal(12345678901234567890m, First("big").AsDecimal);
        Assert.Equal("123456789012345678901234567890", First("id like").AsString);
        Assert.Equal("", First("empty text").AsString);
        Assert.Equal("a \"b\" c", First("text").AsString);
        Assert.Equal("line\nfeed, and \"quotes\"", records[1]["text"].AsString.ReplaceLineEndings("\n"));
        Assert.False(records[0].Fields.ContainsKey("none"));
        Assert.Equal("\\N", First("\\N").AsString);
    }

    [Theory]
    [InlineData("p.jsonl", "{\"name\":\"Ann\"}\n{\"name\":\"Bob\"}")]
    [InlineData("p.json", "[{\"name\":\"Ann\"},{\"name\":\"Bob\"}]")]
    [InlineData("p.csv", "name\nAnn\nBob")]
    [InlineData("p.tsv", "name\nAnn\nBob\n")]
    public async Task The_first_write_keeps_the_rows_and_their_ids(string file, string text)
    {
        Write(file, text);
        File.SetLastWriteTimeUtc(PathOf(file), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        for (var round = 0; round < 3; round++)
        {
            await using var backend = Open(file);
            await Upsert(backend, "p", new Record($"new{round}", ValueMap.From([new("name", "Cid"), new("age", round)])));
            Assert.Equal([.. Enumerable.Range(0, round + 1).Select(static i => $"new{i}"), "row-000000000001", "row-000000000002"], await Ids(backend, "p"));
            Assert.Equal("Bob", (await backend.ReadAsync("p", "row-000000000002", default))!["name"].AsString);
        }

        await using (var backend = Open(file))
        {
            Assert.Equal(2020, (await backend.ReadAsync("p", "row-000000000001", default))!.Created.Year);
            await Apply(backend, "p", new Write(WriteKind.Delete, new Record("row-000000000001", ValueMap.Empty)));
        }

        await using (var backend = Open(file))
        {
            Assert.Equal(["new0", "new1", "new2", "row-000000000002"], await Ids(backend, "p"));
            Assert.Equal("Bob", (await backend.ReadAsync("p", "row-000000000002", default))!["name"].AsString);
        }
    }

    [Theory]
    [InlineData("p.jsonl", "")]
    [InlineData("p.json", "")]
    [InlineData("p.json", " \n")]
    [InlineData("p.json", "[]")]
    [InlineData("p.json", " [ \n ] ")]
    [InlineData("p.csv", "")]
    [InlineData("p.csv", "a,b")]
    [InlineData("p.jsonl.gz", "")]
    public async Task An_empty_file_is_an_empty_collection(string file, string text)
    {
        Write(file, text);
        await using (var backend = Open(file))
        {
            Assert.Empty(await Scan(backend, "p"));
            Assert.Equal(0, await backend.CountAsync("p", Filter.True, default));
            Assert.Null(await backend.ReadAsync("p", "x", default));
            await Upsert(backend, "p", EveryKind);
        }

        await using var again = Open(file);
        Assert.Equal([EveryKind.Id], await Ids(again, "p"));
    }

    [Fact]
    public async Task Compressed_files_of_several_members_are_read()
    {
        await using (var file = File.Create(PathOf("p.jsonl.gz")))
            for (var i = 0; i < 3; i++)
                await using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(Encoding.UTF8.GetBytes($"{{\"n\":{i}}}\n"));
        await using var backend = Open("p.jsonl.gz");
        Assert.Equal([0, 1, 2], (await Scan(backend, "p")).Select(static r => r["n"].AsInt64));
        Assert.Equal(2, (await backend.ReadAsync("p", "row-000000000003", default))!["n"].AsInt64);
    }

    [Fact]
    public async Task Ids_in_any_order_are_sorted()
    {
        Write("p.jsonl", string.Concat(Enumerable.Range(0, 3000).Select(static i => $"{{\"$id\":\"{i * 7919 % 3000:D4}\",\"n\":{i}}}\n")));
        await using var backend = Open("p.jsonl");
        var expected = Enumerable.Range(0, 3000).Select(static i => $"{i:D4}").ToList();
        Assert.Equal(expected, await Ids(backend, "p"));
        Assert.Equal(expected.Skip(2901).Take(10), await Ids(backend, "p", PushedQuery.Everything with { AfterId = "2900", Limit = 10 }));
        Assert.Equal(3000, (await Ids(backend, "p", PushedQuery.Everything with { AnyOrder = true })).Distinct().Count());
        foreach (var i in (int[])[0, 1, 1500, 2999]) Assert.Equal(i, (await backend.ReadAsync("p", $"{i * 7919 % 3000:D4}", default))!["n"].AsInt64);
    }

    [Fact]
    public async Task A_page_may_start_after_any_id()
    {
        await using var backend = Open("p.jsonl");
        foreach (var chunk in Enumerable.Range(0, 5000).Chunk(500)) await Upsert(backend, "p", [.. chunk.Select(static i => new Record($"{i * 2:D5}", ValueMap.Empty))]);
        await backend.DisposeAsync();
        await using var again = Open("p.jsonl");
        await Upsert(again, "p", new Record("04097", ValueMap.Empty));
        foreach (var after in (string[])["", "00000", "04096", "04097", "04098", "09997", "09998", "z"])
        {
            var expected = Enumerable.Range(0, 5000).Select(static i => $"{i * 2:D5}").Append("04097").Order(StringComparer.Ordinal).Where(id => string.CompareOrdinal(id, after) > 0).Take(3);
            Assert.Equal(expected, await Ids(again, "p", PushedQuery.Everything with { AfterId = after, Limit = 3 }));
        }
    }

    [Fact]
    public async Task What_another_program_changes_is_seen()
    {
        await using (var backend = Open("p.jsonl")) await Upsert(backend, "p", new Record("a", ValueMap.Empty), new Record("b", ValueMap.Empty));
        await using (var backend = Open("p.jsonl"))
        {
            Assert.Equal(["a", "b"], await Ids(backend, "p"));
            Assert.NotNull(await backend.ReadAsync("p", "b", default));
            File.AppendAllText(PathOf("p.jsonl"), "{\"$id\":\"c\"}\n");
            Assert.Equal(["a", "b", "c"], await Ids(backend, "p"));
            Assert.NotNull(await backend.ReadAsync("p", "c", default));
            File.WriteAllText(PathOf("p.jsonl"), "{\"$id\":\"z\"}");
            Assert.Null(await backend.ReadAsync("p", "b", default));
            await Upsert(backend, "p", new Record("y", ValueMap.Empty));
            Assert.Equal(["y", "z"], await Ids(backend, "p"));
        }

        await using var last = Open("p.jsonl");
        Assert.Equal(["y", "z"], await Ids(last, "p"));
    }

    [Fact]
    public async Task A_link_stays_a_link()
    {
        Write("real.jsonl", "{\"a\":1}\n{\"a\":2}\n");
        File.CreateSymbolicLink(PathOf("link.jsonl"), PathOf("real.jsonl"));
        await using (var backend = Open("link.jsonl")) await Apply(backend, "link", new Write(WriteKind.Delete, new Record("row-000000000001", ValueMap.Empty)));
        Assert.NotNull(new FileInfo(PathOf("link.jsonl")).LinkTarget);
        Assert.Single(File.ReadAllLines(PathOf("real.jsonl")));
    }

    [Fact]
    public async Task A_rewrite_keeps_the_permissions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        Write("p.jsonl", "{\"a\":1}\n{\"a\":2}\n");
        File.SetUnixFileMode(PathOf("p.jsonl"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await using (var backend = Open("p.jsonl")) await Apply(backend, "p", new Write(WriteKind.Delete, new Record("row-000000000001", ValueMap.Empty)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(PathOf("p.jsonl")));
    }
}

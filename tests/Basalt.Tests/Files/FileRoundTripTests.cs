using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Tests.Files;

public sealed class FileRoundTripTests : FileFixture
{
    [Theory, MemberData(nameof(Formats))]
    public async Task Every_kind_of_value_survives(string format)
    {
        var file = "people." + format;
        Record stored, empty;
        await using (var backend = Open(file))
        {
            var outcomes = await Upsert(backend, "people", EveryKind, new Record("empty", ValueMap.Empty));
            stored = outcomes[0].Stored!;
            empty = outcomes[1].Stored!;
            Assert.Equal((1, Now, Now), (stored.Version, stored.Created, stored.Updated));
            await AssertSame([empty, stored], backend, "people", "from the journal");
        }

        Assert.Equal(0, new FileInfo(PathOf(file + ".journal")).Length);
        await using (var backend = Open(file))
        {
            await AssertSame([empty, stored], backend, "people", "from the file");
            AssertSame(stored, await backend.ReadAsync("people", EveryKind.Id, default), "by id");
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Later_writes_survive_appends_and_rewrites(string format)
    {
        var file = "c." + format;
        var expected = new SortedDictionary<string, Record>(StringComparer.Ordinal);
        for (var round = 0; round < 4; round++)
        {
            await using var backend = Open(file);
            for (var i = 0; i < 5; i++)
            {
                var record = new Record($"r{round}{i}", ValueMap.From([new("n", i), new("name", "x" + round)]));
                expected[record.Id] = (await Upsert(backend, "c", record))[0].Stored!;
            }

            if (round == 2)
            {
                // An update, a delete, a new field and another type in an old one: the file must be rewritten.
                expected["r00"] = (await Upsert(backend, "c", new Record("r00", ValueMap.From([new("n", "text now"), new("extra", 1.5m)]))))[0].Stored!;
                expected["r01"] = (await Upsert(backend, "c", new Record("r01", ValueMap.From([new("n", Value.Null), new("name", "")]))))[0].Stored!;
                Assert.Equal(WriteStatus.Done, (await Apply(backend, "c", new Write(WriteKind.Delete, new Record("r10", ValueMap.Empty))))[0].Status);
                expected.Remove("r10");
            }

            await AssertSame([.. expected.Values], backend, "c", $"round {round}");
        }

        await using var last = Open(file);
        await AssertSame([.. expected.Values], last, "c", "at the end");
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task Versions_are_never_used_twice(string format)
    {
        var file = "c." + format;
        var seen = new HashSet<long>();
        for (var round = 0; round < 5; round++)
        {
            await using var backend = Open(file);
            Assert.True(seen.Add((await Upsert(backend, "c", new Record("a", ValueMap.Empty)))[0].Stored!.Version));
            if (round % 2 == 0) await Apply(backend, "c", new Write(WriteKind.Delete, new Record("a", ValueMap.Empty)));
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task A_created_collection_keeps_its_schema(string format)
    {
        var schema = new Schema([new Field("id", FieldType.String), new Field("year", FieldType.Int64)], "id");
        await using (var backend = Open("films." + format))
        {
            Assert.True(await backend.CreateCollectionAsync("films", schema, default));
            Assert.False(await backend.CreateCollectionAsync("films", Schema.Any, default));
            Assert.Empty(await Scan(backend, "films"));
            Assert.Equal(0, await backend.CountAsync("films", Filter.True, default));
        }

        await using (var backend = Open("films." + format))
        {
            var description = await backend.DescribeAsync("films", default);
            Assert.Equal(schema, description!.Schema);
            Assert.Equal(PathOf("films." + format), description.Location);
            await Upsert(backend, "films", new Record("x", ValueMap.From([new("id", "x"), new("year", 1979)])));
        }

        await using (var backend = Open("films." + format))
        {
            Assert.Equal(schema, (await backend.DescribeAsync("films", default))!.Schema);
            Assert.Equal(1, (await backend.DescribeAsync("films", default))!.Records);
            Assert.Equal(["x"], await Ids(backend, "films"));
        }
    }

    [Fact]
    public async Task A_folder_holds_many_collections_with_hostile_names()
    {
        string[] names = ["people", "a/b", "..", ".hidden", "CON", "x.json", "50%", "🙂", "a b", "per%20cent", "back\\slash", "c:d", "new\nline", "'q\"", "Ünïcode"];
        await using (var backend = Open("data"))
        {
            Assert.True(backend.Capabilities.ManyCollections);
            Assert.Empty(await backend.ListCollectionsAsync(default));
            foreach (var name in names) await Upsert(backend, name, new Record(name, ValueMap.Empty));
        }

        await using (var backend = Open("data"))
        {
            Assert.Equal(names.Order(StringComparer.Ordinal).ToArray(), (await backend.ListCollectionsAsync(default)).Order(StringComparer.Ordinal).ToArray());
            foreach (var name in names) Assert.Equal([name], await Ids(backend, name));
        }

        Assert.All(Directory.GetFileSystemEntries(Folder, "*", SearchOption.AllDirectories), p => Assert.StartsWith(PathOf("data"), p));
        Assert.Empty(Directory.GetDirectories(PathOf("data")));
    }

    [Fact]
    public async Task The_format_of_new_collections_can_be_chosen()
    {
        await using (var backend = FileBackend.Open(new FileOptions { Path = PathOf("data"), Format = FileFormat.Parse("csv.gz") }))
            await Upsert(backend, "people", new Record("a", ValueMap.Empty));
        Assert.True(File.Exists(PathOf("data/people.csv.gz")));
    }

    [Fact]
    public async Task A_single_file_holds_one_collection()
    {
        await using var backend = Open("people.jsonl");
        Assert.False(backend.Capabilities.ManyCollections);
        var e = await Assert.ThrowsAsync<BasaltException>(async () => await Upsert(backend, "others", new Record("a", ValueMap.Empty)));
        Assert.Equal(ErrorCode.NotFound, e.Code);
        Assert.Contains("people", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_no_collection()
    {
        await using var backend = Open("deep/er/people.jsonl");
        Assert.Empty(await backend.ListCollectionsAsync(default));
        Assert.Null(await backend.DescribeAsync("people", default));
        Assert.False(await backend.DropCollectionAsync("people", default));
        foreach (var read in (Func<Task>[])[async () => await backend.ReadAsync("people", "x", default), async () => await Scan(backend, "people"), async () => await backend.CountAsync("people", Filter.True, default)])
        {
            var e = await Assert.ThrowsAsync<BasaltException>(read);
            Assert.Equal(ErrorCode.NotFound, e.Code);
            Assert.Contains(PathOf("deep/er/people.jsonl"), e.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(PathOf("deep")));
        await Upsert(backend, "people", new Record("x", ValueMap.Empty));
        Assert.Equal(["x"], await Ids(backend, "people"));
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task A_drop_removes_every_file(string format)
    {
        await using var backend = Open("c." + format);
        await Upsert(backend, "c", EveryKind);
        Assert.True(await backend.DropCollectionAsync("c", default));
        Assert.False(await backend.DropCollectionAsync("c", default));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        await Upsert(backend, "c", new Record("new", ValueMap.Empty));
        Assert.Equal(["new"], await Ids(backend, "c"));
    }

    [Fact]
    public async Task Other_programs_can_read_what_was_written()
    {
        await using (var backend = Open("data"))
        {
            foreach (var format in new[] { "jsonl", "json", "csv" }) File.WriteAllText(PathOf("data." + format), "");
            await Upsert(backend, "x", new Record("a", ValueMap.From([new("n", 1)])), new Record("b", ValueMap.From([new("n", 2)])));
        }

        var lines = File.ReadAllLines(PathOf("data/x.jsonl"));
        Assert.Equal(2, lines.Length);
        Assert.Equal(1, System.Text.Json.JsonDocument.Parse(lines[0]).RootElement.GetProperty("n").GetInt32());
        await using (var backend = Open("arr.json"))
            await Upsert(backend, "arr", new Record("a", ValueMap.From([new("n", 1)])));
        await using (var backend = Open("arr.json"))
            await Upsert(backend, "arr", new Record("b", ValueMap.From([new("n", 2)])));
        Assert.Equal(2, System.Text.Json.JsonDocument.Parse(File.ReadAllText(PathOf("arr.json"))).RootElement.GetArrayLength());
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task A_batch_that_rolls_back_leaves_nothing(string format)
    {
        await using var backend = Open("c." + format);
        await Upsert(backend, "c", new Record("a", ValueMap.Empty));
        var outcomes = await backend.WriteAsync("c", new WriteBatch([new(WriteKind.Create, new Record("b", ValueMap.Empty)), new(WriteKind.Create, new Record("a", ValueMap.Empty)), new(WriteKind.Create, new Record("c", ValueMap.Empty))], OnFailure.Rollback, Now), default);
        Assert.Equal([WriteStatus.NotTried, WriteStatus.AlreadyExists, WriteStatus.NotTried], outcomes.Select(static o => o.Status));
        Assert.Equal(["a"], await Ids(backend, "c"));
    }

    [Fact]
    public async Task Writes_are_refused_when_read_only()
    {
        Write("p.jsonl", "{\"a\":1}\n");
        await using var backend = FileBackend.Open(new FileOptions { Path = PathOf("p.jsonl"), ReadOnly = true });
        Assert.Single(await Scan(backend, "p"));
        var e = await Assert.ThrowsAsync<BasaltException>(async () => await Upsert(backend, "p", new Record("a", ValueMap.Empty)));
        Assert.Equal(ErrorCode.Unauthorized, e.Code);
        Assert.Single(Directory.GetFiles(Folder));
    }
}

using Basalt.Backends.Memory;
using Basalt.Migration;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.Migration;

public sealed class CopyTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static Record[] Many(int count) => [.. Enumerable.Range(1, count).Select(static i => new Record($"k{i:D4}", ValueMap.Empty
        .With("n", i).With("x", i + 0.5).With("d", i / 4m).With("t", $"t{i}")) { Metadata = ValueMap.Empty.With("m", i) })];

    [Theory]
    [InlineData("jsonl")]
    [InlineData("csv")]
    [InlineData("json.gz")]
    public async Task Copy_keeps_ids_content_metadata_and_timestamps(string extension)
    {
        var from = await Workbench.With(Many(2500));
        await from.UpsertAsync(new Record { Id = "k0001", ["n"] = -1 });
        await using var database = await Database.OpenAsync($"file:{_bench.PathOf("copy." + extension)}");
        var to = database.Collection("copy");
        var report = await Copier.RunAsync(from, to);
        Assert.Equal((2500, 2500, true), (report.Read, report.Written, report.IsVerified));
        Assert.Equal(await Workbench.Dump(from), await Workbench.Dump(to));
        Assert.Equal((await Workbench.All(from)).Select(static r => (r.Created, r.Updated)), (await Workbench.All(to)).Select(static r => (r.Created, r.Updated)));
    }

    [Fact]
    public async Task Copy_creates_the_destination_with_the_schema_unless_the_shape_changes()
    {
        var schema = new Schema([new Field("n", FieldType.Int64)]);
        var database = Database.Over(new MemoryBackend());
        await database.CreateCollectionAsync("a", schema);
        await database.Collection("a").CreateManyAsync(Many(3));
        await Copier.RunAsync(database.Collection("a"), database.Collection("b"));
        await Copier.RunAsync(database.Collection("a"), database.Collection("c"), new CopyOptions { Transform = TransformSpec.Parse("""{"where":"n > 1"}""") });
        await Copier.RunAsync(database.Collection("a"), database.Collection("d"), new CopyOptions { Transform = TransformSpec.Parse("""{"convert":{"n":"string"}}""") });
        Assert.Equal(schema, await database.Collection("b").SchemaAsync());
        Assert.Equal(schema, await database.Collection("c").SchemaAsync());
        Assert.Equal(Schema.Any, await database.Collection("d").SchemaAsync());
        Assert.Equal(2, await database.Collection("c").CountAsync());
    }

    [Theory]
    [InlineData(ConflictPolicy.Skip, 9, 1, "99")]
    [InlineData(ConflictPolicy.Upsert, 10, 0, "5")]
    public async Task Copy_follows_the_conflict_policy(ConflictPolicy policy, int written, int skipped, string value)
    {
        var from = await Workbench.With(Many(10));
        var to = await Workbench.With(new Record { Id = "k0005", ["n"] = 99 });
        var report = await Copier.RunAsync(from, to, new CopyOptions { OnConflict = policy, BatchSize = 4 });
        Assert.Equal((written, skipped), ((int)report.Written, (int)report.Skipped));
        Assert.Equal(value, (await to.GetRequiredAsync("k0005"))["n"].ToString());
    }

    [Fact]
    public async Task Copy_fails_at_an_existing_id_and_names_it()
    {
        var from = await Workbench.With(Many(10));
        var to = await Workbench.With(new Record { Id = "k0005" });
        var error = await Workbench.Fails(() => Copier.RunAsync(from, to, new CopyOptions { BatchSize = 2 }));
        Assert.Equal((ErrorCode.AlreadyExists, "films, record 'k0005': The record 'k0005' exists already in 'films'. 4 records before it were written."), (error.Code, error.Message));
    }

    [Fact]
    public async Task Copy_refuses_no_source_itself_and_a_record_that_breaks_the_schema()
    {
        var database = Database.Over(new MemoryBackend());
        Assert.Equal(ErrorCode.NotFound, (await Workbench.Fails(() => Copier.RunAsync(database.Collection("a"), database.Collection("b")))).Code);
        await database.Collection("a").CreateAsync(new Record { Id = "x", ["n"] = "text" });
        await Assert.ThrowsAsync<ArgumentException>(() => Copier.RunAsync(database.Collection("a"), database.Collection("a")));
        await database.CreateCollectionAsync("c", new Schema([new Field("n", FieldType.Int64)]));
        var error = await Workbench.Fails(() => Copier.RunAsync(database.Collection("a"), database.Collection("c")));
        Assert.Equal((ErrorCode.InvalidRecord, "The record 'x' breaks the schema of the destination: n must be int64, but is string 'text'."), (error.Code, error.Message));
    }

    public static TheoryData<string> Lies => [.. new[] { "drop", "alter", "kind", "metadata" }];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Verification_catches_a_store_that_lies_when_it_was_empty(string lie)
    {
        var error = await Workbench.Fails(async () => await Copier.RunAsync(await Workbench.With(Many(10)), Database.Over(Lying(lie)).Collection("films")));
        Assert.Equal(ErrorCode.Corrupt, error.Code);
        Assert.Equal(
            lie == "drop"
                ? "The verification of 'films' failed: 10 records were written, but it holds 9."
                : "The verification of 'films' failed: it holds 10 records, as many as were written, but their content differs from what was sent.",
            error.Message);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Verification_catches_a_store_that_lies_among_other_records(string lie)
    {
        var to = Database.Over(Lying(lie)).Collection("films");
        await to.CreateAsync(new Record { Id = "other" });
        var error = await Workbench.Fails(async () => await Copier.RunAsync(await Workbench.With(Many(10)), to, new CopyOptions { BatchSize = 3 }));
        Assert.Equal(
            lie == "drop"
                ? "The verification of 'films' failed: 10 records were written, but 9 of them are there; the first that is not as sent is 'k0007'."
                : "The verification of 'films' failed: 1 of the 10 records that were written differ from what was sent; the first is 'k0007'.",
            error.Message);
    }

    [Fact]
    public async Task Verification_can_be_switched_off_and_the_report_says_so()
    {
        var report = await Copier.RunAsync(await Workbench.With(Many(10)), Database.Over(Lying("drop")).Collection("films"), new CopyOptions { Verify = false });
        Assert.False(report.IsVerified);
    }

    [Fact]
    public void Content_hash_ignores_the_order_of_names_and_heeds_the_kinds()
    {
        using var hash = new ContentHash();
        UInt128 Of(string json) => hash.Of(RecordJson.Parse(json));
        Assert.Equal(Of("""{"$id":"x","a":1,"b":{"c":[1],"d":2}}"""), Of("""{"$id":"x","b":{"d":2,"c":[1]},"a":1}"""));
        string[] different =
        [
            """{"$id":"x","a":1}""", """{"$id":"x","a":1.0}""", """{"$id":"x","a":{"$decimal":"1"}}""", """{"$id":"x","a":{"$decimal":"1.0"}}""", """{"$id":"x","a":"1"}""", """{"$id":"x","a":[1]}""",
            """{"$id":"x","a":{"$vector":[1]}}""", """{"$id":"y","a":1}""", """{"$id":"x","$meta":{"a":1}}""", """{"$id":"x","a":null}""", """{"$id":"x"}""",
        ];
        Assert.Equal(different.Length, different.Select(Of).Distinct().Count());
    }

    private static FaultingBackend Lying(string lie) => new(new MemoryBackend())
    {
        Tamper = record => record.Id != "k0007" ? record : lie switch
        {
            "drop" => null,
            "alter" => record with { Fields = record.Fields.With("t", "forged") },
            "kind" => record with { Fields = record.Fields.With("n", 7.0) },
            _ => record with { Metadata = ValueMap.Empty },
        },
    };
}

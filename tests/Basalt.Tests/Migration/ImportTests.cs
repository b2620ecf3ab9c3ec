using Basalt.Backends.Memory;
using Basalt.Migration;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.Migration;

public sealed class ImportTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static string People(int count, int from = 1) => "key,age\n" + string.Concat(Enumerable.Range(from, count).Select(static i => $"k{i:D4},{i}\n"));

    [Theory]
    [InlineData("f.json", """[{"key":"a","n":1},{"key":"b","n":2}]""")]
    [InlineData("f.jsonl.gz", "{\"key\":\"a\",\"n\":1}\n{\"key\":\"b\",\"n\":2}\n")]
    [InlineData("f.csv", "key,n\na,1\nb,2\n")]
    [InlineData("f.tsv", "key\tn\na\t1\nb\t2\n")]
    public async Task Import_takes_every_format(string name, string content)
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source(name, content);
        var report = await Importer.RunAsync(source, films, new ImportOptions { IdField = "key" });
        Assert.Equal("{\"$id\":\"a\",\"key\":\"a\",\"n\":1}\n{\"$id\":\"b\",\"key\":\"b\",\"n\":2}", await Workbench.Dump(films));
        Assert.Equal((2, 2, 0, 0, true, false), (report.Read, report.Written, report.Skipped, report.Filtered, report.IsVerified, report.IsResumed));
    }

    [Fact]
    public async Task Minted_ids_keep_the_order_of_the_file()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", People(2500));
        await Importer.RunAsync(source, films);
        Assert.Equal(Enumerable.Range(1, 2500).Select(static i => (Value)i), (await Workbench.All(films)).Select(static r => r["age"]));
    }

    [Fact]
    public async Task Empty_file_makes_an_empty_collection()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.jsonl", "");
        Assert.Equal(0, (await Importer.RunAsync(source, films)).Read);
        Assert.Equal(0, await films.CountAsync());
    }

    [Theory]
    [InlineData("""{"n":1}""", "the id field 'key' is missing.")]
    [InlineData("""{"key":null}""", "the id field 'key' is null.")]
    [InlineData("""{"key":""}""", "the id field 'key' is empty.")]
    [InlineData("""{"key":true}""", "the id field 'key' holds true, a Bool; an id is text, an integer or a guid.")]
    public async Task Unsuitable_id_names_the_line_and_writes_nothing(string line, string problem)
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.jsonl", "{\"key\":\"a\"}\n" + line + "\n");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key", BatchSize = 1 }));
        Assert.Equal((ErrorCode.InvalidRecord, $"{source.Name}, line 2: {problem}"), (error.Code, error.Message));
        Assert.Empty(await films.Database.ListCollectionsAsync());
    }

    [Fact]
    public async Task Broken_row_at_the_end_writes_nothing()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", People(3000) + "x\n");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key" }));
        Assert.Equal((ErrorCode.InvalidData, $"{source.Name}, line 3002, column 2: the row has 1 cells, the header has 2."), (error.Code, error.Message));
        Assert.Empty(await films.Database.ListCollectionsAsync());
    }

    [Fact]
    public async Task Without_validation_the_batches_before_a_broken_line_stay()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.jsonl", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\noops\n");
        await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { ValidateFirst = false, BatchSize = 2 }));
        Assert.Equal(2, await films.CountAsync());
    }

    [Theory]
    [InlineData("[1, 2.5]")]
    [InlineData("\"[1, 2.5]\"")]
    [InlineData("\"1,2.5\"")]
    [InlineData("\" 1 2.5 \"")]
    [InlineData("\"1;2.5\"")]
    public async Task Vector_field_becomes_a_vector(string json)
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.jsonl", $$"""{"v":{{json}}}""");
        await Importer.RunAsync(source, films, new ImportOptions { VectorField = "v" });
        Assert.Equal((Value)new[] { 1f, 2.5f }, Assert.Single(await Workbench.All(films))["v"]);
    }

    [Fact]
    public async Task Vector_column_of_single_numbers_is_vectors()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", "v\n1\n2\n");
        await Importer.RunAsync(source, films, new ImportOptions { VectorField = "v" });
        Assert.All(await Workbench.All(films), static r => Assert.Equal(ValueKind.Vector, r["v"].Kind));
    }

    [Theory]
    [InlineData("""{"n":1}""", "the vector field 'v' is missing.")]
    [InlineData("""{"v":"1,x"}""", "the vector field 'v' is not a list of finite numbers.")]
    [InlineData("""{"v":[]}""", "the vector field 'v' is not a list of finite numbers.")]
    [InlineData("""{"v":[1,1e99]}""", "the vector field 'v' is not a list of finite numbers.")]
    public async Task Unsuitable_vector_is_refused(string line, string problem)
    {
        await using var source = _bench.Source("f.jsonl", line);
        var error = await Workbench.Fails(() => Importer.RunAsync(source, Workbench.Empty(), new ImportOptions { VectorField = "v" }));
        Assert.Equal($"{source.Name}, line 1: {problem}", error.Message);
    }

    private static readonly Schema Ages = new([new Field("key", FieldType.String), new Field("age", FieldType.Int64) { IsRequired = true, Min = 0 }, new Field("zip", FieldType.String), new Field("tags", FieldType.List)], idField: "key");

    [Fact]
    public async Task Schema_creates_the_collection_and_reads_text_as_its_types()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", "key,age,zip,tags,more\n1,5,12345,\"[1,\"\"x\"\"]\",3\n");
        await Importer.RunAsync(source, films, new ImportOptions { Schema = Ages });
        Assert.Equal("""{"$id":"1","key":"1","age":5,"zip":"12345","tags":[1,"x"],"more":3}""", await Workbench.Dump(films));
        Assert.Equal(Ages, await films.SchemaAsync());
    }

    [Theory]
    [InlineData("f.csv", "key,age\nk,x\n", ErrorCode.InvalidData, "line 2: 'x' in column 'age' is not of type int64.")]
    [InlineData("f.csv", "key,age\nk,-1\n", ErrorCode.InvalidRecord, "line 2: the record breaks the schema: age must be at least 0, but is -1.")]
    [InlineData("f.jsonl", """{"key":"k","age":"5"}""", ErrorCode.InvalidRecord, "line 1: the record breaks the schema: age must be int64, but is string '5'.")]
    [InlineData("f.jsonl", """{"key":"k"}""", ErrorCode.InvalidRecord, "line 1: the record breaks the schema: age is required and is null or missing.")]
    public async Task Record_that_breaks_the_schema_writes_nothing(string name, string content, ErrorCode code, string problem)
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source(name, content);
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { Schema = Ages }));
        Assert.Equal((code, $"{source.Name}, {problem}"), (error.Code, error.Message));
        Assert.Empty(await films.Database.ListCollectionsAsync());
    }

    [Fact]
    public async Task Other_schema_than_the_collection_has_is_a_conflict()
    {
        var films = await Workbench.With(new Record { ["a"] = 1 });
        await using var source = _bench.Source("f.jsonl", "{}");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { Schema = Ages }));
        Assert.Equal((ErrorCode.Conflict, "The collection 'films' exists with another schema; import without a schema, or into another collection."), (error.Code, error.Message));
    }

    [Fact]
    public async Task Fail_stops_at_the_first_existing_id_and_names_it()
    {
        var films = await Workbench.With(new Record { Id = "k0003", ["age"] = 99 });
        await using var source = _bench.Source("f.csv", People(5));
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key", BatchSize = 2 }));
        Assert.Equal((ErrorCode.AlreadyExists, $"{source.Name}, line 4: The record 'k0003' exists already in 'films'. 2 records before it were written."), (error.Code, error.Message));
        Assert.Equal(3, await films.CountAsync());
    }

    [Fact]
    public async Task Fail_counts_what_a_backend_without_atomic_batches_kept()
    {
        var backend = new FaultingBackend(new MemoryBackend()) { IsAtomic = false };
        var films = Database.Over(backend).Collection("films");
        await films.CreateAsync(new Record { Id = "k0002" });
        await using var source = _bench.Source("f.csv", People(5));
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key" }));
        Assert.EndsWith("line 3: The record 'k0002' exists already in 'films'. 1 record before it was written.", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await films.CountAsync());
    }

    [Fact]
    public async Task Fail_finds_ids_that_the_file_repeats_before_writing()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", People(4000) + "k0007,1\n" + "k0003,1\n");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key" }));
        Assert.Equal((ErrorCode.AlreadyExists, $"{source.Name}, line 4002: the id 'k0007' is there already, on line 8. Nothing was written."), (error.Code, error.Message));
        Assert.Empty(await films.Database.ListCollectionsAsync());
    }

    [Fact]
    public async Task Skip_keeps_what_is_there_and_the_first_of_the_file()
    {
        var films = await Workbench.With(new Record { Id = "k0002", ["age"] = 99 });
        await using var source = _bench.Source("f.csv", People(3) + "k0001,50\n");
        var report = await Importer.RunAsync(source, films, new ImportOptions { IdField = "key", OnConflict = ConflictPolicy.Skip, BatchSize = 2 });
        Assert.Equal((4, 2, 2), (report.Read, report.Written, report.Skipped));
        Assert.Equal([1, 99, 3], (await Workbench.All(films)).Select(static r => (int)r["age"].AsInt64));
    }

    [Fact]
    public async Task Upsert_replaces_what_is_there_and_keeps_the_last_of_the_file()
    {
        var films = await Workbench.With(new Record { Id = "k0002", ["age"] = 99 }, new Record { Id = "other" });
        await using var source = _bench.Source("f.csv", People(3) + "k0001,50\nk0001,51\n");
        var report = await Importer.RunAsync(source, films, new ImportOptions { IdField = "key", OnConflict = ConflictPolicy.Upsert, BatchSize = 2 });
        Assert.Equal((5, 3, 2), (report.Read, report.Written, report.Skipped));
        Assert.Equal([51, 2, 3], (await Workbench.All(films)).Take(3).Select(static r => (int)r["age"].AsInt64));
    }

    [Fact]
    public async Task Transform_comes_first_and_text_is_read_as_it_converts()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", "plz,age\n1.50,5\n2.50,3\n");
        var spec = TransformSpec.Parse("""{"where":"age > 4","rename":{"plz":"zip"},"convert":{"zip":"string"},"set":{"source":"x"}}""");
        var report = await Importer.RunAsync(source, films, new ImportOptions { Transform = spec, IdField = "age" });
        Assert.Equal("""{"$id":"5","zip":"1.50","age":5,"source":"x"}""", await Workbench.Dump(films));
        Assert.Equal((2, 1, 1), (report.Read, report.Written, report.Filtered));
    }

    [Fact]
    public async Task Failing_transform_names_line_and_field()
    {
        await using var source = _bench.Source("f.jsonl", "{\"a\":1,\"b\":1}\n{\"a\":1,\"b\":0}\n");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, Workbench.Empty(), new ImportOptions { Transform = TransformSpec.Parse("""{"compute":{"r":"a / b"}}""") }));
        Assert.Equal((ErrorCode.InvalidRecord, $"{source.Name}, line 2: compute r: 1 / 0 divides by zero."), (error.Code, error.Message));
    }

    [Fact]
    public async Task Batches_have_the_size_asked_for_and_are_acknowledged_in_order()
    {
        var backend = new FaultingBackend(new MemoryBackend());
        var acknowledged = new List<BatchAcknowledgement>();
        await using var source = _bench.Source("f.csv", People(5));
        await Importer.RunAsync(source, Database.Over(backend).Collection("films"), new ImportOptions { IdField = "key", BatchSize = 2, OnBatch = acknowledged.Add });
        Assert.Equal([2, 2, 1], backend.BatchSizes);
        Assert.Equal([new("k0002", 2, 2), new("k0004", 2, 4), new("k0005", 1, 5)], acknowledged);
    }

    [Fact]
    public async Task Large_records_make_small_batches()
    {
        var backend = new FaultingBackend(new MemoryBackend());
        var text = new string('x', 1 << 20);
        await using var source = _bench.Source("f.jsonl", string.Concat(Enumerable.Range(0, 10).Select(i => $"{{\"n\":{i},\"t\":\"{text}\"}}\n")));
        await Importer.RunAsync(source, Database.Over(backend).Collection("films"));
        Assert.Equal([4, 4, 2], backend.BatchSizes);
    }

    [Fact]
    public async Task File_that_changes_between_check_and_write_is_refused()
    {
        var films = Workbench.Empty();
        await using var source = _bench.Source("f.csv", People(10));
        var meddler = new Meddler(() => File.AppendAllText(source.Name, "k9999,x\n"));
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { IdField = "key" }, meddler));
        Assert.Equal((ErrorCode.Conflict, $"{source.Name} was changed while it was read; do it again when nobody writes to it."), (error.Code, error.Message));
        Assert.Equal(0, await films.CountAsync());
    }

    private sealed class Meddler(Action act) : IProgress<MoveProgress>
    {
        public void Report(MoveProgress value)
        {
            if (value is { Phase: MovePhase.Checking, Fraction: 1 }) act();
        }
    }

    [Fact]
    public async Task Id_that_is_too_long_names_the_line()
    {
        await using var source = _bench.Source("f.jsonl", $"{{\"key\":\"{new string('x', 600)}\"}}");
        var error = await Workbench.Fails(() => Importer.RunAsync(source, Workbench.Empty(), new ImportOptions { IdField = "key" }));
        Assert.Equal((ErrorCode.InvalidRecord, $"{source.Name}, line 1: The id is longer than 512 bytes of UTF-8."), (error.Code, error.Message));
    }

    [Fact]
    public async Task Options_that_contradict_themselves_are_refused()
    {
        await using var source = _bench.Source("f.csv", People(1));
        foreach (var options in new[]
                 {
                     new ImportOptions { BatchSize = 0 }, new ImportOptions { BatchSize = ImportOptions.MaxBatchSize + 1 }, new ImportOptions { IdField = "" },
                     new ImportOptions { IdField = "a", VectorField = "a" }, new ImportOptions { OnConflict = (ConflictPolicy)9 },
                     new ImportOptions { OnConflict = ConflictPolicy.Upsert, ValidateFirst = false }, new ImportOptions { Checkpoint = new MoveCheckpoint("", "a", "b") },
                 })
            Assert.Equal(ErrorCode.InvalidOptions, (await Workbench.Fails(() => Importer.RunAsync(source, Workbench.Empty(), options))).Code);
    }

    [Fact]
    public async Task Import_of_many_rows_stays_in_bounded_memory()
    {
        // A store that forgets: what grows is the import's own.
        var backend = new FaultingBackend(new MemoryBackend()) { Tamper = static _ => null };
        var rows = Environment.GetEnvironmentVariable("BASALT_LARGE") is null ? 100_000 : 1_000_000;
        await using var source = _bench.Source("f.csv", People(rows));
        long peak = 0;
        var options = new ImportOptions { IdField = "key", Verify = false, OnBatch = ack => { if (ack.Read % 20_000 == 0) peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true)); } };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var report = await Importer.RunAsync(source, Database.Over(backend).Collection("films"), options);
        Assert.Equal(rows, report.Written);
        Assert.InRange(peak - before, long.MinValue, 40 << 20);
    }
}

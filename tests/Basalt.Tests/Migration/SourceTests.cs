using Basalt.Migration;
using Basalt.Records;

namespace Basalt.Tests.Migration;

public sealed class SourceTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static async Task<List<SourceRecord>> Read(RecordSource source)
    {
        var records = new List<SourceRecord>();
        await foreach (var record in source.ReadAsync()) records.Add(record);
        return records;
    }

    private const string Json = """[{"a":1,"b":"x"},{"a":2.5,"b":"","c":{"$decimal":"1.50"}}]""";
    private const string Lines = "{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2.5,\"b\":\"\",\"c\":{\"$decimal\":\"1.50\"}}";

    [Theory]
    [InlineData("f.json", Json)]
    [InlineData("f.json.gz", Json)]
    [InlineData("f.jsonl", Lines)]
    [InlineData("f.ndjson", Lines)]
    [InlineData("f.jsonl.gz", Lines)]
    public async Task Json_keeps_its_types(string name, string content)
    {
        await using var source = _bench.Source(name, content);
        foreach (var _ in new[] { 1, 2 })
            Assert.Equal(["""{"a":1,"b":"x"}""", """{"a":2.5,"b":"","c":{"$decimal":"1.50"}}"""], (await Read(source)).Select(static r => r.Record.ToString()));
    }

    [Theory]
    [InlineData("f.csv", ",")]
    [InlineData("f.csv.gz", ",")]
    [InlineData("f.tsv", "\t")]
    [InlineData("f.tsv.gz", "\t")]
    public async Task Columns_have_the_type_of_all_their_cells(string name, string comma)
    {
        var content = "$id,n,x,t,zip,ok,when,e\r\nk1,1,1,\"a \"\"b\"\"\",007,true,2024-05-01T00:00:00Z,\"\"\r\nk2,,2.5,,12,false,,\r\n".Replace(",", comma, StringComparison.Ordinal);
        await using var source = _bench.Source(name, content);
        Assert.Equal(
            [
                """{"$id":"k1","n":1,"x":1.0,"t":"a \"b\"","zip":"007","ok":true,"when":{"$datetime":"2024-05-01T00:00:00Z"},"e":""}""",
                """{"$id":"k2","x":2.5,"zip":"12","ok":false}""",
            ],
            (await Read(source)).Select(static r => r.Record.ToString()));
    }

    [Fact]
    public async Task Position_names_row_line_and_bytes()
    {
        await using var source = _bench.Source("f.jsonl", Lines);
        var records = await Read(source);
        Assert.Equal([(1L, 1L), (2L, 3L)], records.Select(static r => (r.Row, r.Line)));
        Assert.Equal(source.TotalBytes, records[^1].Bytes);
    }

    [Fact]
    public async Task Standard_input_is_read_once_and_its_copy_deleted()
    {
        var input = new MemoryStream("a,b\n1,x\n"u8.ToArray());
        string[] Copies() => Directory.GetFiles(Path.GetTempPath(), "basalt-input-*");
        var before = Copies();
        await using (var source = RecordSource.Open("-", RecordFormat.Csv, new SourceOptions { Input = input }))
        {
            Assert.Null(source.TotalBytes);
            Assert.Equal("""{"a":1,"b":"x"}""", Assert.Single(await Read(source)).Record.ToString());
            Assert.Equal("""{"a":1,"b":"x"}""", Assert.Single(await Read(source)).Record.ToString());
            Assert.Equal(8, source.TotalBytes);
        }

        Assert.Empty(Copies().Except(before));
    }

    [Theory]
    [InlineData("-", "The format of standard input must be named: json, jsonl, csv, tsv, fvecs or bvecs.")]
    [InlineData("f.xml", "The format of 'f.xml' cannot be told from its name (.json, .jsonl, .ndjson, .csv or .tsv, each also with .gz; .fvecs or .bvecs); name it.")]
    public void Unknown_format_is_refused(string path, string message)
    {
        var error = Assert.Throws<BasaltException>(() => RecordSource.Open(path));
        Assert.Equal((ErrorCode.InvalidOptions, message), (error.Code, error.Message));
    }

    [Fact]
    public void Missing_file_is_not_found()
    {
        var error = Assert.Throws<BasaltException>(() => RecordSource.Open("nowhere.csv"));
        Assert.Equal((ErrorCode.NotFound, "There is no file 'nowhere.csv'."), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("f.csv", "a,b\n1,2\n3\n", "line 3, column 2: the row has 1 cells, the header has 2.")]
    [InlineData("f.csv", "a,b\n1,\"x\n", "line 2, column 3: the quote is not closed.")]
    [InlineData("f.csv", "a,a\n", "line 1, column 3: the header names 'a' twice, as columns 1 and 2.")]
    [InlineData("f.jsonl", "{\"a\":1}\n{\"a\":}\n", "line 2, column 1: not valid JSON at byte 5")]
    [InlineData("f.jsonl", "{\"a\":1}\n[1]\n", "line 2, column 1: at byte 0: a record is a JSON object, not an array.")]
    [InlineData("f.json", "[{\"a\":1},\n{\"a\":1]", "line 2, column")]
    [InlineData("f.json", "{\"a\":1}", "line 1, column 1:")]
    [InlineData("f.json", "[{\"a\":1}", "line 1, column 9: the array is not closed with ].")]
    [InlineData("f.json", "[{\"ü\":1},2]", "line 1, column 10: an element of the array is not an object.")]
    [InlineData("f.json", "[{\"a\":1},\n {\"b\":1,\"b\":2}]", "line 2, column 2: at byte 7: the name 'b' is there twice.")]
    [InlineData("f.json", "[{\"a\":1},{\"a\":1,}]", "line 1, column 17: not valid JSON: The JSON object contains a trailing comma at the end which is not supported in this mode.")]
    [InlineData("f.json", "[{\"a\":1}] x", "line 1, column 11: there is more after the end of the array.")]
    public async Task Broken_file_names_the_place(string name, string content, string problem)
    {
        await using var source = _bench.Source(name, content);
        var error = await Assert.ThrowsAsync<BasaltException>(() => Read(source));
        Assert.Equal(ErrorCode.InvalidData, error.Code);
        Assert.StartsWith($"{source.Name}, {problem}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_gzip_is_an_error_and_not_an_end()
    {
        await using var whole = _bench.Source("w.jsonl.gz", string.Concat(Enumerable.Range(0, 5000).Select(static i => $"{{\"a\":{i * 7919 % 5003}}}\n")));
        var bytes = await File.ReadAllBytesAsync(_bench.PathOf("w.jsonl.gz"));
        await File.WriteAllBytesAsync(_bench.PathOf("t.jsonl.gz"), bytes[..(bytes.Length / 2)]);
        await using var source = RecordSource.Open(_bench.PathOf("t.jsonl.gz"));
        Assert.Equal(ErrorCode.InvalidData, (await Assert.ThrowsAsync<BasaltException>(() => Read(source))).Code);
    }

    [Theory]
    [InlineData("f.csv.gz", "a,b\n1,2\n3,4\n")]
    [InlineData("f.jsonl.gz", "{\"a\":1}\n{\"a\":2}\n")]
    [InlineData("f.json.gz", "[{\"a\":1},{\"a\":2}]")]
    public async Task Gzip_cut_anywhere_or_with_other_bytes_behind_it_is_an_error(string name, string content)
    {
        await using var whole = _bench.Source(name, content);
        Assert.Equal(2, (await Read(whole)).Count);
        var bytes = await File.ReadAllBytesAsync(_bench.PathOf(name));
        for (var length = 1; length <= bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(_bench.PathOf("t" + name), length < bytes.Length ? bytes[..length] : [.. bytes, 1, 2, 3]);
            await using var source = RecordSource.Open(_bench.PathOf("t" + name));
            var error = await Assert.ThrowsAsync<BasaltException>(() => Read(source));
            Assert.Equal(ErrorCode.InvalidData, error.Code);
            Assert.Contains("gzip", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_delimiter_is_taken_at_its_word()
    {
        await using var source = RecordSource.Open(_bench.Write("f.csv", "name;age\n\"Ann; A\";33\n"), null, new SourceOptions { Delimiter = ';' });
        var films = Workbench.Empty();
        Assert.Equal(1, (await Importer.RunAsync(source, films)).Written);
        var record = (await Workbench.All(films)).Single();
        Assert.Equal(("Ann; A", 33), (record["name"], record["age"]));
    }

    [Theory]
    [InlineData("f.csv", 'x')]
    [InlineData("f.csv", '"')]
    [InlineData("f.csv", 'é')]
    [InlineData("f.jsonl", ';')]
    public void Delimiter_that_cannot_be_used_is_refused(string name, char delimiter) =>
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => RecordSource.Open(_bench.Write(name, ""), null, new SourceOptions { Delimiter = delimiter })).Code);

    [Fact]
    public void Folder_is_not_a_file_of_records() =>
        Assert.EndsWith("is a folder, not a file of records.", Assert.Throws<BasaltException>(() => RecordSource.Open(Path.GetTempPath(), RecordFormat.Csv)).Message, StringComparison.Ordinal);
}

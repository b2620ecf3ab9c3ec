using Basalt.Migration;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Migration;

public sealed class ExportTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static Task<Collection> Films() => Workbench.With(
        new Record("a", ValueMap.Empty.With("title", "Alien, \"the\" film").With("year", 1979).With("price", 1.50m).With("tags", new Value[] { "x", 1 })) { Metadata = ValueMap.Empty.With("m", 1) },
        new Record("b", ValueMap.Empty.With("title", "").With("none", default).With("v", new[] { 1f, 2.5f }).With("$odd", 2.0)));

    [Theory]
    [InlineData("f.json")]
    [InlineData("f.json.gz")]
    [InlineData("f.jsonl")]
    [InlineData("f.jsonl.gz")]
    public async Task Exact_json_comes_back_as_it_was(string name)
    {
        var films = await Films();
        var report = await Exporter.RunAsync(films, Query.All, _bench.PathOf(name), new ExportOptions { Form = JsonForm.Exact });
        Assert.Equal((2, 2), (report.Read, report.Written));
        var back = Workbench.Empty();
        await using var source = RecordSource.Open(_bench.PathOf(name));
        await Importer.RunAsync(source, back, new ImportOptions { KeepsTimestamps = true });
        Assert.Equal(await Workbench.Dump(films), await Workbench.Dump(back));
        Assert.Equal((await Workbench.All(films)).Select(static r => (r.Created, r.Updated)), (await Workbench.All(back)).Select(static r => (r.Created, r.Updated)));
    }

    [Theory]
    [InlineData("f.csv")]
    [InlineData("f.csv.gz")]
    [InlineData("f.tsv")]
    [InlineData("f.tsv.gz")]
    public async Task Scalars_of_one_type_a_column_come_back_from_csv(string name)
    {
        var films = await Workbench.With([.. Enumerable.Range(1, 50).Select(static i => new Record($"k{i}", ValueMap.Empty
            .With("text", i % 3 == 0 ? "" : $"a\t\"{i}\",\r\nb").With("n", i).With("x", i + 0.5).With("ok", i % 2 == 0).With("when", new DateTimeOffset(2024, 1, 1 + i % 28, 0, 0, 0, TimeSpan.Zero))))]);
        await Exporter.RunAsync(films, Query.All, _bench.PathOf(name));
        var back = Workbench.Empty();
        await using var source = RecordSource.Open(_bench.PathOf(name));
        await Importer.RunAsync(source, back);
        Assert.Equal(await Workbench.Dump(films), await Workbench.Dump(back));
    }

    [Theory]
    [InlineData("f.json", "[\n{\"$id\":\"a\",\"title\":\"Alien, \\\"the\\\" film\",\"year\":1979,\"price\":1.50,\"tags\":[\"x\",1]},\n{\"$id\":\"b\",\"title\":\"\",\"none\":null,\"v\":[1,2.5],\"$$odd\":2.0}\n]\n")]
    [InlineData("f.jsonl", "{\"$id\":\"a\",\"title\":\"Alien, \\\"the\\\" film\",\"year\":1979,\"price\":1.50,\"tags\":[\"x\",1]}\n{\"$id\":\"b\",\"title\":\"\",\"none\":null,\"v\":[1,2.5],\"$$odd\":2.0}\n")]
    [InlineData("f.csv", "$id,title,year,price,tags,none,v,$$odd\na,\"Alien, \"\"the\"\" film\",1979,1.50,\"[\"\"x\"\",1]\",,,\nb,\"\",,,,,\"[1,2.5]\",2.0\n")]
    [InlineData("f.tsv", "$id\ttitle\tyear\tprice\ttags\tnone\tv\t$$odd\na\t\"Alien, \"\"the\"\" film\"\t1979\t1.50\t\"[\"\"x\"\",1]\"\t\t\t\nb\t\"\"\t\t\t\t\t\"[1,2.5]\"\t2.0\n")]
    public async Task Plain_form_is_exactly_this(string name, string expected)
    {
        await Exporter.RunAsync(await Films(), Query.All, _bench.PathOf(name));
        Assert.Equal(expected, await File.ReadAllTextAsync(_bench.PathOf(name)));
    }

    [Theory]
    [InlineData(RecordFormat.Json, "[]\n")]
    [InlineData(RecordFormat.JsonLines, "")]
    [InlineData(RecordFormat.Csv, "$id,title\n")]
    public async Task Query_chooses_records_and_columns(RecordFormat format, string expected)
    {
        using var output = new MemoryStream();
        await Exporter.WriteAsync(await Films(), Query.Where("year > 2000").Select("title"), output, new ExportOptions { Format = format });
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task Existing_file_is_replaced_only_when_asked()
    {
        var path = _bench.PathOf("f.jsonl");
        await File.WriteAllTextAsync(path, "mine");
        var error = await Workbench.Fails(async () => await Exporter.RunAsync(await Films(), Query.All, path));
        Assert.Equal(ErrorCode.AlreadyExists, error.Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));
        await Exporter.RunAsync(await Films(), Query.All, path, new ExportOptions { Overwrite = true });
        Assert.StartsWith("{\"$id\":\"a\"", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_bench.Folder));
    }

    [Fact]
    public async Task Failed_or_cancelled_export_leaves_no_file()
    {
        var films = await Films();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Exporter.RunAsync(films, Query.All, _bench.PathOf("f.csv"), cancellationToken: cancelled.Token));
        Assert.Equal(ErrorCode.NotFound, (await Workbench.Fails(() => Exporter.RunAsync(films.Database.Collection("none"), Query.All, _bench.PathOf("f.csv")))).Code);
        Assert.Equal(ErrorCode.InvalidOptions, (await Workbench.Fails(() => Exporter.RunAsync(films, Query.All, _bench.PathOf("f.csv"), new ExportOptions { Form = JsonForm.Exact }))).Code);
        Assert.Equal(ErrorCode.InvalidOptions, (await Workbench.Fails(() => Exporter.RunAsync(films, Query.All, _bench.PathOf("f.xml")))).Code);
        Assert.Empty(Directory.GetFiles(_bench.Folder));
    }
}

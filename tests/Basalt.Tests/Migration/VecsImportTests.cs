using System.Buffers.Binary;
using Basalt.Migration;
using Basalt.Tests.Cli;
using Basalt.Vectors.Files;

namespace Basalt.Tests.Migration;

public sealed class VecsImportTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private string Write(string name, VecsFormat format, params float[][] rows)
    {
        using var stream = File.Create(_tool.PathOf(name));
        var writer = new VecsWriter(stream, format);
        foreach (var row in rows) writer.Write(row);
        return _tool.PathOf(name);
    }

    [Theory]
    [InlineData("base.fvecs", VecsFormat.Float32)]
    [InlineData("base.bvecs", VecsFormat.Byte)]
    public async Task Rows_become_records_whose_ids_sort_as_rows(string name, VecsFormat format)
    {
        var file = Write(name, format, [.. Enumerable.Range(0, 120).Select(static i => new[] { i, 255f - i, 3f })]);
        var said = await _tool.RunAsync("import", file, "memory:#base", "--ack", "--batch", "50");
        Assert.Equal("049\n099\n119\n", said.Done());
        var rows = (await _tool.RunAsync("query", "memory:#base", "--format", "jsonl")).Done().TrimEnd('\n').Split('\n');
        Assert.Equal(Enumerable.Range(0, 120).Select(static i => $$"""{"$id":"{{i:D3}}","vector":[{{i}},{{255 - i}},3]}"""), rows);
    }

    [Fact]
    public async Task Field_and_prefix_are_as_asked()
    {
        var file = Write("q.fvecs", VecsFormat.Float32, [0.5f, -1f], [2f, 3f]);
        (await _tool.RunAsync("import", file, "memory:#q", "--vector-field", "embedding", "--id-prefix", "q-")).Done();
        Assert.Equal("{\"$id\":\"q-0\",\"embedding\":[0.5,-1]}\n{\"$id\":\"q-1\",\"embedding\":[2,3]}\n", (await _tool.RunAsync("query", "memory:#q", "--format", "jsonl")).Done());
        var twice = await _tool.RunAsync("import", file, "memory:#q", "--id-prefix", "q-");
        Assert.StartsWith("error: AlreadyExists: ", twice.Error, StringComparison.Ordinal);
        Assert.Contains("q.fvecs, row 1", twice.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut", "byte 12: row 2 is cut off after 6 bytes")]
    [InlineData("prefix", "byte 12: row 2 is cut off after 2 bytes")]
    [InlineData("dimension", "byte 12: row 2 has 3 elements, and the rows before have 2")]
    [InlineData("zero", "byte 0: row 1 says that it has 0 elements")]
    [InlineData("huge", "byte 0: row 1 says that it has 2147483647 elements")]
    [InlineData("nan", "byte 0: element 1 of row 1 is NaN")]
    public async Task A_broken_file_is_refused_and_nothing_written(string how, string problem)
    {
        var bytes = await File.ReadAllBytesAsync(Write("x.fvecs", VecsFormat.Float32, [1f, 2f], [3f, 4f]));
        switch (how)
        {
            case "cut": bytes = bytes[..18]; break;
            case "prefix": bytes = bytes[..14]; break;
            case "dimension": bytes[12] = 3; break;
            case "zero": bytes[0] = 0; break;
            case "huge": BinaryPrimitives.WriteInt32LittleEndian(bytes, int.MaxValue); break;
            default: BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8), float.NaN); break;
        }

        await File.WriteAllBytesAsync(_tool.PathOf("x.fvecs"), bytes);
        var said = await _tool.RunAsync("import", _tool.PathOf("x.fvecs"), "memory:#x");
        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("error: InvalidData: ", said.Error, StringComparison.Ordinal);
        Assert.Contains(problem, said.Error, StringComparison.Ordinal);
        Assert.Equal("[]\n", (await _tool.RunAsync("collections", "memory:", "--format", "json")).Done());
    }

    [Fact]
    public async Task What_has_no_meaning_for_the_format_is_refused()
    {
        var vectors = Write("x.fvecs", VecsFormat.Float32, [1f]);
        var lines = _tool.Write("x.jsonl", "{\"v\":[1]}\n");
        Assert.StartsWith("error: InvalidOptions: ", (await _tool.RunAsync("import", lines, "memory:#x", "--id-prefix", "p")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: InvalidOptions: ", (await _tool.RunAsync("import", vectors, "memory:#x", "--id-prefix", new string('p', 5000))).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: InvalidOptions: ", (await _tool.RunAsync("import", vectors + ".gz", "memory:#x")).Error, StringComparison.Ordinal);
        await _tool.PutAsync("""{"$id":"a"}""");
        Assert.StartsWith("error: InvalidOptions: ", (await _tool.RunAsync("export", "memory:#films", _tool.PathOf("out.fvecs"))).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PathOf("out.fvecs")));
        Assert.Throws<BasaltException>(() => RecordSource.Open(lines, null, new SourceOptions { VectorField = "v" }));
    }

    [Fact]
    public async Task An_empty_file_has_no_records()
    {
        (await _tool.RunAsync("import", _tool.Write("empty.fvecs", ""), "memory:#empty")).Done();
        Assert.Equal("0\n", (await _tool.RunAsync("query", "memory:#empty", "--count")).Done());
    }
}

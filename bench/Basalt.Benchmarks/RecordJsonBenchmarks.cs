using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Basalt.Records;
using BenchmarkDotNet.Attributes;

namespace Basalt.Benchmarks;

/// <summary>The record codec against System.Text.Json's document model on the same line.</summary>
[MemoryDiagnoser]
public class RecordJsonBenchmarks
{
    private static readonly byte[] Line =
        """{"$id":"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b","title":"The Land Girls","gross":146083,"rating":6.1,"date":"Jun 12 1998","genre":null,"votes":1071,"tags":["war","drama"]}"""u8.ToArray();

    private readonly RecordJsonReader _reader = new();
    private readonly Record _record = RecordJson.Parse(Line);
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    [Benchmark]
    public Record ReadRecord() => _reader.ReadRecord(Line);

    [Benchmark]
    public JsonNode? ReadJsonNode() => JsonNode.Parse(Line);

    [Benchmark]
    public int WriteRecord()
    {
        _buffer.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_buffer);
        RecordJson.Write(writer, _record, JsonForm.Exact);
        writer.Flush();
        return _buffer.WrittenCount;
    }
}

using System.Text;
using Basalt.Backends.Files;
using Basalt.Backends.Files.Formats;
using Basalt.Expressions;
using Basalt.Migration;
using Basalt.Records;

namespace Basalt.Fuzz;

/// <summary>A reader of data files. What it yields must not depend on how the bytes arrive: a window of a few bytes gives the same records and the same faults.</summary>
public abstract class RecordReaderTarget : FuzzTarget
{
    private const int TinyWindow = 16;

    private protected abstract RecordReader Open(byte[] input, int capacity);

    protected sealed override void Decode(byte[] input)
    {
        var (whole, fault) = Read(input, ByteWindow.DefaultCapacity);
        var (piecewise, otherFault) = Read(input, TinyWindow);
        Assert.Equal(whole, piecewise);
        Assert.Equal((fault?.Line, fault?.Problem), (otherFault?.Line, otherFault?.Problem));
        if (fault is not null) throw fault;
    }

    protected sealed override bool IsRefusal(Exception exception) => exception is MalformedException;

    private (List<string> Records, MalformedException? Fault) Read(byte[] input, int capacity)
    {
        var records = new List<string>();
        try
        {
            using var reader = Open(input, capacity);
            while (reader.MoveNext()) records.Add(RecordJson.ToText(reader.Read()));
            return (records, null);
        }
        catch (MalformedException fault)
        {
            return (records, fault);
        }
    }
}

public sealed class CsvTarget : RecordReaderTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        "id,name,n\r\n1,\"Ann, \"\"A\"\"\",2.5\r\n2,,\r\n3,\"two\nlines\",1e3\r\n",
        "\uFEFFa\n1\n\n\"\"\n", "$id,$version,$meta,x\n\"k\",3,\"{\"\"by\"\":1}\",true\n", "a,b\n1,2\n3\n", "a\n\"open",
    ];

    protected override IReadOnlyList<string> Tokens => ["\"", "\"\"", ",", "\n", "\r\n", "\r", "é", "\u2028", "\\N", "2024-01-01T00:00:00Z", "007", "-0", "1e999"];

    private protected override RecordReader Open(byte[] input, int capacity)
    {
        var columns = CsvColumns.Discover(() => new MemoryStream(input), (byte)',', [], hasNulls: false, CancellationToken.None);
        return new CsvRecordReader(new MemoryStream(input), (byte)',', columns, RecordPlace.Start, capacity);
    }
}

public sealed class JsonLinesTarget : RecordReaderTarget
{
    protected override IReadOnlyList<string> Corpus => ["{\"a\":1}\n\n{\"$id\":\"x\",\"b\":[1,{\"c\":null}]}\r\n", "{\"a\":{\"$bytes\":\"AA==\"}}", "{\"a\":1}{\"b\":2}\n", "\uFEFF{}\n"];

    protected override IReadOnlyList<string> Tokens => ["\n", "{", "}", "\"", ",", ":", "\\u0041", "1e400", "[", "]", " "];

    private protected override RecordReader Open(byte[] input, int capacity) => new JsonLinesReader(new MemoryStream(input), RecordPlace.Start, capacity);
}

public sealed class JsonArrayTarget : RecordReaderTarget
{
    protected override IReadOnlyList<string> Corpus => ["[{\"a\":1},\n {\"b\":[[],{}]} ]\n", "[]", "[{\"a\":\"]},{\"},{}]", "[{\"a\":1},]", "{\"a\":1}"];

    protected override IReadOnlyList<string> Tokens => ["[", "]", "{", "}", ",", ":", "\"", "\\\"", "null", "\n", "1", "[]"];

    private protected override RecordReader Open(byte[] input, int capacity) => new JsonArrayReader(new MemoryStream(input), RecordPlace.Start, capacity);
}

public sealed class JournalTarget : FuzzTarget
{
    private static readonly byte[] Batch = JournalFrame.Encode(FrameKind.Batch, 7, "+{\"$id\":\"a\"}\n-\"b\"\n"u8);

    protected override IReadOnlyList<byte[]> Seeds => [Batch, [.. Batch, .. Batch], [.. Batch, .. JournalFrame.Encode(FrameKind.Appending, 7, [1, 2, 3, 4, 5, 6, 7, 8, 9]), .. Batch], []];

    protected override void Decode(byte[] input)
    {
        var frames = JournalFrame.Parse(input, 0, "j", out var end);
        Assert.InRange(end, 0, input.Length);
        // What is taken for valid is what was encoded, byte by byte.
        var again = frames.SelectMany(static f => JournalFrame.Encode(f.Kind, f.Generation, f.Payload.Span)).ToArray();
        Assert.Equal(input.AsSpan(0, (int)end).ToArray(), again);
    }

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.Corrupt };
}

public sealed class SidecarTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds =>
    [
        new Sidecar { Generation = 3, Rewritten = 2, Version = 9, IsOwned = true, Records = 4 }.Print(),
        new Sidecar { Generation = 1, Rewritten = 1, Columns = [CsvColumn.FromHeader("a", CellType.Int64), CsvColumn.FromHeader("$id", CellType.Text)] }.Print(),
    ];

    protected override IReadOnlyList<string> Tokens => ["{", "}", "[", "]", "null", "-1", "1e99", "\"", ":"];

    protected override void Decode(byte[] input)
    {
        var sidecar = Sidecar.Parse(input, "s");
        Assert.Equal(sidecar.Print(), Sidecar.Parse(sidecar.Print(), "s").Print());
    }

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.Corrupt or ErrorCode.Unsupported };
}

public sealed class TransformTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        """{"where":"year >= 1990","rename":{"a":"b"},"drop":["x"],"set":{"source":"imdb"},"default":{"votes":0},"convert":{"year":"int64"},"compute":{"full":"first || ' ' || last"}}""",
        """{"keep":["a","b.c","\"d e\""],"compute":{"r":"round(a / b, 2)","z":"coalesce(x, y, 'none')"}}""",
    ];

    protected override IReadOnlyList<string> Tokens => ["{", "}", "\"", "[", "]", ":", ",", "null", "where", "keep"];

    protected override void Decode(byte[] input) => Assert.NotNull(TransformSpec.Parse(Encoding.UTF8.GetString(input)));

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidData };
}

public sealed class ExpressionTarget : FuzzTarget
{
    private static readonly Record Sample = new() { ["a"] = 7, ["b"] = 0.5, ["first"] = "Ada", ["t"] = true, ["l"] = new Value[] { 1 } };

    protected override IReadOnlyList<string> Corpus => ["a + b * -2 - (3 % 2) / 4.5", "upper(first) || ' ' || coalesce(none, 'x')", "not t and a >= 3 or first is not null", "substring(first, 1, 2)", "round(b, 1) = 0.5m"];

    protected override IReadOnlyList<string> Tokens => ["(", ")", "+", "-", "*", "/", "%", "||", "null", "9223372036854775807", "1e308", "'", "length(", "abs(", " and ", " or "];

    protected override void Decode(byte[] input) => _ = Expression.Parse(Encoding.UTF8.GetString(input)).Evaluate(Sample);

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidQuery or ErrorCode.InvalidRecord };
}

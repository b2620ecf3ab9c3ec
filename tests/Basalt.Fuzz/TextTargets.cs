using System.Text;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Fuzz;

public sealed class FilterTextTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        "year >= 1990 and genre in ('Drama', 'Comedy') and not title like 'The %' and director is not null",
        "a between 1 and 2.5 or (b starts with 'x' and c has any (1, true, null)) or not \"d e\".f != 1.50m",
        "t < 2024-05-01T12:00:00+02:00 and g = guid '00000000-0000-0000-0000-000000000001' and b = x'0aff'",
        "v = vector [1, -2.5, 'NaN'] and l = [1, [2], {a: 'b', \"c\": {}}] and d = double '-Infinity'",
        "$id = 'x' and $meta.by ilike '_\\%' and $updated > 2024-01-01T00:00:00Z and true",
    ];

    protected override IReadOnlyList<string> Tokens => ["(", ")", "not ", " and ", " or ", "null", "''", "\"", "[", "{", "1e999", "-", "9223372036854775808", "\ud83d\ude00", "between", " in ()", "has all"];

    protected override void Decode(byte[] input)
    {
        var filter = Filter.Parse(Encoding.UTF8.GetString(input));
        var printed = filter.ToString();
        Assert.Equal(filter, Filter.Parse(printed));
        Assert.Equal(filter.Matches(new Record()), filter.Compile()(new Record()));
    }

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidQuery };
}

public sealed class RecordJsonTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        """{"$id":"a","$version":3,"$created":"2024-01-01T00:00:00Z","$updated":"2024-01-01T00:00:00.1234567+02:00","$meta":{"k":1},"n":null,"b":true}""",
        """{"i":9007199254740993,"j":{"$int64":"9223372036854775807"},"d":1.5e-300,"e":{"$double":"NaN"},"m":{"$decimal":"1.50"},"$$x":{"$$y":1}}""",
        """{"t":{"$datetime":"2024-05-01T12:00:00Z"},"g":{"$guid":"00000000-0000-0000-0000-000000000001"},"y":{"$bytes":"AAEC"},"v":{"$vector":[1,2.5,"NaN"]}}""",
        """{"l":[[],[1,[2,[3]]],{"a":{"b":{}}}],"s":"\u00e9\ud83d\ude00\"\\\n"}""",
    ];

    protected override IReadOnlyList<string> Tokens => ["{", "}", "[", "]", ",", ":", "\"$id\":", "\"$vector\":", "\"$decimal\":\"", "1e400", "-0.0", "\\ud800", "null", "\"\":", "123456789012345678901234567890.5"];

    protected override void Decode(byte[] input)
    {
        var record = RecordJson.Parse(input);
        var again = RecordJson.Parse(RecordJson.ToText(record));
        Assert.True(record.HasSameContent(again), RecordJson.ToText(record));
    }

    protected override bool IsRefusal(Exception exception) => exception is FormatException;
}

public sealed class SchemaJsonTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus =>
    [
        """{"idField":"id","open":false,"fields":[{"name":"id","type":"string","required":true},{"name":"age","type":"int64","min":0,"max":150}]}""",
        """{"fields":[{"name":"v","type":"vector","dimension":4},{"name":"tags","type":"list","element":{"type":"string","maxLength":9}},{"name":"m","type":"map","fields":[{"name":"x"}]}]}""",
        """{"fields":[{"name":"e","type":"string","email":true,"pattern":"^[a-z]+@","oneOf":["a","b"],"unique":true,"default":"a","description":"x"}]}""",
    ];

    protected override IReadOnlyList<string> Tokens => ["{", "}", "[", "]", "\"type\":", "\"min\":", "\"fields\":", "\"pattern\":\"(", "null", "-1", "1e99"];

    protected override void Decode(byte[] input)
    {
        var schema = SchemaJson.Parse(Encoding.UTF8.GetString(input));
        Assert.Equal(schema, SchemaJson.Parse(SchemaJson.Print(schema)));
    }

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidData };
}

public sealed class StoreUriTarget : FuzzTarget
{
    protected override IReadOnlyList<string> Corpus => ["memory:#x", "file:./data?format=csv#people", "postgres://user:secret@host:5432/db?a=b&c=%20d#t%23"];

    protected override IReadOnlyList<string> Tokens => [":", "#", "?", "&", "=", "%", "%00", "://", "@", "/"];

    protected override void Decode(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var shown = StoreUri.Parse(text).ToString();
        if (Authority(text).Contains(":secret@")) Assert.DoesNotContain(":secret@", Authority(shown));
    }

    private static string Authority(string uri) => uri[(uri.IndexOf(':') + 1)..].Split('?', '#')[0];

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidOptions };
}

public sealed class CursorTarget : FuzzTarget
{
    private static readonly Query Sorted = Query.All.OrderBy("a").OrderByDescending("b");

    protected override IReadOnlyList<string> Corpus => [Cursor.Write(Sorted, new Record { Id = "x", ["a"] = 1, ["b"] = "y" }), Cursor.Write(Sorted, new Record { Id = "", ["a"] = new float[] { 1 } })];

    protected override void Decode(byte[] input) => Assert.Equal(2, Cursor.Read(Sorted with { Cursor = Encoding.UTF8.GetString(input) }).Keys.Count);

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidQuery };
}

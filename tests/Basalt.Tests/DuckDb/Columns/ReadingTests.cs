using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.Tests.DuckDb.Columns;

/// <summary>What each type of SQL reads as.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly DuckFixture _duck = new();

    public static TheoryData<string, string> Expressions => new()
    {
        { "TRUE", "true" },
        { "NULL", "null" },
        { "(-128)::TINYINT", "-128" },
        { "255::UTINYINT", "255" },
        { "(-32768)::SMALLINT", "-32768" },
        { "65535::USMALLINT", "65535" },
        { "(-2147483648)::INTEGER", "-2147483648" },
        { "4294967295::UINTEGER", "4294967295" },
        { "(-9223372036854775808)::BIGINT", """{"$int64":"-9223372036854775808"}""" },
        { "18446744073709551615::UBIGINT", """{"$decimal":"18446744073709551615"}""" },
        { "5::HUGEINT", "5" },
        { "(-5)::HUGEINT", "-5" },
        { "170141183460469231731687303715884105727::HUGEINT", "\"170141183460469231731687303715884105727\"" },
        { "340282366920938463463374607431768211455::UHUGEINT", "\"340282366920938463463374607431768211455\"" },
        { "18446744073709551616::HUGEINT", """{"$decimal":"18446744073709551616"}""" },
        { "0.1::FLOAT", "0.1" },
        { "'nan'::FLOAT", """{"$double":"NaN"}""" },
        { "0.1::DOUBLE", "0.1" },
        { "'-inf'::DOUBLE", """{"$double":"-Infinity"}""" },
        { "1.50::DECIMAL(4,2)", """{"$decimal":"1.5"}""" },
        { "(-1.5)::DECIMAL(9,3)", """{"$decimal":"-1.5"}""" },
        { "123456789.123456789::DECIMAL(18,9)", """{"$decimal":"123456789.123456789"}""" },
        { "0.00000000000000000000000000001::DECIMAL(38,29)", "\"0.00000000000000000000000000001\"" },
        { "(-99999999999999999999999999999999999999)::DECIMAL(38,0)", "\"-99999999999999999999999999999999999999\"" },
        { "7::DECIMAL(38,10)", """{"$decimal":"7"}""" },
        { "''", "\"\"" },
        { "'twelve bytes'", "\"twelve bytes\"" },
        { "'thirteen bytes'", "\"thirteen bytes\"" },
        { "chr(0) || 'ä日😀'", "\"\\u0000ä日\\uD83D\\uDE00\"" },
        { "'\\x00\\xFF'::BLOB", """{"$bytes":"AP8="}""" },
        { "'0010110'::BIT", "\"0010110\"" },
        { "'10101010'::BIT", "\"10101010\"" },
        { "uuid '00112233-4455-6677-8899-aabbccddeeff'", """{"$guid":"00112233-4455-6677-8899-aabbccddeeff"}""" },
        { "uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'", """{"$guid":"ffffffff-ffff-ffff-ffff-ffffffffffff"}""" },
        { "date '2024-02-29'", "\"2024-02-29\"" },
        { "date '0001-01-01'", "\"0001-01-01\"" },
        { "date '9999-12-31'", "\"9999-12-31\"" },
        { "date '10000-01-01'", "\"10000-01-01\"" },
        { "date '0044-03-15 (BC)'", "\"0044-03-15 (BC)\"" },
        { "date 'infinity'", "\"infinity\"" },
        { "time '12:00:00.000001'", "\"12:00:00.000001\"" },
        { "time '23:59:59'", "\"23:59:59\"" },
        { "'12:34:56+05:30'::TIMETZ", "\"12:34:56+05:30\"" },
        { "'12:34:56-08'::TIMETZ", "\"12:34:56-08\"" },
        { "timestamp '2024-05-01 12:00:00.5'", """{"$datetime":"2024-05-01T12:00:00.5Z"}""" },
        { "timestamptz '2024-05-01 12:00:00+02'", """{"$datetime":"2024-05-01T10:00:00Z"}""" },
        { "'2024-05-01 12:00:00'::TIMESTAMP_S", """{"$datetime":"2024-05-01T12:00:00Z"}""" },
        { "'1969-12-31 23:59:59.999'::TIMESTAMP_MS", """{"$datetime":"1969-12-31T23:59:59.999Z"}""" },
        { "'2024-05-01 12:00:00.1234567'::TIMESTAMP_NS", """{"$datetime":"2024-05-01T12:00:00.1234567Z"}""" },
        { "'2024-05-01 12:00:00.123456789'::TIMESTAMP_NS", "\"2024-05-01 12:00:00.123456789\"" },
        { "timestamp '20000-05-01 12:00:00'", "\"20000-05-01 12:00:00\"" },
        { "timestamp 'infinity'", "\"infinity\"" },
        { "timestamp '-infinity'", "\"-infinity\"" },
        { "INTERVAL '14 months 3 days 4 hours 5.5 seconds'", "\"1 year 2 months 3 days 04:00:05.5\"" },
        { "INTERVAL '0 days'", "\"00:00:00\"" },
        { "INTERVAL '-90 minutes'", "\"-01:30:00\"" },
        { "'b'::ENUM('a', 'b')", "\"b\"" },
        { "[1, NULL, 3]", "[1,null,3]" },
        { "[]::VARCHAR[]", "[]" },
        { "[['a'], [], NULL]", """[["a"],[],null]""" },
        { "[1.5, 2]::FLOAT[2]", """{"$vector":[1.5,2]}""" },
        { "[1.5, NULL]::FLOAT[2]", "[1.5,null]" },
        { "[1, 2, 3]::INTEGER[3]", "[1,2,3]" },
        { "{'a': 1, 'b c': 'x'}", """{"a":1,"b c":"x"}""" },
        { "row(1, 'x')", """{"1":1,"2":"x"}""" },
        { "{'a': {'b': [1]}}", """{"a":{"b":[1]}}""" },
        { "MAP {'x': 1, 'y': 2}", """{"x":1,"y":2}""" },
        { "MAP {1: 'a'}", """[{"key":1,"value":"a"}]""" },
        { "union_value(num := 5)", "5" },
        { "union_value(txt := 'x')::UNION(num INTEGER, txt VARCHAR)", "\"x\"" },
        { "'{\"a\":1}'::JSON", "\"{\\\"a\\\":1}\"" },
    };

    [Theory]
    [MemberData(nameof(Expressions))]
    public void A_type_reads_as_what_holds_it(string expression, string json) => Assert.Equal(json, RecordJson.ToText(_duck.One($"SELECT {expression}")));

    // The library's own text of dates and intervals is the oracle.
    [Theory]
    [InlineData("date '1970-01-01' + (i * 7919 - 3000000)::INTEGER", 2000)]
    [InlineData("to_months((i * 31 - 20000)::INTEGER)", 1500)]
    [InlineData("to_microseconds(i * 123456789012 - 90000000000000)", 1500)]
    [InlineData("time '00:00:00' + to_microseconds(i * 43199999)", 2000)]
    [InlineData("(i * 7 % 11)::BIT", 50)]
    public void Text_forms_are_those_of_the_library(string expression, int rows)
    {
        var answer = _duck.All($"SELECT x, x::VARCHAR FROM (SELECT {expression} AS x FROM range({rows}) r(i))");
        Assert.Equal(rows, answer.Count);
        Assert.All(answer, static row => Assert.Equal(row[1].AsString, row[0].AsString));
    }

    [Fact]
    public void Timestamps_are_those_of_the_library()
    {
        var answer = _duck.All("SELECT x, epoch_us(x) FROM (SELECT make_timestamptz((i * 7919777771234)::BIGINT - 30000000000000000) AS x FROM range(5000) r(i))");
        Assert.All(answer, static row => Assert.Equal(row[1].AsInt64, (row[0].AsDateTime - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
    }

    [Fact]
    public void Spans_show_values_and_nulls_of_every_chunk()
    {
        using var rows = _duck.Connection.Query("SELECT CASE WHEN i % 3 > 0 THEN i END, i::INTEGER FROM range(10000) r(i)");
        long seen = 0;
        while (rows.Next())
        {
            Column sparse = rows[0], dense = rows[1];
            var numbers = sparse.Values<long>();
            for (var row = 0; row < rows.Count; row++, seen++)
            {
                Assert.Equal(seen % 3 == 0, sparse.IsNull(row));
                if (seen % 3 > 0) Assert.Equal(seen, numbers[row]);
                Assert.Equal((int)seen, dense.Values<int>()[row]);
            }
        }

        Assert.Equal(10_000, seen);
    }

    [Fact]
    public void A_span_of_another_width_is_refused()
    {
        using var rows = _duck.Connection.Query("SELECT 1::INTEGER");
        Assert.True(rows.Next());
        Assert.Throws<InvalidOperationException>(() => rows[0].Values<long>().Length);
        Assert.Throws<InvalidOperationException>(() => rows[0].Text(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows[0].IsNull(1));
    }

    [Fact]
    public void What_cannot_be_read_says_so()
    {
        var fault = Assert.Throws<BasaltException>(() => _duck.One("SELECT 5::VARINT"));
        Assert.Equal(ErrorCode.Unsupported, fault.Code);
        Assert.Contains("CAST", fault.Message);
    }

    [Fact]
    public void Types_are_read_and_made_with_their_parts()
    {
        using var rows = _duck.Connection.Query("SELECT 1::DECIMAL(20,3) d, ['a'] l, [1.0]::FLOAT[1] a, {'x': 1, 'y y': {'z': DATE '2024-01-01'}} s, MAP {'k': [1]} m, 'b'::ENUM('a', 'b') e, '1'::JSON j");
        Assert.Equal(["DECIMAL(20,3)", "VARCHAR[]", "FLOAT[1]", "STRUCT(\"x\" INTEGER, \"y y\" STRUCT(\"z\" DATE))", "MAP(VARCHAR, INTEGER[])", "ENUM('a', 'b')", "JSON"], rows.Fields.Select(static field => field.Type.ToString()));
        Assert.Equal(["d", "l", "a", "s", "m", "e", "j"], rows.Fields.Select(static field => field.Name));
        foreach (var field in rows.Fields)
        {
            using var handle = field.Type.Create();
            Assert.Equal(field.Type, DuckType.Read(handle));
        }

        Assert.Equal(DuckTypeId.Decimal, rows.Fields[0].Type.Id);
    }

    public void Dispose() => _duck.Dispose();
}

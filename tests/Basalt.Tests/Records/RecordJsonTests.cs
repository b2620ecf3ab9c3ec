using System.Text;
using Basalt.Conformance;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class RecordJsonTests
{
    [Fact]
    public void Exact_form_reads_back_to_the_last_bit()
    {
        var random = new Generator(Generator.SeedOfRun);
        var reader = new RecordJsonReader();
        for (var i = 0; i < 1000; i++)
        {
            var record = random.Record(random.Pick(Specimens.Ids)) with { Metadata = new ValueMapBuilder().Set("m", random.Value()).Set("$id", 1).Build() };
            if (i % 2 == 0) record = record with { Version = 1 + random.Next(1000), Created = DateTimeOffset.UnixEpoch.AddTicks(i), Updated = DateTimeOffset.UnixEpoch.AddHours(i).ToOffset(TimeSpan.FromHours(2)) };
            if (i % 3 == 0) record = record with { Fields = record.Fields.With(random.Pick(Specimens.FieldNames), random.Value(3)) };
            var json = RecordJson.ToText(record);
            Assert.True(Oracle.AreSame(record, RecordJson.Parse(json)), $"{Generator.SeedVariable}={Generator.SeedOfRun}: {json}");
            // A reader that has seen other records reads the same, and what is read writes the same.
            var again = reader.ReadRecord(Encoding.UTF8.GetBytes(json));
            Assert.Equal(json, RecordJson.ToText(again));
            Assert.DoesNotContain('\n', json);
        }
    }

    [Fact]
    public void Every_hostile_name_and_value_reads_back()
    {
        foreach (var value in Specimens.Values) Assert.True(Oracle.AreSame(value, RecordJson.ParseValue(RecordJson.ToText(value))), RecordJson.ToText(value));
        foreach (var name in Specimens.FieldNames)
        {
            var record = new Record { Id = "a", [name] = 1, ["m"] = new ValueMapBuilder().Set(name, "x").Build() };
            Assert.True(Oracle.AreSame(record, RecordJson.Parse(record.ToString())), record.ToString());
        }
    }

    [Fact]
    public void Exact_form_is_as_documented()
    {
        var record = new Record
        {
            Id = "a", Version = 3, Created = DateTimeOffset.UnixEpoch, Updated = new DateTimeOffset(2024, 5, 1, 12, 0, 0, 500, TimeSpan.FromHours(2)),
            Metadata = new ValueMapBuilder().Set("by", "me").Build(),
            ["i"] = 1, ["big"] = (1L << 53) + 1, ["d"] = 1.0, ["nan"] = double.NaN, ["m"] = 1.50m, ["t"] = DateTimeOffset.UnixEpoch, ["g"] = Guid.Empty,
            ["b"] = new byte[] { 255 }, ["v"] = new[] { 1.5f, float.NaN }, ["$x"] = "ä", ["n"] = Value.Null, ["map"] = new ValueMapBuilder().Set("$decimal", "1").Build(),
        };
        Assert.Equal(
            """{"$id":"a","$version":3,"$created":"1970-01-01T00:00:00Z","$updated":"2024-05-01T12:00:00.5+02:00","$meta":{"by":"me"},"i":1,"big":{"$int64":"9007199254740993"},"d":1.0,"nan":{"$double":"NaN"},"m":{"$decimal":"1.50"},"t":{"$datetime":"1970-01-01T00:00:00Z"},"g":{"$guid":"00000000-0000-0000-0000-000000000000"},"b":{"$bytes":"/w=="},"v":{"$vector":[1.5,"NaN"]},"$$x":"ä","n":null,"map":{"$$decimal":"1"}}""",
            RecordJson.ToText(record));
        Assert.Equal(
            """{"$id":"a","i":1,"big":9007199254740993,"d":1.0,"nan":"NaN","m":1.50,"t":"1970-01-01T00:00:00Z","g":"00000000-0000-0000-0000-000000000000","b":"/w==","v":[1.5,"NaN"],"$$x":"ä","n":null,"map":{"$$decimal":"1"}}""",
            RecordJson.ToText(record, JsonForm.Plain));
    }

    [Theory]
    [InlineData("", "at byte 0")]
    [InlineData("[]", "at byte 0: a record is a JSON object, not an array")]
    [InlineData("5", "at byte 0: a record is a JSON object, not a number")]
    [InlineData("{", "at byte 1")]
    [InlineData("{\"a\":1,}", "at byte 7")]
    [InlineData("{\"a\":1} x", "at byte 8")]
    [InlineData("{\"a\":1}{}", "at byte 7")]
    [InlineData("{\"a\":01}", "at byte 5")]
    [InlineData("{\"a\":1,\"a\":2}", "at byte 7: the name 'a' is there twice")]
    [InlineData("{\"a\":1,\"\\u0061\":2}", "at byte 7: the name 'a' is there twice")]
    [InlineData("{\"m\":{\"x\":1,\"x\":2}}", "at byte 12: the name 'x' is there twice")]
    [InlineData("{\"$x\":1,\"$$x\":2}", "at byte 8: the name '$x' is there twice")]
    [InlineData("{\"$id\":\"a\",\"$id\":\"b\"}", "at byte 11: the name '$id' is there twice")]
    [InlineData("{\"$id\":\"a\",\"\\u0024id\":\"b\"}", "'$id' is there twice")]
    [InlineData("{\"$meta\":{},\"$meta\":{}}", "at byte 12: the name '$meta' is there twice")]
    [InlineData("{\"$id\":5}", "$id must be a String, not a Int64")]
    [InlineData("{\"$version\":\"1\"}", "$version must be a Int64, not a String")]
    [InlineData("{\"$created\":\"yesterday\"}", "$created is not an RFC 3339 time")]
    [InlineData("{\"$meta\":[]}", "$meta must be a Map, not a List")]
    [InlineData("{\"a\":{\"$decimal\":\"x\"}}", "is not a decimal as the tag $decimal says")]
    [InlineData("{\"a\":{\"$decimal\":1}}", "is not a decimal")]
    [InlineData("{\"a\":{\"$guid\":\"0\"}}", "is not a guid")]
    [InlineData("{\"a\":{\"$bytes\":\"*\"}}", "is not a bytes")]
    [InlineData("{\"a\":{\"$vector\":[\"x\"]}}", "is not a vector")]
    [InlineData("{\"a\":{\"$datetime\":\"2024-13-01T00:00:00Z\"}}", "is not a datetime")]
    [InlineData("{\"a\":1e999}", "at byte 5: the number 1e999 is out of range")]
    [InlineData("{\"a\":\"\\uD800\"}", "at byte 5")]
    public void Malformed_json_is_refused_with_the_byte(string json, string message)
    {
        var e = Assert.Throws<FormatException>(() => RecordJson.Parse(json));
        Assert.Contains(message, e.Message);
        Assert.Contains("at byte ", e.Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_and_text_that_is_not_unicode_are_refused()
    {
        Assert.Throws<FormatException>(static () => RecordJson.Parse([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]));
        Assert.Throws<FormatException>(static () => RecordJson.Parse([.. "{\""u8, 0xC3, 0x28, .. "\":1}"u8]));
        Assert.Throws<FormatException>(static () => RecordJson.Parse("{\"a\":\"\uD800\"}"));
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue("\"\uDC00\""));
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_exhaust_the_stack()
    {
        Assert.Throws<FormatException>(static () => RecordJson.Parse($"{{\"a\":{new string('[', 100_000)}"));
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue(new string('[', 65) + new string(']', 65)));
        Assert.Equal(ValueKind.List, RecordJson.ParseValue(new string('[', 64) + new string(']', 64)).Kind);
    }

    [Fact]
    public void Plain_json_reads_as_json_says()
    {
        var record = RecordJson.Parse("""{"i":1,"big":9223372036854775808,"d":1.0,"e":1e2,"s":"{}","l":[1,[]],"m":{"x":null},"t":true,"long":0.12345678901234567890123}""");
        Assert.Equal("", record.Id);
        Assert.Equal([ValueKind.Int64, ValueKind.Decimal, ValueKind.Double, ValueKind.Double, ValueKind.String, ValueKind.List, ValueKind.Map, ValueKind.Bool, ValueKind.Decimal], record.Fields.Values.Select(static value => value.Kind));
        Assert.True(Oracle.AreSame(0.12345678901234567890123m, record["long"]));
    }

    [Fact]
    public void Vector_components_beyond_float32_are_refused_and_not_made_infinite() =>
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue("""{"$vector":[1e300]}"""));

    [Fact]
    public void Decimals_that_would_be_rounded_or_reformatted_are_refused()
    {
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue("""{"$decimal":"0.12345678901234567890123456789012345"}"""));
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue("""{"$decimal":"1,000"}"""));
        Assert.Throws<FormatException>(static () => RecordJson.ParseValue("""{"$decimal":" 1"}"""));
    }
}

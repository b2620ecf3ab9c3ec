using Basalt.Records;
using Basalt.Schemas;
using Xunit;

namespace Basalt.Tests.Schemas;

public sealed class SchemaJsonTests
{
    [Fact]
    public void Schema_round_trips_with_everything_in_it()
    {
        var schema = new Schema(
        [
            new Field("id", FieldType.Guid) { Description = "who \"it\" is" },
            new Field("age", FieldType.Int64) { IsRequired = true, Min = 0, Max = 150 },
            new Field("price", FieldType.Decimal) { Min = 0.10m, Default = 1.50m },
            new Field("ratio", FieldType.Double) { Max = 1, Default = 0.5 },
            new Field("mail", FieldType.String) { IsEmail = true, IsUnique = true, MinLength = 3, MaxLength = 200, Pattern = @"[^\s]+" },
            new Field("state", FieldType.String) { OneOf = ["new", "done"], Default = "new" },
            new Field("born", FieldType.DateTime) { Min = new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)) },
            new Field("blob", FieldType.Bytes) { MaxLength = 4, Default = new byte[] { 1, 2 } },
            new Field("face", FieldType.Vector) { Dimension = 3, Default = new float[] { 1, 2, 3 } },
            new Field("flag", FieldType.Bool) { Default = false },
            new Field("odd \"name\".x", FieldType.Any) { OneOf = [1, "x", true] },
            new Field("tags", FieldType.List) { Element = new Field { Type = FieldType.List, Element = new Field { Type = FieldType.String, IsRequired = true } } },
            new Field("home", FieldType.Map) { Fields = [new Field("city", FieldType.String), new Field("deep", FieldType.Map) { Fields = [] }] },
        ],
        "id", isOpen: false);
        var read = SchemaJson.Parse(SchemaJson.Print(schema));
        Assert.Equal(schema, read);
        Assert.Equal(SchemaJson.Print(schema), SchemaJson.Print(read));
        Assert.NotEqual(schema, read.With(new Field("age", FieldType.Int64) { IsRequired = true, Min = 1, Max = 150 }));
        Assert.Equal(Schema.Any, SchemaJson.Parse("{}"));
    }

    [Fact]
    public void Text_stands_for_types_that_json_lacks()
    {
        var schema = SchemaJson.Parse("""{"fields":[{"name":"at","type":"date-time","min":"2020-01-01T00:00:00Z"},{"name":"x","type":"double","min":0}]}""");
        Assert.Equal(ValueKind.DateTime, schema["at"]!.Min!.Value.Kind);
        Assert.Equal(ValueKind.Double, schema["x"]!.Min!.Value.Kind);
        Assert.True(schema.IsOpen);
    }

    [Theory]
    [InlineData("""{"fields":[{"name":"a","typ":"int64"}]}""", "fields[0]", "'typ'")]
    [InlineData("""{"fields":[{"name":"a","type":"int46"}]}""", "fields[0].type", "int64")]
    [InlineData("""{"fields":[{"type":"int64"}]}""", "fields[0]", "name")]
    [InlineData("""{"fields":[{"name":"a","required":1}]}""", "fields[0].required", "a number")]
    [InlineData("""{"fields":[{"name":"a","type":"list","element":{"name":"x"}}]}""", "fields[0].element", "'name'")]
    [InlineData("""{"fields":[{"name":"a","min":1,"min":2}]}""", "fields[0]", "twice")]
    [InlineData("""{"fields":[{"name":"a","type":"vector","dimension":1.5}]}""", "fields[0].dimension", "1.5")]
    [InlineData("""{"fields":{}}""", "fields", "array")]
    [InlineData("""{"idfield":"x"}""", "'idfield'", "idField")]
    [InlineData("""[]""", "object", "an array")]
    [InlineData("""{"fields":[""", "JSON", "schema")]
    [InlineData("""{"fields":[{"name":"a","type":"int64","min":3,"max":1}]}""", "'a'", "contradicts")]
    [InlineData("""{"fields":[{"name":"a","default":{"$guid":"x"}}]}""", "fields[0].default", "guid")]
    [InlineData("""{"fields":[{"name":"\ud800"}]}""", "fields[0].name", "Unicode")]
    public void Malformed_schema_is_refused_with_its_place(string json, string where, string what)
    {
        var error = Assert.Throws<BasaltException>(() => SchemaJson.Parse(json));
        Assert.Equal(ErrorCode.InvalidData, error.Code);
        Assert.Contains(where, error.Message);
        Assert.Contains(what, error.Message);
    }

    [Fact]
    public void Check_in_code_is_refused_by_name() =>
        Assert.Contains("'odd'", Assert.Throws<NotSupportedException>(() => SchemaJson.Print(new Schema([new Field("odd") { Check = static _ => null }]))).Message);

    [Fact]
    public void Inferred_schema_is_narrow_and_accepts_what_was_observed()
    {
        Record[] records =
        [
            new() { ["a"] = 1, ["b"] = 1, ["c"] = 1, ["d"] = "x", ["v"] = new float[] { 1, 2 }, ["l"] = new Value[] { 1, 2.5 }, ["m"] = ValueMap.From([new("x", 1)]), ["n"] = Value.Null, ["big"] = long.MaxValue },
            new() { ["a"] = 2, ["b"] = 2.5, ["c"] = 1m, ["d"] = 5, ["v"] = new float[] { 3, 4 }, ["l"] = new Value[] { Value.Null }, ["m"] = ValueMap.From([new("y", "z")]), ["big"] = 0.5 },
        ];
        var inference = new SchemaInference();
        foreach (var record in records) inference.Observe(record);
        var schema = inference.Infer();
        Assert.Equal(
            [FieldType.Int64, FieldType.Double, FieldType.Decimal, FieldType.Any, FieldType.Vector, FieldType.List, FieldType.Map, FieldType.Any, FieldType.Any],
            schema.Fields.Select(f => f.Type));
        Assert.Equal(2, schema["v"]!.Dimension);
        Assert.Equal(new Field("", FieldType.Double), schema["l"]!.Element);
        Assert.True(schema["a"]!.IsRequired);
        Assert.False(schema["n"]!.IsRequired || schema.Resolve("m.x")!.IsRequired);
        Assert.All(records, record => Assert.Empty(schema.Validate(record)));
        Assert.NotEmpty(schema.Validate(new Record { ["a"] = "x" }));
        Assert.Equal((2L, 0L, 2), inference.Fields.Where(f => f.Name == "d").Select(f => (f.Present, f.Nulls, f.Types.Count)).Single());
        Assert.Equal(schema, SchemaJson.Parse(SchemaJson.Print(schema)));
    }

    [Fact]
    public void Inference_follows_a_bounded_number_of_names()
    {
        var inference = new SchemaInference();
        for (var i = 0; i < 3_000; i++) inference.Observe(new Record { [$"k{i}"] = i, ["m"] = ValueMap.From([new($"n{i}", i)]) });
        var schema = inference.Infer();
        Assert.Equal(1_000, schema.Fields.Count);
        Assert.Null(schema["m"]!.Fields);
        Assert.Equal(FieldType.Map, schema["m"]!.Type);
    }
}

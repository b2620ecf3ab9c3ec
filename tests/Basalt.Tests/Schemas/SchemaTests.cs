using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;
using Xunit;

namespace Basalt.Tests.Schemas;

public sealed class SchemaTests
{
    public static TheoryData<string, Field, Value, Value> Constraints => new()
    {
        { "required", new Field("f") { IsRequired = true }, 0, Value.Null },
        { "type", new Field("f", FieldType.Bool), true, 1 },
        { "min", new Field("f", FieldType.Int64) { Min = 5 }, 5, 4 },
        { "max", new Field("f", FieldType.Int64) { Max = 5 }, 5, 6 },
        { "min", new Field("f", FieldType.Double) { Min = 0 }, 0.0, double.NaN },
        { "max", new Field("f", FieldType.Decimal) { Max = 1.5 }, 1.5m, 1.51m },
        { "min", new Field("f", FieldType.DateTime) { Min = "2020-01-01T00:00:00Z" }, "2020-01-01T01:00:00+01:00", "2019-12-31T23:59:59Z" },
        { "max", new Field("f", FieldType.String) { Max = "m" }, "m", "ma" },
        { "minLength", new Field("f", FieldType.String) { MinLength = 2 }, "😀😀", "😀" },
        { "maxLength", new Field("f", FieldType.String) { MaxLength = 2 }, "😀😀", "abc" },
        { "maxLength", new Field("f", FieldType.Bytes) { MaxLength = 2 }, new byte[2], new byte[3] },
        { "minLength", new Field("f", FieldType.List) { MinLength = 1 }, new Value[] { 1 }, Array.Empty<Value>() },
        { "pattern", new Field("f", FieldType.String) { Pattern = "a|b+" }, "bb", "ab" },
        { "pattern", new Field("f", FieldType.String) { Pattern = "a" }, "a", "a\n" },
        { "oneOf", new Field("f", FieldType.String) { OneOf = ["x", "y"] }, "y", "z" },
        { "oneOf", new Field("f", FieldType.Double) { OneOf = [1] }, 1, 2 },
        { "email", new Field("f", FieldType.String) { IsEmail = true }, "ada.l+x@müller.example", "ada@@example.com" },
        { "email", new Field("f", FieldType.String) { IsEmail = true }, "a@b", ".a@b" },
        { "email", new Field("f", FieldType.String) { IsEmail = true }, "a@b.c", "a@b..c" },
        { "email", new Field("f", FieldType.String) { IsEmail = true }, "a@b-c", "a b@c" },
        { "dimension", new Field("f", FieldType.Vector) { Dimension = 2 }, new float[] { 1, 2 }, new float[] { 1, 2, 3 } },
        { "dimension", new Field("f", FieldType.Vector), new float[] { 1 }, Array.Empty<float>() },
        { "finite", new Field("f", FieldType.Vector), new float[] { 1 }, new[] { 1, float.NaN } },
        { "check", new Field("f", FieldType.Int64) { Check = static v => v.AsInt64 % 2 == 0 ? null : "must be even" }, 2, 3 },
        { "type", new Field("f", FieldType.List) { Element = new Field { Type = FieldType.Int64 } }, new Value[] { 1 }, new Value[] { "x" } },
        { "required", new Field("f", FieldType.List) { Element = new Field { IsRequired = true } }, new Value[] { 1 }, new Value[] { Value.Null } },
    };

    [Theory]
    [MemberData(nameof(Constraints), DisableDiscoveryEnumeration = true)]
    public void Constraint_accepts_and_refuses(string rule, Field field, Value good, Value bad)
    {
        var schema = new Schema([field]);
        Assert.Empty(schema.Validate(new Record { ["f"] = good }));
        var violation = Assert.Single(schema.Validate(new Record { ["f"] = bad }));
        Assert.Equal(rule, violation.Rule);
        Assert.StartsWith("f", violation.Path);
    }

    [Fact]
    public void Null_satisfies_every_constraint_but_required()
    {
        foreach (var row in Constraints)
        {
            var (rule, field, _, _) = row.Data;
            if (!field.IsRequired) Assert.Empty(new Schema([field]).Validate(new Record { ["f"] = Value.Null }));
            Assert.NotEmpty(rule);
        }
    }

    public static TheoryData<Field, string> Contradictions => new()
    {
        { new Field("bad", FieldType.Int64) { Min = 2, Max = 1 }, "min" },
        { new Field("bad", FieldType.Int64) { Min = 0.5 }, "min" },
        { new Field("bad", FieldType.Bool) { Min = true }, "min" },
        { new Field("bad", FieldType.Double) { Max = double.NaN }, "max" },
        { new Field("bad", FieldType.String) { Dimension = 3 }, "dimension" },
        { new Field("bad", FieldType.Vector) { Dimension = 0 }, "dimension" },
        { new Field("bad", FieldType.Int64) { MaxLength = 3 }, "length" },
        { new Field("bad", FieldType.String) { MinLength = -1 }, "negative" },
        { new Field("bad", FieldType.String) { MinLength = 3, MaxLength = 2 }, "length" },
        { new Field("bad", FieldType.Int64) { Pattern = "x" }, "pattern" },
        { new Field("bad", FieldType.String) { Pattern = "(" }, "pattern" },
        { new Field("bad", FieldType.String) { Pattern = "a)|(b" }, "pattern" },
        { new Field("bad", FieldType.String) { Pattern = "(?=a)a" }, "linear" },
        { new Field("bad", FieldType.String) { Pattern = @"(a)\1" }, "linear" },
        { new Field("bad", FieldType.Int64) { IsEmail = true }, "email" },
        { new Field("bad", FieldType.Int64) { OneOf = [] }, "choices" },
        { new Field("bad", FieldType.Int64) { OneOf = ["x"] }, "choice" },
        { new Field("bad", FieldType.Int64) { OneOf = [Value.Null] }, "null" },
        { new Field("bad", FieldType.Int64) { Default = "x" }, "default" },
        { new Field("bad", FieldType.Int64) { Default = 7, Max = 5 }, "default" },
        { new Field("bad", FieldType.Int64) { Default = Value.Null }, "default" },
        { new Field("bad", FieldType.String) { Element = new Field() }, "element" },
        { new Field("bad", FieldType.List) { Fields = [] }, "fields" },
        { new Field("bad", FieldType.List) { Element = new Field { Default = 1 } }, "default" },
        { new Field("bad", FieldType.List) { Element = new Field { IsUnique = true } }, "unique" },
        { new Field("bad", FieldType.Map) { Fields = [new Field("a"), new Field("a")] }, "bad.a" },
        { new Field("bad", (FieldType)99), "type" },
    };

    [Theory]
    [MemberData(nameof(Contradictions), DisableDiscoveryEnumeration = true)]
    public void Schema_refuses_a_field_that_contradicts_itself(Field field, string mentions)
    {
        var error = Assert.Throws<ArgumentException>(() => new Schema([new Field("good"), field]));
        Assert.Contains("'bad", error.Message);
        Assert.Contains(mentions, error.Message);
    }

    [Fact]
    public void Schema_refuses_bad_ids_and_repeated_names()
    {
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => new Schema([new Field("a"), new Field("a")])).Message);
        Assert.Contains("'id'", Assert.Throws<ArgumentException>(() => new Schema([], "id", isOpen: false)).Message);
        Assert.Contains("double", Assert.Throws<ArgumentException>(() => new Schema([new Field("id", FieldType.Double)], "id")).Message);
        Assert.Contains("default", Assert.Throws<ArgumentException>(() => new Schema([new Field("id") { Default = 1 }], "id")).Message);
        Assert.Equal("id", new Schema([], "id").IdField);
    }

    [Fact]
    public void Required_id_field_is_satisfied_by_the_id_of_the_record_at_the_top_alone()
    {
        var nested = new Field("m", FieldType.Map) { Fields = [new Field("id") { IsRequired = true }] };
        var schema = new Schema([new Field("id", FieldType.String) { IsRequired = true }, nested], "id");
        Assert.Equal("id", Assert.Single(schema.Validate(new Record())).Path);
        Assert.Empty(schema.Validate(new Record { Id = "7" }));
        Assert.Equal("m.id", Assert.Single(schema.Validate(new Record { Id = "7", ["m"] = ValueMap.Empty })).Path);
    }

    [Fact]
    public void Closed_schema_refuses_undeclared_names_and_suggests_the_nearest()
    {
        var schema = new Schema([new Field("title"), new Field("address", FieldType.Map) { Fields = [new Field("post code")] }], isOpen: false);
        var record = new Record { ["titel"] = 1, ["address"] = ValueMap.From([new("pots code", 2)]) };
        var violations = schema.Validate(record).OrderBy(v => v.Path).ToArray();
        Assert.Equal(["address.\"pots code\"", "titel"], violations.Select(v => v.Path));
        Assert.All(violations, v => Assert.Equal("undeclared", v.Rule));
        Assert.Contains("'title'", violations[1].Message);
        Assert.Contains("'post code'", violations[0].Message);
    }

    [Fact]
    public void Paths_of_violations_lead_through_lists_and_maps()
    {
        var schema = new Schema([new Field("people", FieldType.List)
        {
            Element = new Field { Type = FieldType.Map, Fields = [new Field("tags", FieldType.List) { Element = new Field { Type = FieldType.String } }] },
        }]);
        var person = Value.FromMap(ValueMap.From([new("tags", new Value[] { "a", 5 })]));
        Assert.Equal("people[1].tags[1]", Assert.Single(schema.Validate(new Record { ["people"] = new[] { Value.FromMap(ValueMap.Empty), person } })).Path);
    }

    [Fact]
    public void Knows_and_resolves_paths()
    {
        Field[] fields = [new("a", FieldType.Map) { Fields = [new Field("b", FieldType.Int64)] }, new("free"), new("n", FieldType.Int64), new("m", FieldType.Map)];
        var closed = new Schema(fields, isOpen: false);
        var open = new Schema(fields);
        Assert.Equal(FieldType.Int64, closed.Resolve("a.b")!.Type);
        Assert.Null(closed.Resolve("a.c"));
        Assert.Null(closed.Resolve("n.b"));
        Assert.Null(closed.Resolve("$meta.a"));
        foreach (var known in new[] { "a", "a.b", "free.x.y", "m.x.y", "$id", "$meta.x" }) Assert.True(closed.Knows(known), known);
        foreach (var unknown in new[] { "b", "a.c", "n.x", "a.b.c" }) Assert.False(closed.Knows(unknown), unknown);
        Assert.True(open.Knows("b") && open.Knows("a.c"));
        Assert.False(open.Knows("n.x"));
        Assert.Equal("a.b", closed.Suggest("a.B")?.ToString());
        Assert.Equal("free", closed.Suggest("fere")?.ToString());
        Assert.Null(closed.Suggest("zzzzzz"));
        Assert.Null(closed.Suggest("a.b"));
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("title", "titel", 1)]
    public void Edit_distance_counts_keystrokes(string left, string right, int distance)
    {
        Assert.Equal(distance, EditDistance.Between(left, right));
        Assert.Equal(distance, EditDistance.Between(right, left));
    }

    [Fact]
    public void Unique_fields_are_checked_within_a_batch()
    {
        var schema = new Schema([new Field("mail") { IsUnique = true }, new Field("m", FieldType.Map) { Fields = [new Field("n") { IsUnique = true }] }]);
        Record[] batch =
        [
            new() { ["mail"] = "a", ["m"] = ValueMap.From([new("n", 1)]) },
            new() { ["mail"] = Value.Null },
            new() { ["mail"] = "b", ["m"] = ValueMap.From([new("n", 1.0)]) },
            new(),
            new() { ["mail"] = "a" },
        ];
        Assert.Equal([(2, "m.n"), (4, "mail")], BatchUniqueness.Check(schema, batch).Select(v => (v.Index, v.Violation.Path)));
        Assert.All(BatchUniqueness.Check(schema, batch), v => Assert.Equal("unique", v.Violation.Rule));
    }

    [Fact]
    public void With_replaces_in_place_or_appends()
    {
        var schema = new Schema([new Field("a"), new Field("b")], "a", isOpen: false).With(new Field("a", FieldType.Int64)).With(new Field("c"));
        Assert.Equal(["a", "b", "c"], schema.Fields.Select(f => f.Name));
        Assert.Equal(FieldType.Int64, schema["a"]!.Type);
        Assert.False(schema.IsOpen);
    }
}

using Basalt.Records;
using Basalt.Schemas;
using Xunit;

namespace Basalt.Tests.Schemas;

public sealed class CoercionTests
{
    private static readonly Value Refused = "refused:7f3a";
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid SomeGuid = Guid.Parse("0123abcd-0000-4000-8000-00000000ffff");

    /// <summary>Type, value given, result in strict mode, result in lenient mode.</summary>
    public static TheoryData<FieldType, Value, Value, Value> Table => new()
    {
        { FieldType.Double, 5, 5.0, 5.0 },
        { FieldType.Double, (1L << 53) + 1, Refused, Refused },
        { FieldType.Double, 1.5m, 1.5, 1.5 },
        { FieldType.Double, 0.1234567890123456789012m, Refused, Refused },
        { FieldType.Decimal, 5, 5m, 5m },
        { FieldType.Decimal, 0.1, 0.1m, 0.1m },
        { FieldType.Decimal, double.NaN, Refused, Refused },
        { FieldType.Decimal, 1e300, Refused, Refused },
        { FieldType.Int64, 5.0, Refused, 5 },
        { FieldType.Int64, 5.00m, Refused, 5 },
        { FieldType.Int64, 5.5, Refused, Refused },
        { FieldType.Int64, 1e19, Refused, Refused },
        { FieldType.Int64, "42", Refused, 42 },
        { FieldType.Int64, "-42", Refused, -42 },
        { FieldType.Int64, "007", Refused, Refused },
        { FieldType.Int64, " 5 ", Refused, Refused },
        { FieldType.Int64, "+5", Refused, Refused },
        { FieldType.Int64, "-0", Refused, Refused },
        { FieldType.Int64, "1e3", Refused, Refused },
        { FieldType.Int64, "9223372036854775808", Refused, Refused },
        { FieldType.Int64, "", Refused, Refused },
        { FieldType.Int64, true, Refused, Refused },
        { FieldType.Double, "1e3", Refused, 1000.0 },
        { FieldType.Double, "1.50", Refused, 1.5 },
        { FieldType.Double, "0.1", Refused, 0.1 },
        { FieldType.Double, "1E+23", Refused, 1e23 },
        { FieldType.Double, "-0", Refused, -0.0 },
        { FieldType.Double, "9007199254740993", Refused, Refused },
        { FieldType.Double, "73786976294838206464", Refused, 73786976294838206464.0 },
        { FieldType.Double, "0.12345678901234567890", Refused, Refused },
        { FieldType.Double, "1e999", Refused, Refused },
        { FieldType.Double, "NaN", Refused, Refused },
        { FieldType.Double, "01.5", Refused, Refused },
        { FieldType.Double, ".5", Refused, Refused },
        { FieldType.Double, "5.", Refused, Refused },
        { FieldType.Double, "1,5", Refused, Refused },
        { FieldType.Decimal, "1.50", Refused, 1.50m },
        { FieldType.Decimal, "0.12345678901234567890123456789012", Refused, Refused },
        { FieldType.Bool, "true", Refused, true },
        { FieldType.Bool, "FALSE", Refused, false },
        { FieldType.Bool, "1", Refused, Refused },
        { FieldType.Bool, 1, Refused, Refused },
        { FieldType.String, 5, Refused, "5" },
        { FieldType.String, 0.1, Refused, "0.1" },
        { FieldType.String, 1.50m, Refused, "1.50" },
        { FieldType.String, double.NaN, Refused, Refused },
        { FieldType.String, true, Refused, "true" },
        { FieldType.String, Noon, Refused, Refused },
        { FieldType.DateTime, "2024-05-01T12:00:00Z", Noon, Noon },
        { FieldType.DateTime, "2024-05-01T14:00:00+02:00", Noon, Noon },
        { FieldType.DateTime, "2024-05-01T12:00:00", Refused, Noon },
        { FieldType.DateTime, "2024-05-01", Refused, Noon.AddHours(-12) },
        { FieldType.DateTime, "01/05/2024", Refused, Refused },
        { FieldType.DateTime, 1714564800, Refused, Refused },
        { FieldType.Guid, "0123ABCD-0000-4000-8000-00000000ffff", SomeGuid, SomeGuid },
        { FieldType.Guid, " 0123abcd-0000-4000-8000-00000000fff", Refused, Refused },
        { FieldType.Guid, "{0123abcd-0000-4000-8000-00000000ffff}", Refused, Refused },
        { FieldType.Bytes, "AQI=", new byte[] { 1, 2 }, new byte[] { 1, 2 } },
        { FieldType.Bytes, "", Array.Empty<byte>(), Array.Empty<byte>() },
        { FieldType.Bytes, "AQJ=", Refused, Refused },
        { FieldType.Bytes, "AQ I=", Refused, Refused },
        { FieldType.Bytes, "AQI", Refused, Refused },
        { FieldType.Vector, new Value[] { 1, 0.5, 0.25m }, new[] { 1f, 0.5f, 0.25f }, new[] { 1f, 0.5f, 0.25f } },
        { FieldType.Vector, new Value[] { 0.1 }, new[] { 0.1f }, new[] { 0.1f } },
        { FieldType.Vector, new Value[] { 1e39 }, Refused, Refused },
        { FieldType.Vector, new Value[] { double.NaN }, Refused, Refused },
        { FieldType.Vector, new Value[] { "1" }, Refused, Refused },
        { FieldType.Vector, new Value[] { Value.Null }, Refused, Refused },
        { FieldType.Map, "{}", Refused, Refused },
        { FieldType.List, new[] { 1f }, Refused, Refused },
    };

    [Theory]
    [MemberData(nameof(Table), DisableDiscoveryEnumeration = true)]
    public void Conform_converts_by_the_table(FieldType type, Value given, Value strict, Value lenient)
    {
        AssertConforms(type, given, Validation.Strict, strict);
        AssertConforms(type, given, Validation.Lenient, lenient);
    }

    [Fact]
    public void Conform_keeps_every_value_of_its_own_type_and_of_any()
    {
        Value[] samples = [true, 1, 1.5, 2.50m, "007", Noon, SomeGuid, new byte[1], new[] { 1f }, new Value[] { "x" }, ValueMap.Empty];
        foreach (var sample in samples)
        {
            foreach (var type in new[] { FieldTypes.Of(sample.Kind), FieldType.Any })
            {
                var record = new Record { ["f"] = sample };
                var violations = new List<Violation>();
                Assert.Same(record, new Schema([new Field("f", type)]).Conform(record, Validation.Lenient, violations));
                Assert.Empty(violations);
            }
        }
    }

    [Fact]
    public void Conform_converts_inside_lists_and_maps_and_leaves_the_given_record_alone()
    {
        var schema = new Schema([
            new Field("times", FieldType.List) { Element = new Field { Type = FieldType.DateTime } },
            new Field("at", FieldType.Map) { Fields = [new Field("x", FieldType.Double), new Field("y", FieldType.Double) { Default = 2 }] },
        ]);
        var record = new Record { ["times"] = new Value[] { Noon, "2024-05-01T12:00:00Z" }, ["at"] = ValueMap.From([new("x", 1)]), ["more"] = 5 };
        var copy = record with { };
        var violations = new List<Violation>();
        var conformed = schema.Conform(record, Validation.Strict, violations);
        Assert.Empty(violations);
        Assert.True(copy.HasSameContent(record));
        Assert.Equal(ValueKind.DateTime, conformed["times"].AsList.Span[1].Kind);
        Assert.Equal(ValueKind.Double, conformed["at"].AsMap["x"].Kind);
        Assert.Equal(2.0, conformed["at"].AsMap["y"].AsDouble);
        Assert.Equal(5, conformed["more"].AsInt64);
    }

    [Fact]
    public void Default_fills_what_is_missing_and_not_what_is_null()
    {
        var schema = new Schema([new Field("a", FieldType.Double) { Default = 3 }]);
        var violations = new List<Violation>();
        Assert.Equal(ValueKind.Double, schema.Conform(new Record(), Validation.Strict, violations)["a"].Kind);
        Assert.True(schema.Conform(new Record { ["a"] = Value.Null }, Validation.Strict, violations)["a"].IsNull);
        Assert.Empty(violations);
    }

    [Fact]
    public void Conform_allocates_nothing_when_nothing_changes()
    {
        var schema = new Schema(
            [new Field("a", FieldType.Int64) { IsRequired = true, Min = 0, OneOf = [1] }, new Field("b", FieldType.String) { MaxLength = 9 },
             new Field("c", FieldType.Map) { Fields = [new Field("d", FieldType.Vector) { Dimension = 2 }] }], "a", isOpen: false);
        var record = new Record { ["a"] = 1, ["b"] = "text", ["c"] = ValueMap.From([new("d", new float[] { 1, 2 })]) };
        var violations = new List<Violation>();
        for (var i = 0; i < 100; i++) schema.Conform(record, Validation.Lenient, violations);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) schema.Conform(record, Validation.Lenient, violations);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Empty(violations);
    }

    private static void AssertConforms(FieldType type, Value given, Validation mode, Value expected)
    {
        var violations = new List<Violation>();
        var result = new Schema([new Field("f", type)]).Conform(new Record { ["f"] = given }, mode, violations)["f"];
        if (expected.Equals(Refused))
        {
            Assert.Equal("type", Assert.Single(violations).Rule);
            return;
        }

        Assert.Empty(violations);
        Assert.Equal(FieldTypes.Of(expected.Kind), type);
        Assert.Equal(expected.Kind, result.Kind);
        Assert.Equal(expected, result);
    }
}

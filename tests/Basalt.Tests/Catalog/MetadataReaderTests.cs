using System.Text;
using Basalt.Catalog.Metadata;

namespace Basalt.Tests.Catalog;

public sealed class MetadataReaderTests
{
    private const string Full = """
        name: river_levels_2019
        ts_id:
          - name: gauge
            type: str
            subtype: str
          - name: sensor
            type: str
        targets:
          - name: level_cm
            type: num
            subtype: float
          - name: flow
            type: numeric
            subtype: float
        covariates:
          hist:
            - name: rain
              type: num
              subtype: float
          future: []
          static:
            - altitude
        tfc_data_store:
          future:
            - name: day_of_week
              type: numeric
              subtype: int
          hist:
            - name: day_of_week
              type: numeric
        type: public
        description: 'Levels of rivers (prediction
          length: 48), hourly, with 17,520 points. Source: the
          gauges. (Test)'
        source: made
        storage_location: 
          s3://bucket/some/river_levels_2019
        licence: none
        """;

    [Fact]
    public void Every_field_is_read()
    {
        var metadata = Read(Full);
        Assert.Equal(("river_levels_2019", "public", "made", "s3://bucket/some/river_levels_2019"), (metadata.Name, metadata.Type, metadata.Source, metadata.StorageLocation));
        Assert.Equal("Levels of rivers (prediction length: 48), hourly, with 17,520 points. Source: the gauges. (Test)", metadata.Description);
        Assert.Equal([new("gauge", ColumnKind.Text, "str"), new("sensor", ColumnKind.Text)], metadata.Key);
        Assert.Equal([new("level_cm", ColumnKind.Number, "float"), new("flow", ColumnKind.Number, "float")], metadata.Targets);
        Assert.Equal([new("rain", ColumnKind.Number, "float")], metadata.Historical);
        Assert.Empty(metadata.Future);
        Assert.Equal([new ColumnDeclaration("altitude")], metadata.Static);
        Assert.Equal([new("day_of_week", ColumnKind.Number, "int")], metadata.Derived);
        Assert.Equal(["licence"], metadata.Unknown);
    }

    [Fact]
    public void Older_shapes_are_taken()
    {
        var metadata = Read("""
            name: old
            item_id:
              type: str
            target: {name: demand, type: num}
            covariates: [temperature, {name: price, type: num}]
            tfc_data_store_features:
              - day_of_week
            metadata:
              type: private
              description: below
              source: elsewhere
              storage_location: s3://b/old
            """);
        Assert.Equal([new("item_id", ColumnKind.Text)], metadata.Key);
        Assert.Equal([new("demand", ColumnKind.Number)], metadata.Targets);
        Assert.Equal(["temperature", "price"], metadata.Historical.Select(static c => c.Name));
        Assert.Equal(["day_of_week"], metadata.Derived.Select(static c => c.Name));
        Assert.Equal(("private", "below", "elsewhere", "s3://b/old"), (metadata.Type, metadata.Description, metadata.Source, metadata.StorageLocation));
        Assert.Empty(metadata.Unknown);
        Assert.Equal(["a"], Read("target: a").Targets.Select(static c => c.Name));
        Assert.Equal(["a", "b"], Read("ts_id: [a, b]").Key.Select(static c => c.Name));
        Assert.Null(Read("description: ~").Description);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_a_name()
    {
        var metadata = MetadataReader.Read(new byte[] { 0xEF, 0xBB, 0xBF }.Concat("name: a"u8.ToArray()).ToArray(), "m.yaml");
        Assert.Equal("a", metadata.Name);
        Assert.Empty(metadata.Unknown);
    }

    [Theory]
    [InlineData("covariates: [ese [a]\nmetadata:\n  type: ~\n", "cannot be used")]
    [InlineData("", "empty")]
    [InlineData("- a\n- b", "not a map")]
    [InlineData("a: 1\n---\nb: 2", "several documents")]
    [InlineData("ts_id:\n  - {type: str}", "line 2")]
    [InlineData("ts_id:\n  - [a]", "a column is a name")]
    [InlineData("name: [a", "line")]
    [InlineData("name: a\nname: b", "line")]
    [InlineData("type: {a: b}", "'type' is not a text")]
    [InlineData("name: \"\\xff", "line")]
    public void What_cannot_be_used_is_refused_with_its_place(string yaml, string words)
    {
        var fault = Assert.Throws<BasaltException>(() => Read(yaml));
        Assert.Equal((ErrorCode.InvalidData, "m.yaml"), (fault.Code, fault.Target));
        Assert.Contains(words, fault.Message);
    }

    [Fact]
    public void Depth_size_and_bytes_have_limits()
    {
        Assert.Contains("nested deeper", Assert.Throws<BasaltException>(() => Read("a: " + new string('[', 100_000))).Message);
        Assert.Contains("bytes", Assert.Throws<BasaltException>(() => MetadataReader.Read(new byte[MetadataReader.MaxBytes + 1], "m.yaml")).Message);
        Assert.Contains("UTF-8", Assert.Throws<BasaltException>(() => MetadataReader.Read(new byte[] { (byte)'a', 0xFF }, "m.yaml")).Message);
    }

    [Fact]
    public void Any_damage_is_refused_or_read()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        for (var seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var damaged = bytes.ToArray();
            for (var i = 0; i < random.Next(1, 8); i++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.NotNull(MetadataReader.Read(damaged.AsMemory(0, random.Next(damaged.Length)), "m.yaml"));
            }
            catch (BasaltException e)
            {
                Assert.True(e.Code == ErrorCode.InvalidData, $"seed {seed}: {e}");
            }
        }
    }

    private static DatasetMetadata Read(string yaml) => MetadataReader.Read(Encoding.UTF8.GetBytes(yaml), "m.yaml");
}

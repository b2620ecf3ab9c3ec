namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Every_value_reads_back_to_the_last_bit()
    {
        var values = Specimens.Values.Where(static value => !value.IsNull).ToArray();
        var stored = await SeedValuesAsync(values);
        for (var i = 0; i < values.Length; i++)
            Assert.True(Oracle.AreSame(values[i], stored[i]["v"]), $"{values[i].Kind} {RecordJson.ToText(values[i])} came back as {stored[i]["v"].Kind} {RecordJson.ToText(stored[i]["v"])}");
        AssertSame(stored, await StreamAsync(Query.All), "by scan");
    }

    [Fact]
    public virtual async Task Every_value_reads_back_inside_lists_maps_and_metadata()
    {
        var list = Value.FromList(Specimens.Values);
        var map = ValueMap.From(Specimens.Values.Select(static (value, i) => KeyValuePair.Create($"k{i}", value)));
        var given = new Record { Id = "a", ["list"] = list, ["map"] = map, ["nested"] = new Value[] { Map("inner", list) }, Metadata = map.With("list", list) };
        var stored = await Things.CreateAsync(given, Cancel);
        var found = await Things.GetRequiredAsync("a", Cancel);

        AssertSame(stored, found);
        Assert.True(Oracle.AreSame(given.Fields, found.Fields));
        Assert.True(Oracle.AreSame(given.Metadata, found.Metadata));
        AssertSame(stored, (await Things.QueryAsync(Query.All, Cancel)).Records[0]);
    }

    [Fact]
    public virtual async Task Every_value_is_found_by_equality_with_itself()
    {
        var stored = await SeedValuesAsync(Specimens.Values);
        var step = Math.Max(1, stored.Count / Cases);
        for (var i = 0; i < stored.Count; i += step)
        {
            var value = stored[i]["v"];
            if (!value.IsNull) await MatchesAsDefinedAsync(stored, Filter.Field("v") == value);
        }
    }

    [Fact]
    public virtual async Task Empty_record_stays_empty_and_one_field_can_hold_mixed_types()
    {
        var stored = await SeedAsync(new Record { Id = "empty" }, new Record { Id = "int", ["v"] = 1 }, new Record { Id = "text", ["v"] = "1" }, new Record { Id = "list", ["v"] = new Value[] { 1 } }, new Record { Id = "map", ["v"] = Map("v", 1) });
        Assert.Empty(stored[0].Fields);
        Assert.Equal("int", await IdsAsync(Query.Where("v = 1")));
        Assert.Equal("text", await IdsAsync(Query.Where("v = '1'")));
        Assert.Equal("list map text", await IdsAsync(Query.Where("v != 1")));
        Assert.Equal("int", await IdsAsync(Query.Where("v < 5")));
    }
}

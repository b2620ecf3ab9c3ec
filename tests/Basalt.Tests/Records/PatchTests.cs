using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class PatchTests
{
    private static readonly Record Before = new() { Id = "a", ["n"] = 1, ["d"] = 1.5, ["m"] = 1.10m, ["s"] = "x", ["deep"] = new ValueMapBuilder().Set("x", 1).Build(), ["none"] = Value.Null };

    [Fact]
    public void Changes_apply_in_order_and_leave_the_given_record()
    {
        var after = Patch.Set("n", 5).ThenAdd("n", 2).ThenRemove("s").ThenSet("deep.y.z", true).ThenRemove("deep.x").ThenSet("$meta.k", 1).Apply(Before);
        Assert.Equal(7, after["n"]);
        Assert.False(after.Fields.ContainsKey("s"));
        Assert.True(FieldPath.Of("deep", "y", "z").Resolve(after).AsBool);
        Assert.False(after["deep"].AsMap.ContainsKey("x"));
        Assert.Equal(1, after.Metadata["k"]);
        Assert.Equal(1, Before["n"]);
        Assert.Empty(Before.Metadata);
        Assert.Same(Before, Patch.Nothing.Apply(Before));
    }

    [Fact]
    public void Sums_keep_the_kind_that_loses_nothing()
    {
        Assert.True(Oracle.AreSame(3, Add("n", 2)));
        Assert.True(Oracle.AreSame(2.10m, Add("m", 1)));
        Assert.True(Oracle.AreSame(2.10m, Add("n", 1.10m)));
        Assert.True(Oracle.AreSame(2.0, Add("d", 0.5)));
        Assert.True(Oracle.AreSame(2.5, Add("n", 1.5)));
        Assert.True(Oracle.AreSame(4, Add("missing", 4)));
        Assert.True(Oracle.AreSame(4.5m, Add("none", 4.5m)));
    }

    [Fact]
    public void Sums_that_overflow_or_make_no_sense_are_refused()
    {
        Refused(Patch.Set("n", long.MaxValue).ThenAdd("n", 1));
        Refused(Patch.Set("n", decimal.MaxValue).ThenAdd("n", 1m));
        Refused(Patch.Add("s", 1));
        Refused(Patch.Add("deep", 1));
        Assert.Throws<ArgumentException>(static () => Patch.Add("n", "1"));
    }

    [Fact]
    public void Paths_through_scalars_are_refused_and_removals_there_change_nothing()
    {
        Refused(Patch.Set("s.x", 1));
        Refused(Patch.Set("n.x.y", 1));
        Assert.Equal(Before.Fields, Patch.Remove("s.x").ThenRemove("missing.x").ThenRemove("missing").Apply(Before).Fields);
        Assert.Equal(1, FieldPath.Of("none", "x").Resolve(Patch.Set("none.x", 1).Apply(Before)));
    }

    [Theory]
    [InlineData("$id")]
    [InlineData("$version")]
    [InlineData("$created")]
    [InlineData("$updated")]
    public void The_store_s_own_properties_cannot_be_patched(string path) => Assert.Throws<ArgumentException>(() => Patch.Set(path, 1));

    private static Value Add(string path, Value amount) => Patch.Add(path, amount).Apply(Before)[path];

    private static void Refused(Patch patch) => Assert.Equal(ErrorCode.InvalidRecord, Assert.Throws<BasaltException>(() => patch.Apply(Before)).Code);
}

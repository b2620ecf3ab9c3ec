using Basalt.Conformance;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class ValueTests
{
    private static readonly Value[] Pool = Draw();

    [Fact]
    public void Order_is_total_and_transitive()
    {
        var sorted = Pool.ToArray();
        Array.Sort(sorted);
        // If every pair of a sorted list is in order, no triple can contradict.
        for (var i = 0; i < sorted.Length; i++)
        {
            for (var j = i; j < sorted.Length; j++)
            {
                var forth = sorted[i].CompareTo(sorted[j]);
                Assert.True(forth <= 0, $"{Generator.SeedVariable}={Generator.SeedOfRun}: {sorted[i]} sorts before {sorted[j]} and compares as greater");
                Assert.Equal(-Math.Sign(forth), Math.Sign(sorted[j].CompareTo(sorted[i])));
            }
        }
    }

    [Fact]
    public void Equality_agrees_with_order_and_hash()
    {
        foreach (var x in Pool)
        {
            foreach (var y in Pool)
            {
                Assert.True((x.CompareTo(y) == 0) == x.Equals(y), $"{x} and {y}");
                if (x.Equals(y)) Assert.True(x.GetHashCode() == y.GetHashCode(), $"{x} and {y} are equal and hash apart");
            }
        }
    }

    [Fact]
    public void Types_sort_in_the_order_of_their_kinds_with_numbers_together()
    {
        Value[] ordered = [Value.Null, false, true, double.NegativeInfinity, -1, 0.5, 1m, double.NaN, "", "z", DateTimeOffset.MinValue, Guid.Empty, Array.Empty<byte>(), Array.Empty<float>(), Array.Empty<Value>(), ValueMap.Empty];
        Assert.Equal(ordered, ordered.Reverse().Order());
    }

    [Fact]
    public void Text_sorts_by_code_point_and_instants_ignore_their_offset()
    {
        Assert.True(Value.From("\uFFFF") < "\U00010000");
        Assert.True(Value.From("\U0001F600") < "\U0001F601");
        Assert.True(Value.From("a\uE000") < "a\U00010000");
        Assert.True(Value.From("a") < "a\0");
        Assert.Equal<Value>(new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2024, 1, 1, 14, 0, 0, TimeSpan.FromHours(2)));
        Assert.Equal(TimeSpan.FromHours(2), Value.From(new DateTimeOffset(2024, 1, 1, 14, 0, 0, TimeSpan.FromHours(2))).AsDateTime.Offset);
    }

    [Fact]
    public void Guids_sort_as_their_big_endian_bytes()
    {
        Assert.True(Value.From(Guid.Parse("7fffffff-0000-0000-0000-000000000000")) < Guid.Parse("80000000-0000-0000-0000-000000000000"));
        Assert.True(Value.From(Guid.Parse("00000000-0000-0000-7f00-000000000000")) < Guid.Parse("00000000-0000-0000-8000-000000000000"));
    }

    [Fact]
    public void Values_own_copies_of_arrays()
    {
        var bytes = new byte[] { 1 };
        var floats = new[] { 1f };
        var items = new Value[] { 1 };
        Value[] values = [bytes, floats, items];
        (bytes[0], floats[0], items[0]) = (2, 2, 2);
        Assert.Equal<Value>([new byte[] { 1 }, new[] { 1f }, new Value[] { 1 }], values);
    }

    [Fact]
    public void Accessors_refuse_other_kinds_and_text_refuses_half_surrogates()
    {
        Assert.Throws<InvalidOperationException>(static () => Value.From(1L).AsDouble);
        Assert.Throws<InvalidOperationException>(static () => Value.From("x").AsInt64);
        Assert.Throws<InvalidOperationException>(static () => Value.Null.AsString);
        Assert.Throws<ArgumentException>(static () => Value.From("\uDC00"));
        Assert.Throws<ArgumentException>(static () => Value.From("a\uD83D"));
        Assert.True(Value.From((string?)null).IsNull);
        Assert.False(Value.From("1").TryGetInt64(out _));
        Assert.False(Value.From(true).TryGetDouble(out _));
    }

    [Fact]
    public void Maps_are_equal_in_any_order_of_names_and_keep_their_own()
    {
        var ab = new ValueMapBuilder().Set("a", 1).Set("b", 2).Build();
        var ba = new ValueMapBuilder().Set("b", 2.0).Set("a", 1m).Build();
        Assert.Equal(ab, ba);
        Assert.Equal(ab.GetHashCode(), ba.GetHashCode());
        Assert.Equal(0, ab.CompareTo(ba));
        Assert.Equal(["b", "a"], ba.Keys);
        Assert.Equal(["b", "a"], ba.With("b", 3).Keys);
        Assert.Equal(["a"], ba.Without("b").Keys);
        Assert.Same(ba, ba.Without("x"));
        Assert.True(ab.With("c", Value.Null) > ab);
        Assert.NotEqual(ab, ab.With("c", Value.Null));
    }

    [Fact]
    public void Maps_with_many_names_and_many_shapes_find_every_name()
    {
        var random = new Generator(Generator.SeedOfRun);
        for (var round = 0; round < 300; round++)
        {
            var expected = new Dictionary<string, Value>();
            var builder = new ValueMapBuilder(random.Next(3));
            for (var i = random.Next(30); i > 0; i--)
            {
                var name = $"k{random.Next(round < 5 ? 40_000 : 20)}";
                var value = random.Value(1);
                expected[name] = value;
                builder.Set(name, value);
            }

            Assert.Equal(expected.Count, builder.Count);
            var map = builder.Build();
            Assert.Equal(expected.Keys.Order(), map.Keys.Order());
            Assert.All(expected, pair => Assert.True(Oracle.AreSame(pair.Value, map[pair.Key])));
            Assert.True(map["missing"].IsNull);
            Assert.Equal(0, builder.Count);
        }
    }

    private static Value[] Draw()
    {
        var random = new Generator(Generator.SeedOfRun);
        return [.. Specimens.Values, .. Enumerable.Range(0, 250).Select(_ => random.Value(3))];
    }
}

using Basalt.Conformance;
using Basalt.Engine.Scalars;
using Basalt.Records;

namespace Basalt.Tests.Engine.Scalars;

/// <summary>Keys against the order and equality that they stand for.</summary>
public sealed class KeyTests
{
    private static readonly KeyWriter Writer = new();

    [Fact]
    public void Keys_are_in_the_order_of_values()
    {
        Value[] values = [.. Specimens.Values.Where(static value => !value.IsNull), .. ScalarSample.LongValues, .. Nested()];
        var keys = Array.ConvertAll(values, static value => Writer.Write(value).ToArray());
        for (var i = 0; i < values.Length; i++)
        for (var j = 0; j < values.Length; j++)
            Check(values[i], keys[i], values[j], keys[j]);
    }

    [Fact]
    public void Keys_of_random_numbers_are_in_the_order_of_numbers()
    {
        var random = new Random(Generator.SeedOfRun);
        for (var i = 0; i < 100_000; i++)
        {
            var (left, right) = (Draw(random), Draw(random));
            if (random.Next(2) == 0) right = Near(random, left);
            Check(left, Writer.Write(left).ToArray(), right, Writer.Write(right).ToArray());
        }
    }

    [Fact]
    public void A_key_says_the_value()
    {
        var random = new Random(Generator.SeedOfRun);
        var generator = new Generator(Generator.SeedOfRun);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => random.Next(2) == 0 ? Near(random, Draw(random)) : generator.Value(3));
        var uncut = 0;
        foreach (var value in Specimens.Values.Concat(ScalarSample.LongValues).Concat(drawn).Where(static value => !value.IsNull))
        {
            var key = Writer.Write(value);
            if (KeyWriter.IsCut(key)) continue;
            uncut++;
            var read = KeyReader.Read(key);
            Assert.True(read.Equals(value), $"{ScalarSample.Seed}: {value.Kind} {value} became {read.Kind} {read}");
            Assert.Equal(Convert.ToHexString(key), Convert.ToHexString(Writer.Write(read)));
        }

        Assert.True(uncut > 15_000);
    }

    [Theory]
    [InlineData(0L, 2)]
    [InlineData(1990L, 4)]
    [InlineData(-1L, 9)]
    [InlineData(1L << 53, 3)]
    [InlineData((1L << 53) + 1, 11)]
    [InlineData(long.MaxValue, 12)]
    [InlineData(long.MinValue, 9)]
    public void Integers_have_short_keys(long value, int length) => Assert.Equal(length, Writer.Write(value).Length);

    [Fact]
    public void A_key_is_cut_where_it_says_and_no_sooner()
    {
        Assert.False(KeyWriter.IsCut(Writer.Write(new string('a', 1023))));
        Assert.True(KeyWriter.IsCut(Writer.Write(new string('a', 1024))));
        Assert.Equal(KeyWriter.CutBytes, Writer.Write(new string('a', 10_000_000)).Length);
        Assert.Throws<InvalidOperationException>(static () => KeyReader.Read(Writer.Write(new string('a', 1024))));
    }

    private static void Check(Value left, byte[] leftKey, Value right, byte[] rightKey)
    {
        var order = Math.Sign(leftKey.AsSpan().SequenceCompareTo(rightKey));
        // Behind the cut keys are the same, whatever the values.
        if (order == 0 && KeyWriter.IsCut(leftKey)) return;
        Assert.True(order == Math.Sign(left.CompareTo(right)), $"{ScalarSample.Seed}: {left.Kind} {left} against {right.Kind} {right}: {Convert.ToHexString(leftKey)} and {Convert.ToHexString(rightKey)}");
    }

    private static IEnumerable<Value> Nested()
    {
        var generator = new Generator(Generator.SeedOfRun);
        for (var i = 0; i < 150; i++) yield return Value.FromList([generator.Value(), generator.Value(2)]);
        for (var i = 0; i < 150; i++) yield return new ValueMapBuilder().Set(generator.Pick(Specimens.Texts), generator.Value()).Set(generator.Pick(Specimens.FieldNames), generator.Value()).Build();
    }

    private static Value Draw(Random random) => random.Next(7) switch
    {
        0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        1 => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        2 => new decimal(random.Next(), random.Next(), random.Next(2) * random.Next(), random.Next(2) == 0, (byte)random.Next(29)),
        3 => new decimal(random.Next(), random.Next(1 << 20), 0, random.Next(2) == 0, (byte)random.Next(29)),
        4 => random.Next(-1000, 1000) / 8d,
        5 => Math.Round(random.NextDouble() * 1000, random.Next(6)),
        _ => new decimal(random.Next(100_000), 0, 0, random.Next(2) == 0, (byte)random.Next(6)),
    };

    // The next number of some kind, or the same in another.
    private static Value Near(Random random, Value value)
    {
        switch (random.Next(5))
        {
            case 0 when value.TryGetDecimal(out var exact): return exact;
            case 1 when value.TryGetDecimal(out var exact) && Math.Abs(exact) < 1e27m: return exact + new decimal(1, 0, 0, random.Next(2) == 0, (byte)random.Next(29));
            case 2 when value.TryGetInt64(out var integer) && Math.Abs((double)integer) < 9e18: return integer + random.Next(-2, 3);
            case 3 when value.TryGetInt64(out var integer): return (double)integer;
            case 4 when value.TryGetDouble(out var number): return random.Next(2) == 0 ? Math.BitIncrement(number) : Math.BitDecrement(number);
            default: return value;
        }
    }
}

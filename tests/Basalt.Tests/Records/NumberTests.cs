using System.Globalization;
using System.Numerics;
using Basalt.Conformance;
using Basalt.Records;

namespace Basalt.Tests.Records;

/// <summary>The order of numbers against rational arithmetic on their decimal texts: whatever follows that order is total and transitive.</summary>
public sealed class NumberTests
{
    private static readonly Value[] Pool = [.. Specimens.Numbers, .. Neighbours()];

    [Fact]
    public void Order_is_that_of_the_exact_values()
    {
        var exact = Array.ConvertAll(Pool, Exact);
        for (var i = 0; i < Pool.Length; i++)
        {
            for (var j = 0; j < Pool.Length; j++)
            {
                var expected = Compare(exact[i], exact[j]);
                Assert.True(Math.Sign(Pool[i].CompareTo(Pool[j])) == expected, $"{Pool[i].Kind} {Pool[i]} against {Pool[j].Kind} {Pool[j]}: {Pool[i].CompareTo(Pool[j])}, not {expected}");
                Assert.Equal(expected == 0, Pool[i].Equals(Pool[j]));
                if (expected == 0) Assert.True(Pool[i].GetHashCode() == Pool[j].GetHashCode(), $"{Pool[i].Kind} {Pool[i]} and {Pool[j].Kind} {Pool[j]} are equal and hash apart");
            }
        }
    }

    [Fact]
    public void Order_of_random_numbers_is_that_of_the_exact_values()
    {
        var random = new Random(Generator.SeedOfRun);
        for (var i = 0; i < 20_000; i++)
        {
            var (left, right) = (Draw(random), Draw(random));
            if (random.Next(3) == 0 && left.TryGetDecimal(out var twin)) right = twin;
            Assert.True(Math.Sign(left.CompareTo(right)) == Compare(Exact(left), Exact(right)), $"{Generator.SeedVariable}={Generator.SeedOfRun}: {left.Kind} {left} against {right.Kind} {right}");
            if (left.Equals(right)) Assert.Equal(left.GetHashCode(), right.GetHashCode());
        }
    }

    [Fact]
    public void Conversions_lose_nothing_and_fail_only_when_they_would()
    {
        foreach (var value in Pool)
        {
            var exact = Exact(value);
            var isInt64 = exact is { } number && IsInteger(number, out var whole) && whole >= long.MinValue && whole <= long.MaxValue;
            Assert.True(value.TryGetInt64(out var int64) == isInt64, $"{value.Kind} {value} as int64");
            if (isInt64) Assert.Equal(value, int64);

            if (value.TryGetDouble(out var asDouble)) Assert.Equal(value, asDouble);
            else Assert.NotEqual(value, double.Parse(Digits(value), CultureInfo.InvariantCulture));

            if (value.TryGetDecimal(out var asDecimal)) Assert.Equal(value, asDecimal);
            else Assert.False(value.Kind != ValueKind.Double || (Math.Abs(value.AsDouble) < 7e27 && Math.Abs(value.AsDouble) > 1e-11), $"{value.Kind} {value} as decimal");
        }
    }

    [Theory]
    [InlineData("0", ValueKind.Int64)]
    [InlineData("-0", ValueKind.Double)]
    [InlineData("9223372036854775807", ValueKind.Int64)]
    [InlineData("-9223372036854775808", ValueKind.Int64)]
    [InlineData("9223372036854775809", ValueKind.Decimal)]
    [InlineData("1.0", ValueKind.Double)]
    [InlineData("1e3", ValueKind.Double)]
    [InlineData("0.1", ValueKind.Double)]
    [InlineData("0.1000000000000000055511151231", ValueKind.Decimal)]
    [InlineData("0.30000000000000004", ValueKind.Double)]
    [InlineData("9007199254740993.5", ValueKind.Decimal)]
    public void Text_of_a_number_keeps_every_digit(string text, ValueKind kind)
    {
        Assert.True(Number.TryParse(text, out var value));
        Assert.Equal(kind, value.Kind);
        Assert.Equal(0, Compare(Parse(text), Exact(value)));
    }

    [Theory]
    [InlineData("1e309")]
    [InlineData("-1e999")]
    [InlineData("")]
    [InlineData("x")]
    public void Text_that_is_no_finite_number_is_refused(string text) => Assert.False(Number.TryParse(text, out _));

    private static IEnumerable<Value> Neighbours()
    {
        double[] doubles = [0.1, 1, 1 << 30, 1L << 53, 4503599627370496, 2251799813685248, 9223372036854775808d, 79228162514264337593543950336d, 1e15, 1e-7, 123456.789, 1e-28, 5e-29];
        foreach (var d in doubles)
        {
            foreach (var neighbour in new[] { double.BitDecrement(d), d, double.BitIncrement(d) })
            {
                yield return neighbour;
                yield return -neighbour;
                if (Value.From(neighbour).TryGetDecimal(out var m))
                {
                    yield return m;
                    if (Math.Abs(m) < 1e20m) yield return m + 0.00000001m;
                }

                if (neighbour is < 9e18 and > -9e18) yield return (long)neighbour;
            }
        }
    }

    private static Value Draw(Random random) => random.Next(4) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63),
        1 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        2 => random.Next(-1000, 1000) / Math.Pow(2, random.Next(12)),
        _ => new decimal(random.Next(), random.Next(2) * random.Next(), random.Next(3) / 2 * random.Next(), random.Next(2) == 0, (byte)random.Next(29)),
    };

    /// <summary>A number as mantissa and power of ten; null stands for NaN and the infinities, which have no such form.</summary>
    private static (BigInteger Mantissa, int Exponent)? Exact(Value value)
    {
        if (value.Kind == ValueKind.Double && !double.IsFinite(value.AsDouble)) return (double.IsNaN(value.AsDouble) ? 2 : Math.Sign(value.AsDouble), int.MaxValue);
        return Parse(Digits(value));
    }

    private static string Digits(Value value) => value.Kind switch
    {
        ValueKind.Int64 => value.AsInt64.ToString(CultureInfo.InvariantCulture),
        ValueKind.Decimal => value.AsDecimal.ToString(CultureInfo.InvariantCulture),
        _ when double.IsInteger(value.AsDouble) => new BigInteger(value.AsDouble).ToString(CultureInfo.InvariantCulture),
        _ => value.AsDouble.ToString("R", CultureInfo.InvariantCulture),
    };

    private static (BigInteger Mantissa, int Exponent)? Parse(string text)
    {
        var e = text.IndexOfAny(['e', 'E']);
        var exponent = e < 0 ? 0 : int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture);
        var digits = e < 0 ? text : text[..e];
        var point = digits.IndexOf('.');
        if (point >= 0) exponent -= digits.Length - point - 1;
        return (BigInteger.Parse(digits.Replace(".", ""), CultureInfo.InvariantCulture), exponent);
    }

    private static int Compare((BigInteger Mantissa, int Exponent)? left, (BigInteger Mantissa, int Exponent)? right)
    {
        var (l, r) = (left!.Value, right!.Value);
        bool leftIsOdd = l.Exponent == int.MaxValue, rightIsOdd = r.Exponent == int.MaxValue;
        if (leftIsOdd && rightIsOdd) return l.Mantissa.CompareTo(r.Mantissa);
        if (leftIsOdd) return l.Mantissa.Sign;
        if (rightIsOdd) return -r.Mantissa.Sign;
        var common = Math.Min(l.Exponent, r.Exponent);
        return (l.Mantissa * BigInteger.Pow(10, l.Exponent - common)).CompareTo(r.Mantissa * BigInteger.Pow(10, r.Exponent - common));
    }

    private static bool IsInteger((BigInteger Mantissa, int Exponent) number, out BigInteger whole)
    {
        whole = 0;
        if (number.Exponent == int.MaxValue) return false;
        if (number.Exponent >= 0)
        {
            whole = number.Mantissa * BigInteger.Pow(10, number.Exponent);
            return true;
        }

        whole = BigInteger.DivRem(number.Mantissa, BigInteger.Pow(10, -number.Exponent), out var rest);
        return rest.IsZero;
    }
}

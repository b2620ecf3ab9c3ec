using Basalt.Expressions;
using Basalt.Records;

namespace Basalt.Tests.Expressions;

public sealed class ExpressionTests
{
    private static readonly Record Sample = new()
    {
        ["first"] = "Ada", ["last"] = "Lovelace", ["a"] = 7, ["b"] = 2, ["price"] = 1.50m, ["half"] = 0.5, ["none"] = default,
        ["least"] = long.MinValue, ["most"] = long.MaxValue, ["when"] = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero),
        ["home"] = ValueMap.Empty.With("post code", "N1"), ["tags"] = new Value[] { 1, 2, 3 }, ["ok"] = true, ["round"] = "x",
    };

    [Theory]
    [InlineData("a + b * 2", "11")]
    [InlineData("(a + b) * 2", "18")]
    [InlineData("a - b - 1", "4")]
    [InlineData("a-1", "6")]
    [InlineData("a / b", "3.5")]
    [InlineData("6 / 2", "3.0")]
    [InlineData("a % b", "1")]
    [InlineData("-a % 4", "-3")]
    [InlineData("least % -1", "0")]
    [InlineData("-9223372036854775808 = least", "true")]
    [InlineData("price * a", "10.50m")]
    [InlineData("price / 3", "0.50m")]
    [InlineData("price + half", "2.0")]
    [InlineData("half * 4", "2.0")]
    [InlineData("-(a)", "-7")]
    [InlineData("- -a", "7")]
    [InlineData("first || ' ' || last", "'Ada Lovelace'")]
    [InlineData("a || '/' || b", "'7/2'")]
    [InlineData("price || ''", "'1.50'")]
    [InlineData("'at ' || when", "'at 2024-05-01T12:00:00Z'")]
    [InlineData("home.\"post code\"", "'N1'")]
    [InlineData("a > b and not b > a", "true")]
    [InlineData("none = 1 or none != 1", "false")]
    [InlineData("none is null and a is not null", "true")]
    [InlineData("first < a", "false")]
    [InlineData("first != a", "true")]
    [InlineData("lower(first) || upper(last)", "'adaLOVELACE'")]
    [InlineData("trim('  x ')", "'x'")]
    [InlineData("length('a😀b')", "3")]
    [InlineData("length(tags)", "3")]
    [InlineData("substring('a😀bc', 2, 2)", "'😀b'")]
    [InlineData("substring('abc', 2)", "'bc'")]
    [InlineData("substring('abc', 0, 2)", "'a'")]
    [InlineData("substring('abc', 9)", "''")]
    [InlineData("replace('a.b.c', '.', '-')", "'a-b-c'")]
    [InlineData("coalesce(none, missing, a)", "7")]
    [InlineData("coalesce(none, missing)", "null")]
    [InlineData("round(2.5)", "3.0")]
    [InlineData("round(-2.5)", "-3.0")]
    [InlineData("round(1.255m, 2)", "1.26m")]
    [InlineData("round(a)", "7")]
    [InlineData("abs(-a)", "7")]
    [InlineData("concat(first, none, a)", "'Ada7'")]
    [InlineData("none + 1", "null")]
    [InlineData("first || none", "null")]
    [InlineData("upper(none)", "null")]
    [InlineData("round || 'y'", "'xy'")]
    [InlineData("2024-05-01T12:00:00Z = when", "true")]
    public void Expression_has_value(string text, string expected)
    {
        var value = Expression.Parse(text).Evaluate(Sample);
        var wanted = Basalt.Filters.FilterText.ParseLiteral(expected);
        Assert.Equal(wanted.Kind, value.Kind);
        Assert.Equal(expected, value.ToString());
    }

    [Theory]
    [InlineData("most + 1", "9223372036854775807 + 1 overflows")]
    [InlineData("least - 1", "-9223372036854775808 - 1 overflows")]
    [InlineData("most * 2", "9223372036854775807 * 2 overflows")]
    [InlineData("-(least)", "-(-9223372036854775808) overflows")]
    [InlineData("abs(least)", "abs(-9223372036854775808) overflows")]
    [InlineData("a / 0", "7 / 0 divides by zero")]
    [InlineData("a % 0", "7 % 0 divides by zero")]
    [InlineData("half / 0", "0.5 / 0 divides by zero")]
    [InlineData("price / 0", "1.50m / 0 divides by zero")]
    [InlineData("1e308 * 10", "1E+308 * 10 overflows")]
    [InlineData("79228162514264337593543950335m + 1", "79228162514264337593543950335m + 1 overflows")]
    [InlineData("first + 1", "'+' needs numbers, not String 'Ada'; '||' joins text")]
    [InlineData("ok * 1", "'*' needs numbers, not Bool true")]
    [InlineData("-first", "'-' needs a number, not String 'Ada'")]
    [InlineData("tags || 'x'", "List [1, 2, 3] has no text to join")]
    [InlineData("lower(a)", "lower needs text, not Int64 7")]
    [InlineData("a and ok", "'and' needs true or false, not Int64 7")]
    [InlineData("substring(first, 1, -1)", "substring needs a length of 0 or more, not -1")]
    [InlineData("substring(first, half)", "substring needs a whole number, not Double 0.5")]
    [InlineData("replace(first, '', 'x')", "replace cannot look for empty text")]
    [InlineData("round(half, 16)", "round takes 0 to 15 digits, not 16")]
    public void Expression_refuses_what_it_cannot_compute(string text, string message)
    {
        var error = Assert.Throws<BasaltException>(() => Expression.Parse(text).Evaluate(Sample));
        Assert.Equal(ErrorCode.InvalidRecord, error.Code);
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("a +", "expected a value, found the end of the text at column 4")]
    [InlineData("a b", "expected an operator or the end, found 'b' at column 3")]
    [InlineData("(a", "expected ')', found the end of the text at column 3")]
    [InlineData("sqrt(a)", "there is no function 'sqrt' (lower, upper, trim, length, substring, replace, coalesce, round, abs, concat) at column 1")]
    [InlineData("lower(a, b)", "lower takes 1 arguments, not 2 at column 1")]
    [InlineData("a is 1", "expected 'null' or 'not null' after 'is', found '1' at column 6")]
    [InlineData("$nope", "no such property '$nope' ($id, $version, $created, $updated, $expires, $meta.name); a field of that name needs double quotes at column 1")]
    public void Expression_text_is_refused_with_its_column(string text, string message)
    {
        var error = Assert.Throws<BasaltException>(() => Expression.Parse(text));
        Assert.Equal(ErrorCode.InvalidQuery, error.Code);
        Assert.StartsWith(message + ": ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_not_a_crash() =>
        Assert.Contains("levels of nesting", Assert.Throws<BasaltException>(() => Expression.Parse(new string('(', 100_000) + "1")).Message, StringComparison.Ordinal);
}

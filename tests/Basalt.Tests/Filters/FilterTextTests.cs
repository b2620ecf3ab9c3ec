using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Filters;

public sealed class FilterTextTests
{
    [Fact]
    public void Printed_filter_parses_to_an_equal_one()
    {
        var random = new Generator(Generator.SeedOfRun);
        for (var i = 0; i < 3000; i++)
        {
            var filter = random.Filter(5);
            var text = filter.ToString();
            var again = Filter.Parse(text);
            Assert.True(filter.Equals(again), $"{Generator.SeedVariable}={Generator.SeedOfRun}: {text}\nreads as {again}");
            Assert.Equal(filter.GetHashCode(), again.GetHashCode());
        }
    }

    [Fact]
    public void Printed_names_texts_and_values_parse_to_themselves()
    {
        foreach (var name in Specimens.FieldNames)
        {
            foreach (var path in new[] { FieldPath.Of(name), FieldPath.Of("a", name), FieldPath.Of(name, name), FieldPath.OfMetadata(name) })
                Assert.Equal(path, FieldPath.Parse(path.ToString()));
        }

        foreach (var value in Specimens.Values)
        {
            var again = FilterText.ParseLiteral(value.ToString());
            Assert.True(value.Kind == again.Kind && value.Equals(again), $"{value} reads as {again.Kind} {again}");
        }

        foreach (var path in new[] { FieldPath.Id, FieldPath.Version, FieldPath.Created, FieldPath.Updated }) Assert.Equal(path, FieldPath.Parse(path.ToString()));
    }

    [Theory]
    [InlineData("year >= 1990 and genre in ('Drama','Comedy') and not title like 'The %' and director is not null", "year >= 1990 and genre in ('Drama', 'Comedy') and not title like 'The %' and director is not null")]
    [InlineData("YEAR BETWEEN 1 AND 2 OR a == 1.50m", "YEAR between 1 and 2 or a = 1.50m")]
    [InlineData("a<>1 or(b=2)and(c=3 or d=4)", "a != 1 or b = 2 and (c = 3 or d = 4)")]
    [InlineData("not(a=1 or b=2)", "not (a = 1 or b = 2)")]
    [InlineData("not not a is null", "not not a is null")]
    [InlineData("\"post code\".\"a\"\"b\" = 'it''s'", "\"post code\".\"a\"\"b\" = 'it''s'")]
    [InlineData("when >= 2024-05-01t12:00:00z", "when >= 2024-05-01T12:00:00Z")]
    [InlineData("g = guid '{00112233-4455-6677-8899-AABBCCDDEEFF}'", "g = guid '00112233-4455-6677-8899-aabbccddeeff'")]
    [InlineData("b = x'0AfF' and d = double 'NaN'", "b = x'0aff' and d = double 'NaN'")]
    [InlineData("v = vector [1, -2.5, 'NaN'] and l = [1, [null]] and m = {a: 1, \"b c\": 'x', 'd': true}", "v = vector [1, -2.5, 'NaN'] and l = [1, [null]] and m = {\"a\": 1, \"b c\": 'x', \"d\": true}")]
    [InlineData("tags has 'a' and tags has any (1, 2) and tags has all ()", "tags has all ('a') and tags has any (1, 2) and tags has all ()")]
    [InlineData("a starts with 'x' or a ENDS WITH 'y' or a contains 'z'", "a starts with 'x' or a ends with 'y' or a contains 'z'")]
    [InlineData("$id = 'a' and $VERSION > 1 and $meta.x.y = 1 and \"$id\" = 'b'", "$id = 'a' and $version > 1 and $meta.x.y = 1 and \"$id\" = 'b'")]
    [InlineData("a not in () or a not between 'a' and 'b' or a not ilike '%'", "a not in () or a not between 'a' and 'b' or a not ilike '%'")]
    [InlineData("n = -9223372036854775808 and m = -0.0 and k = 1e3", "n = -9223372036854775808 and m = -0.0 and k = 1000.0")]
    [InlineData("true and not false", "not false")]
    [InlineData("\"and\" = 1 and \"True\" = true", "\"and\" = 1 and \"True\" = true")]
    public void Text_means_what_it_says(string text, string printed) => Assert.Equal(printed, Filter.Parse(text).ToString());

    [Theory]
    [InlineData("", 1, "expected a field name, found the end of the text")]
    [InlineData("a", 2, "expected a comparison after a, found the end of the text")]
    [InlineData("a =", 4, "expected a value, found the end of the text")]
    [InlineData("a = null", 5, "comparing with null never matches; write 'is null' instead:")]
    [InlineData("a != NULL", 6, "comparing with null never matches; write 'is not null' instead:")]
    [InlineData("a in (1, null)", 10, "null is never 'in' a set; add 'or … is null'")]
    [InlineData("a between null and 3", 11, "a bound of 'between' cannot be null")]
    [InlineData("a between 3 and null", 17, "a bound of 'between' cannot be null")]
    [InlineData("tags has null", 10, "a list is never asked for null")]
    [InlineData("tags has any (null)", 15, "a list is never asked for null")]
    [InlineData("a between 1 and 'x'", 11, "the bounds of 'between' must be of one type, not Int64 and String,")]
    [InlineData("a between 1", 12, "expected 'and' between the bounds, found the end of the text")]
    [InlineData("a = 'open", 5, "the text that starts here has no closing quote (')")]
    [InlineData("\"open = 1", 1, "the name that starts here has no closing quote (\")")]
    [InlineData("a = \"x\"", 5, "expected a value, found the name \"x\"; text takes single quotes:")]
    [InlineData("a = x", 5, "expected a value, found the word 'x'; text takes single quotes:")]
    [InlineData("$size > 1", 1, "no such property '$size' ($id, $version, $created, $updated, $expires, $meta.name); a field of that name needs double quotes")]
    [InlineData("$meta = 1", 6, "expected '.name' after $meta")]
    [InlineData("a = 1 order by x", 7, "expected 'and', 'or' or the end, found 'order'")]
    [InlineData("and = 1", 1, "'and' is a word of the language; as a field name it needs double quotes:")]
    [InlineData("a.in = 1", 3, "'in' is a word of the language; as a field name it needs double quotes:")]
    [InlineData("a. = 1", 4, "expected a field name, found '='")]
    [InlineData("(a = 1", 7, "expected ')', found the end of the text")]
    [InlineData("a = 1)", 6, "expected 'and', 'or' or the end, found ')'")]
    [InlineData("a in 1", 6, "expected '(', found '1'")]
    [InlineData("a in (1", 8, "expected ')', found the end of the text")]
    [InlineData("a like 5", 8, "expected text in single quotes, found '5'")]
    [InlineData("a like 'x\\'", 8, "The pattern 'x\\' ends in a lone backslash; write two for a literal one.")]
    [InlineData("a is 5", 6, "expected 'null' or 'not null' after 'is', found '5'")]
    [InlineData("a not = 5", 7, "expected 'in', 'between', 'like' or 'ilike' after 'not', found '='")]
    [InlineData("a starts 'x'", 10, "expected 'with', found ''x''")]
    [InlineData("a = 12abc", 5, "a number ends in letters; a name that starts with a digit needs double quotes")]
    [InlineData("a = 1e999", 5, "the number 1e999 is out of range")]
    [InlineData("a = 2024-13-01T00:00:00Z", 5, "'2024-13-01T00:00:00Z' is not an RFC 3339 time such as 2024-05-01T12:00:00Z")]
    [InlineData("a = guid 'x'", 5, "'x' is not a guid literal")]
    [InlineData("a = x'0'", 5, "'0' is not a x literal")]
    [InlineData("a = vector [x]", 13, "expected a component of the vector, found 'x'")]
    [InlineData("a = {b: 1, b: 2}", 12, "the name 'b' is there twice")]
    [InlineData("a = 1 and ; drop", 11, "unexpected character ';'")]
    [InlineData("a = 😀", 5, "unexpected character '😀'")]
    [InlineData("a = 1 and 'x' = b", 11, "expected a field name, found ''x''")]
    [InlineData("a\r\n=\n1 !", 8, "unexpected character '!'")]
    public void Malformed_text_is_refused_in_one_line_with_the_place_marked(string text, int column, string problem)
    {
        var fault = Assert.Throws<BasaltException>(() => Filter.Parse(text));
        Assert.Equal(ErrorCode.InvalidQuery, fault.Code);
        var excerpt = text.Insert(column - 1, "<here>").ReplaceLineEndings(" ");
        Assert.Equal($"{problem.TrimEnd(':', ',', '.')} at column {column}: {excerpt}", fault.Message);
    }

    [Fact]
    public void Only_the_surroundings_of_the_place_are_shown_of_a_long_text()
    {
        var text = string.Join(" and ", Enumerable.Range(0, 100).Select(static i => $"field{i} = {i}")) + " and ? and " + new string('x', 500);
        var message = Assert.Throws<BasaltException>(() => Filter.Parse(text)).Message;
        Assert.Contains("field99 = 99 and <here>? and xxx", message);
        Assert.True(message.Length < 200, message);
    }

    [Fact]
    public void Half_surrogate_pairs_are_refused_wherever_they_stand()
    {
        foreach (var text in new[] { "a = '\uD800'", "\"\uDC00\" = 1", "a = \uD800", "\uD83D", "a = {'\uD800': 1}", "a like '\uD800'" })
            Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(() => Filter.Parse(text)).Code);
        Assert.Throws<ArgumentException>(static () => FieldPath.Of("\uD800"));
        Assert.Throws<ArgumentException>(static () => FieldPath.OfMetadata("a", "\uDC00"));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("not ", "")]
    [InlineData("not (", ")")]
    public void Deep_nesting_is_refused_and_does_not_exhaust_the_stack(string open, string close)
    {
        string Nest(int levels) => string.Concat(Enumerable.Repeat(open, levels)) + "a = 1" + string.Concat(Enumerable.Repeat(close, levels));
        Assert.NotNull(Filter.Parse(Nest(90)));
        Assert.Contains("levels of nesting", Assert.Throws<BasaltException>(() => Filter.Parse(Nest(100_000))).Message);
        Assert.Contains("levels of nesting", Assert.Throws<BasaltException>(static () => Filter.Parse("a = " + new string('[', 100_000))).Message);
        Assert.Contains("levels of nesting", Assert.Throws<BasaltException>(static () => Filter.Parse("a = " + string.Concat(Enumerable.Repeat("{x:", 100_000)))).Message);
    }

    [Fact]
    public void Long_conjunctions_are_not_deep()
    {
        var filter = Filter.Parse(string.Join(" and ", Enumerable.Range(0, 10_000).Select(static i => $"f{i} is null")));
        Assert.Equal(10_000, Assert.IsType<AndFilter>(filter).Terms.Count);
        Assert.True(filter.Matches(new Record()));
        Assert.Equal(filter, Filter.Parse(filter.ToString()));
    }
}

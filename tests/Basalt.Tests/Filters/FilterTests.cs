using System.Text;
using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Filters;

public sealed class FilterTests
{
    [Fact]
    public void Compiled_filter_gives_the_answers_of_the_definition()
    {
        var random = new Generator(Generator.SeedOfRun);
        var records = Enumerable.Range(0, 60).Select(i => random.Record($"{i}")).ToArray();
        for (var i = 0; i < 1500; i++)
        {
            var filter = random.Filter(4);
            var compiled = filter.Compile();
            foreach (var record in records)
                Assert.True(filter.Matches(record) == compiled(record), $"{Generator.SeedVariable}={Generator.SeedOfRun}: {filter} on {record}");
        }
    }

    [Fact]
    public void Compiled_comparison_gives_the_answers_of_the_definition_for_every_pair_of_values()
    {
        var records = Specimens.Values.Select(static value => new Record { ["v"] = value }).Append(new Record()).Append(new Record { ["w"] = 1, ["v"] = 2 }).ToArray();
        foreach (var literal in Specimens.Values.Where(static value => !value.IsNull))
        {
            foreach (var comparison in Enum.GetValues<Comparison>())
            {
                var filter = new CompareFilter("v", comparison, literal);
                var compiled = filter.Compile();
                foreach (var record in records) Assert.True(filter.Matches(record) == compiled(record), $"{filter} on {record}");
            }
        }
    }

    [Fact]
    public void Compiled_filter_is_shared_by_threads_that_read_records_of_many_shapes()
    {
        var compiled = Filter.Parse("a = 1 and b != 2").Compile();
        string[][] orders = [["a", "b"], ["b", "a"], ["x", "a", "b"], ["b", "x", "y", "a"]];
        var records = orders.Select(static names => new Record { Fields = ValueMap.From(names.Select(static name => KeyValuePair.Create(name, (Value)(name == "a" ? 1 : 3)))) }).ToArray();
        Parallel.For(0, 200_000, i => Assert.True(compiled(records[i % records.Length])));
    }

    [Fact]
    public void Leaves_mean_what_the_semantics_say()
    {
        var record = new Record { ["n"] = 5, ["t"] = "The End", ["l"] = new Value[] { 1, "x" }, ["null"] = Value.Null, ["b"] = true };
        string[] hold =
        [
            "n = 5.0", "n = 5m", "n != 'x'", "t != 5", "n not in ('x')", "n in (4, 5.0)", "n between 5 and 5", "n not between 6 and 9", "t like 'The%'", "t ilike 'the end'",
            "t not like '%x'", "t starts with 'The'", "t ends with ''", "t contains 'e E'", "l has 1.0", "l has any ('y', 'x')", "l has all ()", "\"null\" is null", "missing is null", "not \"null\" = 1",
            "not \"null\" != 1", "b = true", "b != 1", "n > -1e300",
        ];
        string[] fail =
        [
            "\"null\" != 1", "missing not in (1)", "missing not in ()", "\"null\" not like '%'", "missing not between 1 and 2", "n < 'x'", "n > 'a'", "t > 5", "b = 1", "b > 0", "n like '%'", "n not like 'x'", "n in ()",
            "n between 6 and 4", "t between 1 and 9", "t not between 1 and 9", "l has any ()", "n has 5", "l = 1", "t like 'the%'", "n starts with ''",
        ];
        Assert.All(hold, text => Assert.True(Filter.Parse(text).Matches(record), text));
        Assert.All(fail, text => Assert.False(Filter.Parse(text).Matches(record), text));
    }

    [Fact]
    public void Like_agrees_with_a_naive_matcher()
    {
        var random = new Random(Generator.SeedOfRun);
        string[] alphabet = ["a", "A", "b", "%", "_", "\\", "é", "😀", "\n", "ß"];
        for (var i = 0; i < 50_000; i++)
        {
            var pattern = Draw(8);
            if (EndsInLoneBackslash(pattern)) pattern += "\\";
            var text = Draw(10);
            var ignoreCase = random.Next(2) == 0;
            var expected = Naive([.. Tokens(pattern)], [.. text.EnumerateRunes()], ignoreCase);
            Assert.True(new LikePattern(pattern, ignoreCase).IsMatch(text) == expected, $"{Generator.SeedVariable}={Generator.SeedOfRun}: '{text}' like '{pattern}', ignoring case: {ignoreCase}, is {expected}");
        }

        string Draw(int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    [Fact]
    public void Like_takes_time_proportional_to_text_and_pattern()
    {
        var pattern = new LikePattern(string.Concat(Enumerable.Repeat("%a", 200)) + "%b", ignoreCase: false);
        Assert.False(pattern.IsMatch(new string('a', 20_000)));
    }

    [Fact]
    public void Algebra_flattens_and_compares_by_structure()
    {
        Filter a = Filter.Field("a") == 1, b = Filter.Field("b") == 2, c = Filter.Field("c") == 3;
        Assert.Equal((a & b) & c, a & (b & c));
        Assert.Equal(3, Assert.IsType<OrFilter>((a | b) | c).Terms.Count);
        Assert.NotEqual(a & b, b & a);
        Assert.NotEqual(a, Filter.Field("a") == 1.0);
        Assert.Same(Filter.True, Filter.And());
        Assert.Same(Filter.False, Filter.Or());
        Assert.Same(a, Filter.And(a));
        Assert.NotEqual(a, b);
        Assert.Equal(a, Filter.Field("a") == 1);
        Assert.Equal(!a, a.LogicalNot());
    }

    private static bool EndsInLoneBackslash(string pattern) => pattern.Reverse().TakeWhile(static c => c == '\\').Count() % 2 == 1;

    /// <summary>Runes of the pattern; null for any run, U+0000 for any one.</summary>
    private static IEnumerable<Rune?> Tokens(string pattern)
    {
        var runes = pattern.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            if (runes[i].Value == '\\') yield return runes[++i];
            else yield return runes[i].Value switch { '%' => null, '_' => new Rune(0), _ => runes[i] };
        }
    }

    private static bool Naive(ReadOnlySpan<Rune?> pattern, ReadOnlySpan<Rune> text, bool ignoreCase)
    {
        if (pattern.IsEmpty) return text.IsEmpty;
        if (pattern[0] is not { } wanted) return Naive(pattern[1..], text, ignoreCase) || (!text.IsEmpty && Naive(pattern, text[1..], ignoreCase));
        if (text.IsEmpty) return false;
        var isSame = wanted.Value == 0 || wanted == text[0] || (ignoreCase && Rune.ToUpperInvariant(wanted) == Rune.ToUpperInvariant(text[0]));
        return isSame && Naive(pattern[1..], text[1..], ignoreCase);
    }
}

using Basalt.Conformance;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Scalars;

/// <summary>Whole filters over the sections of a table, against the definition.</summary>
public sealed class ScalarPlanTests
{
    private static readonly FieldPath[] Paths =
    [
        FieldPath.Id, FieldPath.Of("n"), FieldPath.Of("text"), FieldPath.Of("mixed"), FieldPath.Of("when"), FieldPath.Of("tags"), FieldPath.Of("or"), FieldPath.Of("odd name.\"x\""),
        FieldPath.Of("nested"), FieldPath.Of("nested", "x"), FieldPath.Of("nested", "y", "z"), FieldPath.Of("missing"),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(400)]
    public void A_filter_finds_what_matches_or_says_what_is_left(int count)
    {
        var generator = new Generator(Generator.SeedOfRun + count);
        var records = Enumerable.Range(0, count).Select(i => Lengthen(generator, generator.Record($"{i}"))).ToList();
        var universe = new OrdinalSet(count);
        for (var i = 0; i < count; i++)
            if (generator.Next(10) > 0) universe.Add(i);
        var samples = Paths.ToDictionary(static path => path, path => Index(records, path, universe));
        var (exact, left) = (0, 0);
        for (var i = 0; i < 600; i++)
        {
            var filter = generator.Filter();
            var indexed = Paths.Where(_ => i % 3 == 0 || generator.Next(3) > 0).ToHashSet();
            var plan = new ScalarPlan(filter, path => indexed.Contains(path) ? samples[path].Section : null, universe);
            var matching = Enumerable.Range(0, count).Where(ordinal => universe.Accepts(ordinal) && filter.Matches(records[ordinal])).ToList();
            var matches = plan.Find();
            var seed = $"{Generator.SeedVariable}={Generator.SeedOfRun}: {filter}";
            if (matches.IsExact)
            {
                exact++;
                Assert.True(matching.SequenceEqual(ScalarSample.Walk(matches.Sure)), seed);
                Assert.Equal(Filter.True, matches.Residual);
            }
            else
            {
                left++;
                Assert.True(matching.All(matches.Possible.Accepts), seed);
                Assert.True(ScalarSample.Walk(matches.Sure).All(ordinal => matches.Possible.Accepts(ordinal) && matches.Residual.Matches(records[ordinal])), seed);
                var tested = ScalarSample.Walk(matches.Possible).Where(ordinal => matches.Sure.Accepts(ordinal) || matches.Residual.Matches(records[ordinal]));
                Assert.True(matching.SequenceEqual(tested), seed);
            }

            var estimate = plan.Estimate();
            Assert.True(estimate.Least >= 0 && estimate.Least <= matching.Count && estimate.Most >= matching.Count && estimate.Most <= universe.Count, $"{seed} is estimated {estimate}, and is {matching.Count}");
            Assert.InRange(estimate.Expected, estimate.Least, estimate.Most);
            Assert.Equal(universe.Count, Enumerable.Range(0, count).Count(universe.Accepts));
        }

        foreach (var sample in samples.Values) sample.Dispose();
        Assert.True(exact > 100 && (left > 50 || count < 10), $"{exact} exact, {left} not");
    }

    [Fact]
    public void What_is_not_indexed_remains_and_is_not_negated()
    {
        var records = Enumerable.Range(0, 100).Select(static i => new Record { Id = $"{i}", ["a"] = i, ["b"] = i % 10 }).ToList();
        var universe = new OrdinalSet(100);
        universe.Fill();
        using var a = Index(records, "a", universe);

        var conjunction = Plan("a < 10 and b = 3").Find();
        Assert.Equal(Filter.Parse("b = 3"), conjunction.Residual);
        Assert.Equal((0, 10), (conjunction.Sure.Count, conjunction.Possible.Count));

        var negated = Plan("not (a < 10 and b = 3)").Find();
        Assert.Equal((90, 100), (negated.Sure.Count, negated.Possible.Count));
        Assert.Equal(Filter.Parse("not (a < 10 and b = 3)"), negated.Residual);

        // What nothing can satisfy is known to be empty, whatever the other term.
        Assert.True(Plan("a < 0 and b = 3").Find() is { IsExact: true, Sure.Count: 0 });
        Assert.True(Plan("a >= 0 or b = 3").Find() is { IsExact: true, Sure.Count: 100 });
        Assert.Equal(new MatchEstimate(10, 10, 10), Plan("a < 10").Estimate());
        Assert.Equal(10d * 100 / 100 * 0.5, Plan("a < 10 and a >= 50").Estimate().Expected, 9);

        ScalarPlan Plan(string text) => new(Filter.Parse(text), path => path.Equals("a") ? a.Section : null, universe);
    }

    [Fact]
    public void A_section_of_another_table_is_refused()
    {
        using var sample = new ScalarSample([1L, 2L]);
        var plan = new ScalarPlan(Filter.Parse("a = 1"), _ => sample.Section, new OrdinalSet(3));
        Assert.Throws<InvalidOperationException>(plan.Find);
        Assert.Throws<InvalidOperationException>(() => plan.Estimate());
    }

    private static ScalarSample Index(List<Record> records, FieldPath path, OrdinalSet universe)
    {
        var builder = new ScalarBuilder();
        for (var i = 0; i < records.Count; i++)
            if (universe.Accepts(i)) builder.Add(i, path.Resolve(records[i]));
        return new ScalarSample(ScalarSample.Finish(builder, records.Count), records.Count);
    }

    private static Record Lengthen(Generator generator, Record record) => generator.Next(8) > 0
        ? record
        : new Record(record.Id, record.Fields.With(generator.Pick(["text", "mixed", "tags"]), generator.Pick(ScalarSample.LongValues)));
}

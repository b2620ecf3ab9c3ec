using Basalt.Backends;
using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Queries;

public sealed class QueryPlannerTests
{
    private static readonly Capabilities Plain = new("test", Durability.Process);
    private static readonly Capabilities Sorting = new("test", Durability.Process) { Sorts = true };

    [Fact]
    public void Pushed_part_lets_every_match_through_and_with_the_residual_part_nothing_else()
    {
        var random = new Generator(Generator.SeedOfRun);
        var records = Enumerable.Range(0, 40).Select(i => random.Record($"{i}")).ToArray();
        for (var i = 0; i < 2000; i++)
        {
            var filter = random.Filter(4);
            var disguise = new Disguise(random.Next(int.MaxValue)) { Supports = Enum.GetValues<FilterSupport>() };
            var (pushed, residual) = QueryPlanner.Split(filter, disguise.Of);
            var about = $"{Generator.SeedVariable}={Generator.SeedOfRun}: {filter}\npushed {pushed}\nresidual {residual}";
            Assert.True(QueryPlanner.Leaves(pushed).All(leaf => disguise.Of(leaf) != FilterSupport.None), about);
            foreach (var record in records)
            {
                var matches = filter.Matches(record);
                Assert.True(!matches || pushed.Matches(record), about);
                Assert.True(matches == (pushed.Matches(record) && residual.Matches(record)), about);
                // The same when inexact leaves let others through: what remains must sort them out.
                Assert.True(matches == (Lets(pushed, record, disguise) && residual.Matches(record)), about);
            }
        }
    }

    [Fact]
    public void Everything_exact_is_pushed_whole_and_nothing_supported_is_left_whole()
    {
        var random = new Generator(Generator.SeedOfRun);
        for (var i = 0; i < 200; i++)
        {
            var filter = random.Filter(4);
            // A constant in a disjunction makes the planner give up; nobody writes one.
            if (!HasConstant(filter))
            {
                var exact = QueryPlanner.Split(filter, static _ => FilterSupport.Exact);
                Assert.Equal(Filter.True, exact.Residual);
                Assert.Equal(filter, exact.Pushed);
            }

            var none = QueryPlanner.Split(filter, static _ => FilterSupport.None);
            Assert.Empty(QueryPlanner.Leaves(none.Pushed));
        }
    }

    [Theory]
    [InlineData("exact = 1", false, 5L, "exact = 1", "true", true)]
    [InlineData("inexact = 1", false, 5L, "inexact = 1", "inexact = 1", false)]
    [InlineData("none = 1", false, 5L, "true", "none = 1", false)]
    [InlineData("exact = 1 and none = 1", false, 5L, "exact = 1", "none = 1", false)]
    [InlineData("exact = 1 or none = 1", false, 5L, "true", "exact = 1 or none = 1", false)]
    [InlineData("exact = 1 or inexact = 1", false, 5L, "exact = 1 or inexact = 1", "exact = 1 or inexact = 1", false)]
    [InlineData("not exact = 1", false, 5L, "not exact = 1", "true", true)]
    [InlineData("not inexact = 1", false, 5L, "true", "not inexact = 1", false)]
    [InlineData("not (exact = 1 and none = 1)", false, 5L, "true", "not (exact = 1 and none = 1)", false)]
    [InlineData("exact = 1 and (inexact = 1 or (exact = 2 and none = 3))", false, 5L, "exact = 1 and (inexact = 1 or exact = 2)", "inexact = 1 or exact = 2 and none = 3", false)]
    [InlineData("exact = 1", true, 5L, "exact = 1", "true", false)]
    public void Limit_is_pushed_only_under_an_exact_filter_in_the_backend_s_order(string filter, bool sorted, long limit, string pushed, string residual, bool isLimitPushed)
    {
        var query = Query.Where(filter).Take(limit).Skip(2);
        var plan = Plan(sorted ? query.OrderBy("x") : query, Plain);
        Assert.Equal(pushed, plan.Pushed.Filter.ToString());
        Assert.Equal(residual, plan.Residual.ToString());
        Assert.Equal(isLimitPushed, plan.IsLimitPushed);
        if (isLimitPushed) Assert.Equal(limit + 2 + 1, plan.Pushed.Limit);
        Assert.Equal(sorted ? Place.Door : Place.Backend, plan.SortedBy);
        Assert.Equal(sorted, plan.Pushed.AnyOrder);
        Assert.Empty(plan.Pushed.Sort);
    }

    [Fact]
    public void Sort_keys_are_pushed_where_the_backend_sorts()
    {
        var plan = Plan(Query.Where("exact = 1").OrderByDescending("x").Take(3), Sorting);
        Assert.Equal("-x", Assert.Single(plan.Pushed.Sort).ToString());
        Assert.Equal(4, plan.Pushed.Limit);
        Assert.False(plan.Pushed.AnyOrder);
        Assert.Null(Plan(Query.Where("none = 1").OrderByDescending("x").Take(3), Sorting).Pushed.Limit);
        Assert.Equal(long.MaxValue, Plan(Query.All.Take(long.MaxValue).Skip(5), Plain).Pushed.Limit);
    }

    [Fact]
    public void Cursor_is_pushed_with_the_order_and_tested_by_the_door_where_the_door_sorts()
    {
        var last = new Record { Id = "m", ["x"] = 5 };
        var byId = Query.Where("exact = 1").Take(2);
        var plan = Plan(byId.After(Cursor.Write(byId, last)), Plain);
        Assert.Equal("m", plan.Pushed.AfterId);
        Assert.Equal(3, plan.Pushed.Limit);
        var byKey = byId.OrderBy("x");
        plan = Plan(byKey.After(Cursor.Write(byKey, last)), Sorting);
        Assert.Equal("m", plan.Pushed.AfterId);
        Assert.Equal([5], plan.Pushed.AfterKeys);
        Assert.Equal(3, plan.Pushed.Limit);
        plan = Plan(byKey.After(Cursor.Write(byKey, last)), Plain);
        Assert.Null(plan.Pushed.AfterId);
        Assert.Null(plan.Pushed.AfterKeys);
        Assert.Null(plan.Pushed.Limit);
    }

    [Fact]
    public void Fields_that_the_door_needs_are_asked_for()
    {
        Assert.Null(Plan(Query.Where("none = 1"), Plain).Pushed.Fields);
        Assert.Equal(["a"], Plan(Query.Where("exact = 1").Select("a"), Plain).Pushed.Fields!.Select(static path => path.ToString()));
        Assert.Equal(["a", "inexact.x", "s"], Plan(Query.Where("exact = 1 and inexact.x = 1").OrderBy("s").Select("a"), Plain).Pushed.Fields!.Select(static path => path.ToString()).Order());
    }

    [Fact]
    public void Plan_says_what_happens_where()
    {
        var plan = Plan(Query.Where("exact = 1 and none = 2").OrderBy("x").Take(10).Skip(5).Select("a", "b"), Plain) with { Cost = new ScanCost(2, null, 1234) };
        Assert.Equal(
            """
            scan      test: things
            pushed    exact = 1
            residual  none = 2
            sort      x, id by the door, keeping the first 15
            page      skip 5; at most 10
            fields    a, b
            cost      2 requests, unknown bytes, 1,234 records looked at
            """, plan.ToString());
    }

    private static QueryPlan Plan(Query query, Capabilities capabilities) => QueryPlanner.Plan(query, capabilities, "things", static leaf => leaf.Path.Segments[0] switch
    {
        "exact" => FilterSupport.Exact,
        "inexact" => FilterSupport.Inexact,
        _ => FilterSupport.None,
    });

    private static bool HasConstant(Filter filter) => filter switch
    {
        ConstantFilter => true,
        NotFilter not => HasConstant(not.Inner),
        AndFilter and => and.Terms.Any(HasConstant),
        OrFilter or => or.Terms.Any(HasConstant),
        _ => false,
    };

    private static bool Lets(Filter filter, Record record, Disguise disguise) => filter switch
    {
        LeafFilter leaf => leaf.Matches(record) || (disguise.Of(leaf) == FilterSupport.Inexact && (record.Id.Length + leaf.ToString().Length) % 2 == 0),
        NotFilter not => !Lets(not.Inner, record, disguise),
        AndFilter and => and.Terms.All(term => Lets(term, record, disguise)),
        OrFilter or => or.Terms.Any(term => Lets(term, record, disguise)),
        _ => filter.Matches(record),
    };
}

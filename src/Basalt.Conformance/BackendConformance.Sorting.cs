namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Sort_follows_one_total_order_across_all_types_with_nulls_first()
    {
        var stored = await SeedValuesAsync([.. Specimens.Values, Value.Null]);
        await AnswersAsDefinedAsync(stored, Query.All.OrderBy("v"));
        await AnswersAsDefinedAsync(stored, Query.All.OrderByDescending("v"));
        var first = (await Things.QueryAsync(Query.All.OrderBy("v").Take(2), Cancel)).Records;
        Assert.All(first, static record => Assert.True(record["v"].IsNull));
    }

    [Fact]
    public virtual async Task Sort_breaks_ties_by_id_ascending_in_both_directions()
    {
        var stored = await SeedValuesAsync([1, 1.0, 1.0m, 2, 1L, 1.00m, Value.Null, Value.Null, 0.0, -0.0]);
        Assert.Equal("006 007 008 009 000 001 002 004 005 003", await IdsAsync(Query.All.OrderBy("v")));
        Assert.Equal("003 000 001 002 004 005 008 009 006 007", await IdsAsync(Query.All.OrderByDescending("v")));
        await AnswersAsDefinedAsync(stored, Query.All.OrderBy("v").OrderByDescending("$id"));
    }

    [Fact]
    public virtual async Task Sort_orders_numbers_by_exact_value_across_kinds()
    {
        const long edge = 1L << 53;
        await SeedValuesAsync([edge + 1, (double)edge, edge - 1, 9007199254740993.5m, double.NaN, double.PositiveInfinity, decimal.MaxValue, long.MaxValue, 9223372036854775808d, double.NegativeInfinity, 0.1, 0.1000000000000000055511151231m]);
        Assert.Equal("009 010 011 002 001 000 003 007 008 006 005 004", await IdsAsync(Query.All.OrderBy("v")));
    }

    [Fact]
    public virtual async Task Sort_orders_text_by_code_point()
    {
        string[] ordered = ["", "A", "B", "a", "aa", "b", "ä", "\uE000", "\uFFFD", "\uFFFF", "\U00010000", "\U0001F600", "\U0010FFFF"];
        await SeedValuesAsync(ordered.Select(static text => (Value)text).Reverse());
        var sorted = (await Things.QueryAsync(Query.All.OrderBy("v"), Cancel)).Records;
        Assert.Equal(ordered, sorted.Select(static record => record["v"].AsString));
    }

    [Fact]
    public virtual async Task Order_without_sort_keys_is_that_of_ids_by_code_point()
    {
        string[] ids = ["\U0001F600", "b", "\uFFFF", "a", "B", "ab", "10", "9", "ä", "\uE000", "a "];
        await SeedAsync(ids.Select(static id => new Record { Id = id }));
        var expected = ids.Order(Comparer<string>.Create(static (x, y) => Value.From(x).CompareTo(y)));
        Assert.Equal(expected, (await Things.QueryAsync(Query.All, Cancel)).Records.Select(static record => record.Id));
    }

    [Fact]
    public virtual async Task Sort_by_several_keys_and_nested_paths_answers_as_defined()
    {
        var random = new Generator(7);
        var stored = await SeedAsync(Enumerable.Range(0, 60).Select(i => new Record { Id = $"{i:00}", ["a"] = random.Next(3), ["b"] = random.Next(4) == 0 ? Value.Null : random.Next(5), ["c"] = Map("d", random.Next(4)) }));
        await AnswersAsDefinedAsync(stored, Query.All.OrderBy("a").OrderByDescending("b"));
        await AnswersAsDefinedAsync(stored, Query.All.OrderByDescending("a").OrderBy("c.d").OrderBy("b"));
        await AnswersAsDefinedAsync(stored, Query.Where("b > 1").OrderBy("c.d").Skip(7).Take(11));
        await AnswersAsDefinedAsync(stored, Query.All.OrderBy("missing").OrderByDescending("a").Take(20));
    }
}

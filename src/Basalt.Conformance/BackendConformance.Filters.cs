namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Every_comparison_of_every_pair_of_types_answers_as_defined()
    {
        var values = Specimens.Numbers.Where(static (_, i) => i % 3 == 0).Concat(Specimens.Texts.Where(static (_, i) => i % 5 == 0).Select(static text => (Value)text)).Concat(Specimens.Others).ToArray();
        var stored = await SeedValuesAsync(values);
        var step = Math.Max(1, values.Length * 6 / Cases);
        for (var i = 0; i < values.Length; i += step)
        {
            if (values[i].IsNull) continue;
            foreach (var comparison in Enum.GetValues<Comparison>()) await MatchesAsDefinedAsync(stored, new CompareFilter("v", comparison, values[i]));
        }
    }

    [Fact]
    public virtual async Task Membership_and_ranges_answer_as_defined()
    {
        var values = new Value[] { 1, 1.0, 1.0m, 1.5, 2, "1", "a", "b", "ä", true, false, Value.Null, new byte[] { 1 }, Guid.Empty, double.NaN, 1L << 53, (1L << 53) + 1, Clock.Now, new Value[] { 1 } };
        var stored = await SeedValuesAsync(values);
        Value[][] sets = [[], [1], [1.0m, "1"], ["a", true, double.NaN], [(1L << 53) + 1], [Guid.Empty, new byte[] { 1 }, Clock.Now], [.. values.Where(static value => !value.IsNull)], [new Value[] { 1.0 }]];
        (Value Low, Value High)[] ranges = [(1, 2), (1.0m, 1.5), (2, 1), (double.NaN, double.NaN), (0, double.NaN), ("a", "b"), ("b", "a"), (false, true), ((1L << 53) + 1, double.PositiveInfinity), (Clock.Now, Clock.Now)];
        foreach (var negated in new[] { false, true })
        {
            foreach (var set in sets) await MatchesAsDefinedAsync(stored, new InFilter("v", set, negated));
            foreach (var (low, high) in ranges) await MatchesAsDefinedAsync(stored, new BetweenFilter("v", low, high, negated));
        }

        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Filter.Field("v").Between(1, "b")).Code);
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Filter.Field("v").Between(Value.Null, 1)).Code);
    }

    [Fact]
    public virtual async Task Text_leaves_answer_as_defined()
    {
        var stored = await SeedValuesAsync([.. Specimens.Texts.Select(static text => (Value)text), 1, true, Value.Null, new Value[] { "a" }, new byte[] { 97 }, "A%B", "a%b", "a_b", "aXb", "a\nb", "STRASSE", "ÄÖ", "äö"]);
        string[] patterns = ["%", "", "_", "__", "a%", "%a", "%a%", "a_b", "a\\_b", "a\\%b", "a%b", "%\\\\%", "A%", "%\n%", "%'%", "%ä%", "😀", "\\a", "%\"%", "strasse", "äö", "_%_", "%;%--%"];
        foreach (var pattern in patterns)
        {
            await MatchesAsDefinedAsync(stored, new LikeFilter("v", pattern));
            await MatchesAsDefinedAsync(stored, new LikeFilter("v", pattern, ignoreCase: true));
            await MatchesAsDefinedAsync(stored, new LikeFilter("v", pattern, negated: true));
        }

        foreach (var text in Specimens.Texts.Where(static (_, i) => i % 2 == 0))
            foreach (var position in Enum.GetValues<TextPosition>()) await MatchesAsDefinedAsync(stored, new TextFilter("v", position, text));
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Filter.Field("v").Like("a\\")).Code);
    }

    [Fact]
    public virtual async Task List_leaves_answer_as_defined()
    {
        float[] vector = [1];
        var stored = await SeedValuesAsync(
            [Array.Empty<Value>(), new Value[] { 1 }, new Value[] { 1.0, "a" }, new Value[] { "a", "b" }, new Value[] { Value.Null }, new Value[] { new Value[] { 1 } }, "a", 1, Value.Null, Map("a", 1), vector, new Value[] { true, 1.0m, "a" }]);
        Value[][] sets = [[], [1], ["a"], [1.0m, "a"], ["a", "b"], [true], [new Value[] { 1 }], ["z"], [1, "z"]];
        foreach (var set in sets)
            foreach (var all in new[] { true, false }) await MatchesAsDefinedAsync(stored, new HasFilter("v", set, all));
    }

    [Fact]
    public virtual async Task Boolean_algebra_answers_as_defined()
    {
        var stored = await SeedAsync(
            from a in new Value[] { 0, 1, Value.Null }
            from b in new Value[] { 0, 1, Value.Null }
            select new Record { Id = $"{a}-{b}", ["a"] = a, ["b"] = b });
        string[] filters =
        [
            "true", "false", "not true", "a = 1 and b = 1", "a = 1 or b = 1", "not (a = 1 and b = 1)", "not (a = 1 or b = 1)", "not not a = 1", "a = 1 and (b = 0 or b is null)",
            "(a = 1 or a is null) and not (b = 1 and a is null)", "true and a = 1", "false or a = 1", "a = 1 and not a = 1", "not (not a = 1 and not b = 1)",
        ];
        foreach (var filter in filters) await MatchesAsDefinedAsync(stored, Filter.Parse(filter));
    }

    [Fact]
    public virtual async Task Store_properties_can_be_filtered_and_sorted_by()
    {
        var first = await SeedAsync(new Record { Id = "a", Metadata = Map("by", "me") }, new Record { Id = "b", ["id"] = "a", ["$id"] = "a" });
        var moment = Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await SeedAsync(new Record { Id = "c", Metadata = Map("by", Map("x", 1)) });
        Record[] stored = [.. first, .. second];
        Filter[] filters =
        [
            Filter.Field("$id") == "a", Filter.Field("$id") > "a", Filter.Field("$id").In("a", "c", 1), Filter.Field("$id").Like("%"), Filter.Field("$version") == stored[1].Version,
            Filter.Field("$version") > stored[0].Version, Filter.Field("$created") >= moment, Filter.Field("$created") < moment, Filter.Field("$updated") == moment,
            Filter.Field("$meta.by") == "me", Filter.Field("$meta.by.x") == 1, Filter.Field("$meta.by").IsNull(), Filter.Field("id") == "a", Filter.Field(FieldPath.Of("$id")) == "a",
        ];
        foreach (var filter in filters) await MatchesAsDefinedAsync(stored, filter);
        foreach (var key in new[] { "-$id", "-$created", "$version", "-$version", "$meta.by" })
            await AnswersAsDefinedAsync(stored, Query.All with { Sort = [SortKey.Parse(key)] });
    }

    private async Task MatchesAsDefinedAsync(IReadOnlyList<Record> stored, Filter filter)
    {
        var expected = string.Join(' ', stored.Where(filter.Matches).Select(static record => record.Id).Order(StringComparer.Ordinal));
        var found = await IdsAsync(Query.Where(filter));
        Assert.True(expected == found, $"{filter}\nexpected: {expected}\nfound:    {found}");
    }
}

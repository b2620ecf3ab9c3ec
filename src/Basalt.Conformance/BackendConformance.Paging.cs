namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Page_is_cut_by_limit_and_offset()
    {
        var stored = await SeedAsync(Enumerable.Range(0, 10).Select(static i => new Record { Id = $"{i}", ["n"] = i % 3 }));
        foreach (var sorted in new[] { Query.All, Query.All.OrderByDescending("n"), Query.Where("n != 1").OrderBy("n") })
        {
            foreach (var limit in new long?[] { null, 0, 1, 4, 9, 10, 11, long.MaxValue })
                foreach (var offset in new long[] { 0, 1, 9, 10, 100, long.MaxValue }) await AnswersAsDefinedAsync(stored, sorted with { Limit = limit, Offset = offset });
        }
    }

    [Fact]
    public virtual async Task Page_of_limit_0_is_empty_and_negatives_are_errors()
    {
        await SeedAsync(new Record { Id = "a" });
        var page = await Things.QueryAsync(Query.All.Take(0), Cancel);
        Assert.Empty(page.Records);
        Assert.Null(page.Cursor);
        Assert.Empty(await StreamAsync(Query.All.Take(0)));
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Query.All.Take(-1)).Code);
        Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(static () => Query.All.Skip(-1)).Code);
    }

    [Fact]
    public virtual async Task Limit_0_on_a_missing_collection_is_not_found_like_any_query()
    {
        var missing = Database.Collection("missing");
        await FailsAsync(ErrorCode.NotFound, () => missing.QueryAsync(Query.All.Take(0), Cancel));
        await FailsAsync(ErrorCode.NotFound, async () => { await foreach (var _ in missing.StreamAsync(Query.All.Take(0), Cancel)) Assert.Fail("There are no records."); });
    }

    [Fact]
    public virtual async Task Cursor_walk_equals_the_whole()
    {
        var random = new Generator(11);
        var stored = await SeedAsync(Enumerable.Range(0, 40).Select(i => new Record { Id = $"{i:00}", ["v"] = random.Value(1), ["n"] = random.Next(3) }));
        Query[] queries = [Query.All, Query.Where("n > 0"), Query.All.OrderBy("v"), Query.All.OrderByDescending("v").OrderBy("n"), Query.Where("not n = 1").OrderByDescending("n"), Query.All.OrderBy("missing"), Query.All.OrderBy("n").Select("v")];
        foreach (var query in queries)
        {
            foreach (var size in (int[])[1, 7, 40])
            {
                var walked = await WalkAsync(query.Take(size));
                AssertSame(Oracle.Answer(stored, query), walked, $"{query.Filter} sort {string.Join(", ", query.Sort)} by {size}");
            }
        }
    }

    [Fact]
    public virtual async Task Cursor_is_stable_under_concurrent_inserts_and_deletes()
    {
        await SeedAsync(Enumerable.Range(0, 20).Select(static i => new Record { Id = $"{i:00}", ["n"] = i / 4 }));
        foreach (var query in new[] { Query.All, Query.All.OrderBy("n"), Query.All.OrderByDescending("n") })
        {
            var before = (await Things.QueryAsync(query, Cancel)).Records.Select(static record => record.Id).ToList();
            var seen = new List<string>();
            string? cursor = null;
            var round = 0;
            do
            {
                var page = await Things.QueryAsync(query.Take(3).After(cursor), Cancel);
                seen.AddRange(page.Records.Select(static record => record.Id));
                cursor = page.Cursor;
                // The last record seen goes away, and new ones arrive in front of the place and behind it.
                if (page.Records.Count > 0 && round % 2 == 0) await Things.DeleteAsync(page.Records[^1].Id, null, Cancel);
                await SeedAsync(new Record { Id = $"!{query.Sort.Count}{round}", ["n"] = 2 }, new Record { Id = $"~{query.Sort.Count}{round}", ["n"] = 2 });
                round++;
            }
            while (cursor is not null && round < 60);

            Assert.Equal(seen.Distinct(), seen);
            Assert.Equal(before, seen.Where(before.Contains));
            await Things.DeleteWhereAsync(Filter.True, Cancel);
            await SeedAsync(Enumerable.Range(0, 20).Select(static i => new Record { Id = $"{i:00}", ["n"] = i / 4 }));
        }
    }

    [Fact]
    public virtual async Task Cursor_of_another_query_and_broken_cursors_are_refused()
    {
        await SeedAsync(Enumerable.Range(0, 5).Select(static i => new Record { Id = $"{i}", ["n"] = i }));
        var cursor = (await Things.QueryAsync(Query.Where("n >= 0").OrderBy("n").Take(2), Cancel)).Cursor;
        Assert.NotNull(cursor);
        var calls = Backend.DataCalls;
        Query[] others = [Query.All.OrderBy("n"), Query.Where("n >= 1").OrderBy("n"), Query.Where("n >= 0"), Query.Where("n >= 0").OrderByDescending("n"), Query.Where("n >= 0").OrderBy("n").OrderBy("m")];
        foreach (var other in others) await FailsAsync(ErrorCode.InvalidQuery, () => Things.QueryAsync(other.Take(2).After(cursor), Cancel));
        foreach (var broken in new[] { "", "x", "!!!", cursor[..^3], cursor + "AAAA", "bnVsbA", "W10", "W1sxXV0" })
        {
            await FailsAsync(ErrorCode.InvalidQuery, () => Things.QueryAsync(Query.Where("n >= 0").OrderBy("n").Take(2).After(broken), Cancel));
            await FailsAsync(ErrorCode.InvalidQuery, async () => { await foreach (var _ in Things.StreamAsync(Query.Where("n >= 0").OrderBy("n").After(broken), Cancel)) Assert.Fail("There is no such place."); });
        }

        Assert.Equal(calls, Backend.DataCalls);
    }

    [Fact]
    public virtual async Task Count_ignores_paging()
    {
        await SeedAsync(Enumerable.Range(0, 12).Select(static i => new Record { Id = $"{i:00}", ["n"] = i }));
        var page = await Things.QueryAsync(Query.Where("n >= 4").Skip(2).Take(3), Cancel);
        Assert.Equal(["06", "07", "08"], page.Records.Select(static record => record.Id));
        Assert.Equal(8, await Things.CountAsync(Filter.Parse("n >= 4"), Cancel));
        Assert.Equal(12, await Things.CountAsync(null, Cancel));
        Assert.Equal(0, await Things.CountAsync(Filter.False, Cancel));
    }

    /// <summary>All pages, one after the other.</summary>
    protected async Task<IReadOnlyList<Record>> WalkAsync(Query query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var records = new List<Record>();
        string? cursor = null;
        do
        {
            var page = await Things.QueryAsync(query.After(cursor), Cancel);
            Assert.True(page.Records.Count > 0 || cursor is null, "A cursor led to an empty page although nothing was deleted.");
            Assert.True(page.Records.Count == query.Limit || page.Cursor is null, "A short page has a cursor.");
            records.AddRange(page.Records);
            cursor = page.Cursor;
        }
        while (cursor is not null);
        return records;
    }
}

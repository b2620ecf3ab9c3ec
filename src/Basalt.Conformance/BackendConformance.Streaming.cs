namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Stream_equals_query()
    {
        var random = new Generator(5);
        var stored = await SeedAsync(Enumerable.Range(0, 50).Select(i => random.Record($"{i:00}")));
        foreach (var query in new[] { Query.All, Query.Where("n > 0"), Query.All.OrderBy("mixed"), Query.All.OrderByDescending("n").Skip(3).Take(20).Select("text") })
        {
            var page = await Things.QueryAsync(query, Cancel);
            AssertSame(page.Records, await StreamAsync(query), "stream against query");
            AssertSame(Oracle.Answer(stored, query), page.Records, "query against the definition");
        }
    }

    [Fact]
    public virtual async Task Stream_continues_after_a_cursor()
    {
        var stored = await SeedAsync(Enumerable.Range(0, 10).Select(static i => new Record { Id = $"{i}", ["n"] = i % 4 }));
        foreach (var query in new[] { Query.All, Query.All.OrderByDescending("n") })
        {
            var cursor = (await Things.QueryAsync(query.Take(4), Cancel)).Cursor;
            AssertSame([.. Oracle.Answer(stored, query).Skip(4)], await StreamAsync(query.After(cursor)), "after the cursor");
        }
    }

    [Fact]
    public virtual async Task Stream_is_a_snapshot_under_writes()
    {
        var stored = await SeedAsync(Enumerable.Range(0, 500).Select(static i => new Record { Id = $"{i:000}", ["n"] = i }));
        foreach (var query in new[] { Query.All, Query.All.OrderByDescending("n") })
        {
            var expected = Oracle.Answer(stored, query);
            var seen = new List<Record>();
            await foreach (var record in Things.StreamAsync(query, Cancel))
            {
                if (seen.Count == 0)
                {
                    // What comes next is deleted, changed and surrounded by new records.
                    await Things.DeleteManyAsync([.. stored.Where(static r => r["n"].AsInt64 % 3 == 1).Select(static r => r.Id)], cancellationToken: Cancel);
                    await Things.UpdateWhereAsync(Filter.Parse("n >= 0"), Patch.Set("n", -1), Cancel);
                    await Things.CreateManyAsync([new Record { Id = "250x" }, new Record { Id = "!" }, new Record { Id = "~" }], cancellationToken: Cancel);
                }

                seen.Add(record);
            }

            AssertSame(expected, seen, "the snapshot");
            await Things.DeleteWhereAsync(Filter.True, Cancel);
            stored = await SeedAsync(Enumerable.Range(0, 500).Select(static i => new Record { Id = $"{i:000}", ["n"] = i }));
        }
    }

    [Fact]
    public virtual async Task Stream_can_be_left_early()
    {
        await SeedAsync(Enumerable.Range(0, 100).Select(static i => new Record { Id = $"{i:000}", ["n"] = i }));
        for (var round = 0; round < 20; round++)
        {
            await foreach (var record in Things.StreamAsync(Query.All.OrderByDescending("n"), Cancel))
            {
                Assert.Equal("099", record.Id);
                break;
            }
        }

        Assert.NotNull(await Things.UpdateAsync(new Record { Id = "099", ["n"] = 0 }, null, Cancel));
    }

    [Fact]
    public virtual async Task Changes_by_filter_do_not_meet_their_own_writes()
    {
        await SeedAsync(Enumerable.Range(0, 1500).Select(static i => new Record { Id = $"{i:0000}", ["n"] = 0 }));
        Assert.Equal(1500, await Things.UpdateWhereAsync(Filter.Parse("n >= 0"), Patch.Add("n", 1), Cancel));
        Assert.Equal(1500, await Things.CountAsync(Filter.Parse("n = 1"), Cancel));
    }
}

using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Engine;

public sealed class SortedQueryTests
{
    private static readonly string[] Filters = ["", "", "n > 4", "n is null", "n in (1, 2, 7) and word = 'lava'", "word = 'lava'", "flag = true", "not (flag = true) and n between 2 and 8", "long is not null", "n != 3 or word = 'old'"];
    private static readonly string[] Sorts = ["n", "-n", "word,-n", "-word", "flag,word,n", "long", "-long,n", "n,$id", "other", "-n,$version"];
    private static readonly string[] Words = ["basalt", "lava", "stone", "old", "new"];

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_was_written_sorted_pages_are_those_of_a_sort_of_everything(int salt)
    {
        var random = new Random(Seed + salt);
        await using var fixture = await EngineFixture.OpenAsync(12 << 10);
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        foreach (var path in new[] { "n", "long", "word" }) await things.CreateIndexAsync(Scalar(path), Cancel);
        for (var round = 0; round < 8; round++)
        {
            await ChangeAsync(things, random);
            if (round == 5) await things.CreateIndexAsync(Scalar("flag"), Cancel);
            if (random.Next(4) == 0) await things.SettleIndexesAsync(null, Cancel);
            if (random.Next(5) == 0)
            {
                await fixture.ReopenAsync();
                things = fixture.Database.Collection("things");
            }

            await AnswersAsync(things, random, $"BASALT_SEED={Seed} salt {salt} round {round}");
            await using var transaction = await fixture.Database.BeginAsync(Cancel);
            await ChangeAsync(transaction.Collection("things"), random);
            await AnswersAsync(transaction.Collection("things"), random, $"BASALT_SEED={Seed} salt {salt} round {round} in a transaction");
        }
    }

    [Fact]
    public async Task A_plan_says_which_index_gives_the_order_and_reads_only_what_is_asked_for()
    {
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        await things.CreateManyAsync([.. Enumerable.Range(0, 2000).Select(static i => new Record { Id = $"{i:0000}", ["n"] = i * 7919 % 2000, ["m"] = i })], cancellationToken: Cancel);
        var query = Query.All.OrderByDescending("n").Take(5);
        Assert.Contains("all of about 2,000 records are read, of which the first 6 are kept", (await things.ExplainAsync(query, Cancel)).ToString(), StringComparison.Ordinal);
        await things.CreateIndexAsync(Scalar("n"), Cancel);
        await things.SettleIndexesAsync(null, Cancel);
        var plan = await things.ExplainAsync(query, Cancel);
        Assert.Equal((Place.Backend, 6L), (plan.SortedBy, plan.Cost!.Records));
        Assert.Contains("way       scalar:n in order, backwards, about 6 records read", plan.ToString(), StringComparison.Ordinal);
        Assert.Equal([1999, 1998, 1997, 1996, 1995], (await things.QueryAsync(query, Cancel)).Records.Select(static record => record["n"]));
        // All of them, sorted: one read after the other is cheaper than two thousand looks.
        Assert.Equal(2000, (await things.ExplainAsync(Query.All.OrderBy("n"), Cancel)).Cost!.Records);
        Assert.Contains("scalar indexes find about 2 records", (await things.ExplainAsync(Query.Where("n in (3, 4)").OrderBy("m"), Cancel)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_walk_that_finds_nothing_of_what_matches_ends_in_a_scan_with_the_same_answer()
    {
        await using var fixture = await EngineFixture.OpenAsync();
        var things = fixture.Database.Collection("things");
        // Half match, and all of these come last in the order.
        await things.CreateManyAsync([.. Enumerable.Range(0, 1000).Select(static i => new Record { Id = $"{i:0000}", ["n"] = i % 2 * 1000 + i, ["flag"] = i % 2 == 1 })], cancellationToken: Cancel);
        await things.CreateIndexAsync(Scalar("n"), Cancel);
        await things.SettleIndexesAsync(null, Cancel);
        var query = Query.Where("flag = true").OrderBy("n").Take(10);
        Assert.Contains("scalar:n in order", (await things.ExplainAsync(query, Cancel)).ToString(), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (Value)(1001 + 2 * i)), (await things.QueryAsync(query, Cancel)).Records.Select(static record => record["n"]));
    }

    [Fact]
    public async Task Counts_of_indexes_leave_out_what_was_deleted_and_replaced()
    {
        await using var fixture = await EngineFixture.OpenAsync(1 << 20);
        var things = fixture.Database.Collection("things");
        await fixture.Database.CreateCollectionAsync("things", null, Cancel);
        await things.CreateIndexAsync(Scalar("n"), Cancel);
        await things.CreateManyAsync([.. Enumerable.Range(0, 900).Select(static i => new Record { Id = $"{i:0000}", ["n"] = i % 3 })], cancellationToken: Cancel);
        await CountsAsync(300, 900);
        await things.SettleIndexesAsync(null, Cancel);
        await CountsAsync(300, 900);
        for (var i = 0; i < 90; i++) await things.DeleteAsync($"{i:0000}", null, Cancel);
        await CountsAsync(270, 810);
        // A table of tombstones, which indexes take for entries without a value.
        await things.SettleIndexesAsync(null, Cancel);
        await CountsAsync(270, 810);
        await things.UpsertManyAsync([.. Enumerable.Range(90, 9).Select(static i => new Record { Id = $"{i:0000}" })], cancellationToken: Cancel);
        await CountsAsync(267, 801);
        fixture.Backend.Compact(Cancel);
        await CountsAsync(267, 801);

        async Task CountsAsync(int ofOne, int valued)
        {
            Assert.Equal(ofOne, await things.CountAsync(Filter.Parse("n = 1"), Cancel));
            Assert.Equal(valued, await things.CountAsync(Filter.Parse("n is not null"), Cancel));
            Assert.Equal(await things.CountAsync(null, Cancel) - valued, await things.CountAsync(Filter.Parse("n is null"), Cancel));
            Assert.Equal(await things.CountAsync(null, Cancel) - ofOne, await things.CountAsync(Filter.Parse("not n = 1"), Cancel));
        }
    }

    private static async Task AnswersAsync(Collection things, Random random, string about)
    {
        var all = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.All, Cancel)) all.Add(record);
        foreach (var sort in Sorts)
        {
            var text = Filters[random.Next(Filters.Length)];
            var query = new Query
            {
                Filter = text.Length == 0 ? Filter.True : Filter.Parse(text),
                Sort = [.. sort.Split(',').Select(SortKey.Parse)],
                Fields = random.Next(3) == 0 ? [FieldPath.Parse("word")] : null,
            };
            var expected = Oracle.Answer(all, query);
            var whole = new List<Record>();
            await foreach (var record in things.StreamAsync(query, Cancel)) whole.Add(record);
            AreEqual(expected, whole, $"{about}: {text} by {sort}");
            Assert.Equal(expected.Count, await things.CountAsync(query.Filter, Cancel));
            var (paged, page) = (new List<Record>(), query with { Limit = random.Next(1, 40) });
            for (var cursor = (string?)""; cursor is not null;)
            {
                var answer = await things.QueryAsync(cursor.Length == 0 ? page : page with { Cursor = cursor }, Cancel);
                paged.AddRange(answer.Records);
                cursor = answer.Cursor;
            }

            AreEqual(expected, paged, $"{about}: {text} by {sort} in pages of {page.Limit}");
        }
    }

    private static void AreEqual(IReadOnlyList<Record> expected, List<Record> found, string about)
    {
        for (var i = 0; i < Math.Min(expected.Count, found.Count); i++) Assert.True(Oracle.AreSame(expected[i], found[i]), $"{about}: at {i} {found[i].Id} for {expected[i].Id}");
        Assert.True(expected.Count == found.Count, $"{about}: {found.Count} for {expected.Count}");
    }

    private static async Task ChangeAsync(Collection things, Random random)
    {
        var ids = Enumerable.Range(0, random.Next(1, 150)).Select(_ => $"{random.Next(400):000}").Distinct().ToList();
        if (random.Next(3) == 0)
            foreach (var id in ids.Take(25)) await things.DeleteAsync(id, null, Cancel);
        else
            await things.UpsertManyAsync([.. ids.Select(id => Thing(random, id))], cancellationToken: Cancel);
    }

    private static Record Thing(Random random, string id)
    {
        var record = new Record { Id = id, ["word"] = Words[random.Next(Words.Length)], ["flag"] = random.Next(4) == 0, ["other"] = random.Next(20) };
        // Longer than a key of an index, so that their order is only in the records.
        if (random.Next(3) == 0) record = record with { Fields = record.Fields.With("long", new string('x', 1030) + random.Next(4)) };
        return random.Next(8) switch
        {
            0 => record,
            1 => record with { Fields = record.Fields.With("n", "text") },
            2 => record with { Fields = record.Fields.With("n", random.Next(10) + 0.5) },
            _ => record with { Fields = record.Fields.With("n", random.Next(10)) },
        };
    }

    private static IndexDefinition Scalar(string path) => new(IndexKind.Scalar, FieldPath.Parse(path));
}

using Basalt.Conformance;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Sql;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.DuckDb.Sql;

/// <summary>SQL over collections of other backends.</summary>
public sealed class SqlTests : IAsyncDisposable
{
    private readonly Database _database = Database.OpenAsync("memory:").AsTask().GetAwaiter().GetResult();
    private readonly SqlSession _sql;

    public SqlTests()
    {
        DuckFixture.Require();
        _sql = new SqlSession(new DuckSettings { Threads = 2 });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collections_join_as_tables()
    {
        await AttachAsync("m", new Record { Id = "a", ["title"] = "Alien", ["year"] = 1979, ["by"] = "rs" }, new Record { Id = "b", ["title"] = "Brazil", ["year"] = 1985, ["by"] = "tg" }, new Record { Id = "c", ["title"] = "Cube" });
        await AttachAsync("who", new Record { Id = "rs", ["name"] = "Ridley Scott" });
        Assert.Equal(["""{"$$id":"a","title":"Alien","name":"Ridley Scott"}""", """{"$$id":"b","title":"Brazil","name":null}"""], Rows("""SELECT m."$id", m.title, who.name FROM m LEFT JOIN who ON m.by = who."$id" WHERE m.year > 1900 ORDER BY m.year"""));
        Assert.Equal(["""{"n":1}"""], Rows("SELECT count(*) AS n FROM M WHERE Year IS NULL"));
        Assert.Equal(["""{"count_star()":3}"""], Rows("SELECT count(*) FROM m"));
    }

    [Fact]
    public async Task Every_type_reaches_sql_as_its_own()
    {
        await AttachAsync("t", new Record
        {
            Id = "a", ["b"] = true, ["i"] = 5, ["d"] = 1.5, ["price"] = 1.50m, ["s"] = "text", ["since"] = DateTimeOffset.UnixEpoch, ["g"] = Guid.Empty, ["raw"] = new byte[] { 1 }, ["v"] = new[] { 1f, 2f },
            ["tags"] = new Value[] { "x", "y" }, ["place"] = new ValueMapBuilder().Set("city", "Rome").Set("zip", new ValueMapBuilder().Set("code", 7).Build()).Build(), ["mixed"] = new Value[] { 1, "x" }, ["UP"] = 1, ["up"] = 2,
        });
        Assert.Equal(["""{"b":"BOOLEAN","i":"BIGINT","d":"DOUBLE","price":"DECIMAL(38,10)","s":"VARCHAR","since":"TIMESTAMP WITH TIME ZONE","g":"UUID","raw":"BLOB","v":"FLOAT[]","tags":"VARCHAR[]","place":"STRUCT(city VARCHAR, zip STRUCT(code BIGINT))","mixed":"JSON[]"}"""],
            Rows("SELECT typeof(b) b, typeof(i) i, typeof(d) d, typeof(price) AS price, typeof(s) s, typeof(since) AS since, typeof(g) g, typeof(raw) raw, typeof(v) v, typeof(tags) tags, typeof(place) place, typeof(mixed) mixed FROM t"));
        Assert.Equal(["""{"tag":"x","city":"Rome","code":7,"dot":5.0,"up":1,"up_1":2}"""], Rows("SELECT tags[1] AS tag, place.city, place.zip.code, list_dot_product(v, v) AS dot, \"UP\" AS up, \"up~2\" AS up FROM t"));
    }

    [Theory]
    [InlineData("n > 5", "n > 5")]
    [InlineData("5 >= n AND s = 'it''s'", "n <= 5 and s = 'it''s'")]
    [InlineData("n BETWEEN -1 AND 2.5", "n between -1 and 2.5m")]
    [InlineData("d = 0.1", "d = 0.1")]
    [InlineData("d > 3", "d > 3")]
    [InlineData("n IN (1, 2) AND s NOT IN ('a')", "n in (1, 2) and s not in ('a')")]
    [InlineData("s LIKE '50\\%_'", @"s like '50\\%_'")]
    [InlineData("b = TRUE OR n IS NULL", "b = true or n is null")]
    [InlineData("s IS NOT NULL AND length(s) > 2", "s is not null")]
    [InlineData("\"$id\" = 'x'", "$id = 'x'")]
    [InlineData("N < 3", "n < 3")]
    [InlineData("NOT n > 5", "n <= 5")]
    [InlineData("n = 1e3", "n = 1000.0")]
    // What is not certain stays in DuckDB.
    [InlineData("n = '5'", "true")]
    [InlineData("n + 1 > 5", "true")]
    [InlineData("n > 5 OR length(s) > 2", "true")]
    [InlineData("NOT (n > 5 AND d = 1)", "true")]
    [InlineData("n = 9007199254740993e0", "true")]
    [InlineData("d = 9007199254740993", "true")]
    [InlineData("n > (SELECT 1)", "true")]
    [InlineData("s ILIKE 'a%'", "true")]
    [InlineData("n IN (1, NULL)", "true")]
    public async Task A_condition_is_pushed_when_it_means_the_same(string where, string filter)
    {
        var table = await SeedAsync();
        Rows($"SELECT count(*) FROM t WHERE {where}");
        Assert.Equal(filter, table.Pushed.ToString());
    }

    [Theory]
    [InlineData("SELECT * FROM t x WHERE x.n > 5", "n > 5")]
    [InlineData("SELECT * FROM (SELECT n FROM t WHERE n > 5) y WHERE y.n < 7", "n > 5")]
    [InlineData("WITH y AS (SELECT n FROM t WHERE n > 5) SELECT * FROM y a JOIN y b USING (n)", "n > 5")]
    [InlineData("SELECT * FROM t LEFT JOIN range(3) r ON t.n = r.range WHERE t.n > 5", "n > 5")]
    [InlineData("SELECT * FROM u JOIN t ON t.n = u.n WHERE t.n > 5 AND u.n < 3 AND s = 'a'", "n > 5")]
    [InlineData("SELECT * FROM t LEFT JOIN u ON t.n = u.n WHERE t.n > 5", "n > 5")]
    [InlineData("SELECT * FROM u LEFT JOIN t ON t.n = u.n WHERE t.n > 5 OR t.n IS NULL", "true")]
    [InlineData("SELECT * FROM u FULL JOIN t ON t.n = u.n WHERE t.n > 5", "true")]
    [InlineData("SELECT * FROM t POSITIONAL JOIN u WHERE t.n > 5", "true")]
    [InlineData("SELECT * FROM t a, t b WHERE a.n > 5", "true")]
    [InlineData("SELECT * FROM t WHERE n > 5 UNION ALL SELECT * FROM t", "true")]
    [InlineData("WITH t AS (SELECT 9 AS n) SELECT * FROM t WHERE n > 5", "true")]
    [InlineData("SELECT * FROM t TABLESAMPLE 50% WHERE n > 5", "true")]
    [InlineData("SELECT * FROM t AS x(k, n) WHERE n > 5", "true")]
    [InlineData("SELECT count(*) FILTER (n > 5) FROM t", "true")]
    [InlineData("SELECT n FROM t GROUP BY n HAVING n > 5", "true")]
    [InlineData("CREATE TABLE z AS SELECT * FROM t WHERE n > 5", "true")]
    public async Task A_condition_is_pushed_only_from_where_a_missing_row_makes_no_difference(string sql, string filter)
    {
        var table = await SeedAsync();
        await AttachAsync("u", new Record { Id = "a", ["n"] = 6 });
        Rows(sql);
        Assert.Equal(filter, table.Pushed.ToString());
    }

    [Fact]
    public async Task Pushed_conditions_change_no_answer()
    {
        var random = new Generator(Generator.SeedOfRun);
        var table = await SeedAsync(Enumerable.Range(0, 500).Select(i => new Record { Id = $"{i:000}", ["n"] = random.Next(20), ["d"] = random.Next(20) / 4.0, ["s"] = random.Pick(Specimens.Texts), ["b"] = random.Next(3) switch { 0 => true, 1 => false, _ => Value.Null } }));
        Rows("CREATE TABLE copy AS FROM t");
        var pushed = 0;
        for (var i = 0; i < 300; i++)
        {
            var where = string.Join(random.Next(3) == 0 ? " OR " : " AND ", Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Condition(random)));
            var found = Rows($"SELECT count(*) AS n, sum(n) AS s FROM t WHERE {where}");
            pushed += table.Pushed == Basalt.Filters.Filter.True ? 0 : 1;
            Assert.True(Rows($"SELECT count(*) AS n, sum(n) AS s FROM copy WHERE {where}").SequenceEqual(found), $"{Generator.SeedVariable}={random.Seed}: {where} pushed as {table.Pushed}");
        }

        Assert.InRange(pushed, 200, 300);
    }

    [Fact]
    public async Task A_filter_and_a_projection_reach_the_backend_and_the_plan_says_so()
    {
        var table = await SeedAsync(Enumerable.Range(0, 100).Select(static i => new Record { Id = $"{i:00}", ["n"] = i, ["d"] = 0.5, ["s"] = "x", ["b"] = true }));
        Rows("SELECT sum(d) FROM t WHERE n >= 90");
        Assert.Equal(10, table.Records);
        var plan = await _sql.ExplainAsync("SELECT sum(d) FROM t WHERE n >= 90 AND length(s) = 1", Cancel);
        Assert.Contains("pushed    n >= 90", plan);
        Assert.Contains("then, in DuckDB", plan);
        Assert.Contains("length", plan);
    }

    [Fact]
    public async Task A_plan_runs_nothing()
    {
        await SeedAsync();
        foreach (var sql in new[] { "SELECT 1; CREATE TABLE made (x INTEGER)", "" })
            Assert.Equal(ErrorCode.InvalidQuery, (await Assert.ThrowsAsync<BasaltException>(async () => await _sql.ExplainAsync(sql, Cancel))).Code);
        await _sql.ExplainAsync("CREATE TABLE made (x INTEGER)", Cancel);
        Assert.Equal(["""{"n":0}"""], Rows("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'made'"));
    }

    [Fact]
    public async Task A_view_or_macro_that_may_read_the_table_too_keeps_conditions_in_duckdb()
    {
        await SeedAsync([new Record { Id = "a", ["n"] = 1 }, new Record { Id = "b", ["n"] = 9 }]);
        Rows("CREATE VIEW all_of_it AS SELECT n FROM t; SELECT 1");
        Assert.Equal(["""{"n":2}"""], Rows("SELECT count(*) AS n FROM all_of_it, t WHERE t.n > 5"));
        Rows("DROP VIEW all_of_it; SELECT 1");
        Rows("CREATE MACRO some_of_it() AS TABLE SELECT n FROM t; SELECT 1");
        Assert.Equal(["""{"n":2}"""], Rows("SELECT count(*) AS n FROM some_of_it(), t WHERE t.n > 5"));
    }

    [Fact]
    public async Task A_value_of_another_type_than_the_sample_showed_is_told_of()
    {
        var things = _database.Collection("late");
        await things.CreateManyAsync([.. Enumerable.Range(0, 200).Select(static i => new Record { Id = $"{i:000}", ["n"] = i == 150 ? "a text" : i })]);
        await _sql.AttachAsync("late", things, 100, Cancel);
        var fault = Assert.Throws<BasaltException>(() => Rows("SELECT sum(n) FROM late"));
        Assert.Equal(ErrorCode.InvalidData, fault.Code);
        Assert.Contains("'150'", fault.Message);
        Assert.Contains("first 100 records", fault.Message);
        Assert.Equal(["""{"n":200}"""], Rows("SELECT count(*) AS n FROM late"));
        await _sql.AttachAsync("whole", things, long.MaxValue, Cancel);
        Assert.Equal(["""{"n":1}"""], Rows("SELECT count(*) AS n FROM whole WHERE json_type(n) = 'VARCHAR'"));
    }

    [Fact]
    public async Task A_closed_schema_needs_no_sample()
    {
        await _database.CreateCollectionAsync("strict", new Schema([new Field("n", FieldType.Double), new Field("spot", FieldType.Vector) { Dimension = 2 }], isOpen: false), Cancel);
        await _database.Collection("strict").CreateAsync(new Record { Id = "a", ["n"] = 5, ["spot"] = new[] { 3f, 4f } });
        await _sql.AttachAsync("strict", _database.Collection("strict"), 1, Cancel);
        Assert.Equal(["""{"n":5.0,"d":5.0}"""], Rows("SELECT n, array_distance(spot, [0, 0]::FLOAT[2]) AS d FROM strict"));
    }

    [Fact]
    public async Task A_collection_that_goes_away_is_told_of_by_its_own_fault()
    {
        await SeedAsync();
        await _database.DropCollectionAsync("t", Cancel);
        Assert.Equal(ErrorCode.NotFound, Assert.Throws<BasaltException>(() => Rows("SELECT sum(n) FROM t")).Code);
    }

    [Fact]
    public async Task A_cancellation_ends_a_statement_that_reads_a_collection()
    {
        await SeedAsync(Enumerable.Range(0, 3000).Select(static i => new Record { Id = $"{i:0000}", ["n"] = i, ["d"] = 0.5, ["s"] = "x", ["b"] = true }));
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answer = _sql.Run("SELECT a.n FROM t a, t b, t c", cancelling.Token);
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in answer.Read()) cancelling.Cancel();
        });
        answer.Dispose();
        Assert.Single(Rows("SELECT 1"));
    }

    [Fact]
    public async Task Names_that_clash_are_refused()
    {
        await SeedAsync();
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(async () => await _sql.AttachAsync("T", _database.Collection("t"), 1, Cancel))).Code);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await _sql.AttachAsync("x", _database.Collection("missing"), 1, Cancel))).Code);
        await _sql.AttachAsync("a \"name\"", _database.Collection("t"), 1, Cancel);
        Assert.Single(Rows("SELECT count(*) FROM \"a \"\"name\"\"\""));
    }

    public async ValueTask DisposeAsync()
    {
        _sql.Dispose();
        await _database.DisposeAsync();
    }

    private static string Condition(Generator random) => random.Next(9) switch
    {
        0 => $"n {random.Pick(new[] { "=", "<>", "<", "<=", ">", ">=" })} {random.Next(20)}",
        1 => $"d {random.Pick(new[] { "=", "<>", "<", ">=" })} {random.Next(20)}.{random.Pick(new[] { "25", "5", "75" })}",
        2 => $"{random.Next(20)}.5 {random.Pick(new[] { "<", ">" })} n",
        3 => $"s {random.Pick(new[] { "=", "<>", "<", ">" })} '{random.Pick(Specimens.Texts.Where(static text => !text.Contains('\0')).ToList()).Replace("'", "''", StringComparison.Ordinal)}'",
        4 => $"s LIKE '{random.Pick(new[] { "%a%", "_", "\\%", "%ä%", "%\\%" })}'",
        5 => $"b = {random.Pick(new[] { "TRUE", "FALSE" })}",
        6 => $"n BETWEEN {random.Next(10)} AND {random.Next(20)}",
        7 => $"b IS {random.Pick(new[] { "", "NOT " })}NULL",
        _ => $"n {random.Pick(new[] { "", "NOT " })}IN ({random.Next(20)}, {random.Next(20)}, 7)",
    };

    private async Task<AttachedTable> SeedAsync(IEnumerable<Record>? records = null)
    {
        await _database.Collection("t").CreateManyAsync([.. records ?? [new Record { Id = "a", ["n"] = 6, ["d"] = 0.1, ["s"] = "it's", ["b"] = true }]]);
        await _sql.AttachAsync("t", _database.Collection("t"), long.MaxValue, Cancel);
        return _sql.Tables[0];
    }

    private async Task AttachAsync(string name, params Record[] records)
    {
        await _database.Collection(name).CreateManyAsync(records);
        await _sql.AttachAsync(name, _database.Collection(name), SqlSession.DefaultSample, Cancel);
    }

    private List<string> Rows(string sql)
    {
        using var answer = _sql.Run(sql, Cancel);
        return [.. answer.Read().Select(static row => RecordJson.ToText(new Record(row)))];
    }
}

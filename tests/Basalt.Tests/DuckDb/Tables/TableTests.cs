using Basalt.Conformance;
using Basalt.DuckDb;
using Basalt.DuckDb.Connections;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.DuckDb.Tables;

/// <summary>What other programs find in a file, and what becomes of records that no column fits.</summary>
public sealed class TableTests
{
    [Fact]
    public async Task Another_program_finds_typed_columns()
    {
        await using var fixture = new BackendFixture();
        await fixture.Database.Collection("films").CreateManyAsync(
        [
            new Record { Id = "a", ["title"] = "Alien", ["year"] = 1979, ["rating"] = 8.5, ["seen"] = true, ["tags"] = new Value[] { "space" } },
            new Record { Id = "b", ["title"] = "Brazil", ["year"] = 1985, ["rating"] = 8, ["released"] = DateTimeOffset.UnixEpoch },
        ]);
        var rows = await fixture.WithSqlAsync(static connection => DuckFixture.All(connection.Query("SELECT \"$id\", title, year + 1, rating, seen, released, \"$rest\" FROM films ORDER BY year")));
        Assert.Equal(["'a'", "'Alien'", "1980", "8.5", "true", "null"], rows[0].Take(6).Select(static value => value.ToString()));
        Assert.Equal("""{"tags":["space"]}""", rows[0][6].AsString);
        // An integer among doubles: its column has the double, the rest says that it was an integer.
        Assert.Equal(["'b'", "'Brazil'", "1986", "8.0", "null"], rows[1].Take(5).Select(static value => value.ToString()));
        Assert.Equal("""{"rating":8}""", rows[1][6].AsString);
        Assert.Equal(ValueKind.Int64, (await fixture.Database.Collection("films").GetRequiredAsync("b"))["rating"].Kind);
    }

    [Fact]
    public async Task Every_value_reads_back_after_compression_and_reopening()
    {
        await using var fixture = new BackendFixture();
        var things = fixture.Database.Collection("things");
        // Many of one kind in a column, so that the file's compression takes hold of them.
        var records = Enumerable.Range(0, 20_000).Select(static i => new Record { Id = $"{i:00000}", ["zero"] = i % 100 == 7 ? -0.0 : 0.0, ["nan"] = double.NaN, ["v"] = Specimens.Values[i % Specimens.Values.Count], ["d"] = 1.50m, ["f"] = new[] { 0f, i % 50 == 3 ? -0f : 0f } }).ToArray();
        (await things.CreateManyAsync(records)).EnsureDone();
        await fixture.ReopenAsync();
        await fixture.WithSqlAsync(static connection => connection.Execute("CHECKPOINT"));
        var at = 0;
        await foreach (var record in fixture.Database.Collection("things").StreamAsync(Query.All)) Assert.True(Oracle.AreSame(records[at++].Fields, record.Fields), $"{records[at - 1]} reads {record}");
        Assert.Equal(records.Length, at);
    }

    [Fact]
    public async Task Declared_fields_have_columns_from_the_start()
    {
        await using var fixture = new BackendFixture();
        await fixture.Database.CreateCollectionAsync("points", new Schema([new Field("at", FieldType.Vector) { Dimension = 3 }, new Field("price", FieldType.Decimal), new Field("key", FieldType.Guid), new Field("any"), new Field("PRICE", FieldType.Int64)]));
        await fixture.Database.Collection("points").CreateAsync(new Record { Id = "a", ["at"] = new[] { 1f, 2f, 3f }, ["price"] = 2.50m, ["key"] = Guid.Empty, ["any"] = 5, ["PRICE"] = 7 });
        var rows = await fixture.WithSqlAsync(static connection => DuckFixture.All(connection.Query("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'points'")));
        Assert.Equal(["$id VARCHAR", "$version BIGINT", "$created TIMESTAMP_NS", "$updated TIMESTAMP_NS", "$rest VARCHAR", "at FLOAT[3]", "price DECIMAL(38,10)", "key UUID", "any BIGINT"], rows.Select(static row => $"{row[0].AsString} {row[1].AsString}"));
        var record = await fixture.Database.Collection("points").GetRequiredAsync("a");
        Assert.Equal(2, record["price"].AsDecimal.Scale);
        Assert.Equal(7, record["PRICE"]);
    }

    [Fact]
    public async Task Tables_of_others_stay_and_are_no_collections()
    {
        await using var fixture = new BackendFixture();
        await fixture.WithSqlAsync(static connection => connection.Execute("CREATE TABLE theirs (x INTEGER); INSERT INTO theirs VALUES (5); CREATE VIEW seen AS FROM theirs"));
        Assert.Empty(await fixture.Database.ListCollectionsAsync());
        await fixture.Database.Collection("THEIRS").CreateAsync(new Record { Id = "a", ["x"] = "ours" });
        await fixture.Database.Collection("seen").CreateAsync(new Record { Id = "a", ["x"] = "ours" });
        Assert.Equal("ours", (await fixture.Database.Collection("THEIRS").GetRequiredAsync("a"))["x"]);
        Assert.Equal(5L, await fixture.WithSqlAsync(static connection => DuckFixture.All(connection.Query("SELECT x FROM theirs"))[0][0].AsInt64));
    }

    [Fact]
    public async Task A_database_opened_for_reading_is_shared_and_takes_no_writes()
    {
        await using var fixture = new BackendFixture();
        await fixture.Database.Collection("things").CreateAsync(new Record { Id = "a", ["n"] = 1 });
        await fixture.Database.DisposeAsync();
        await using (var reading = await Database.OpenAsync($"duckdb:{fixture.Path}?readonly=true&threads=1&memory=128mb", new DatabaseOptions { Backends = BackendSet.Default.With(DuckDbBackend.Scheme) }))
        {
            Assert.Equal(1, (await reading.Collection("things").GetRequiredAsync("a"))["n"]);
            var refused = await Assert.ThrowsAsync<BasaltException>(async () => await reading.Collection("things").DeleteAsync("a"));
            Assert.Equal(ErrorCode.Unauthorized, refused.Code);
        }

        await fixture.ReopenAsync();
    }

    [Theory]
    [InlineData("duckdb:#x")]
    [InlineData("duckdb:/tmp#x")]
    [InlineData("duckdb:a.db?memory=5")]
    [InlineData("duckdb:a.db?threads=-1")]
    [InlineData("duckdb:a.db?readonly=perhaps")]
    [InlineData("duckdb:a.db?memroy=1gb")]
    public async Task Addresses_that_cannot_be_used_are_refused(string uri)
    {
        DuckFixture.Require();
        var refused = await Assert.ThrowsAsync<BasaltException>(async () => await Database.OpenAsync(uri, new DatabaseOptions { Backends = BackendSet.Default.With(DuckDbBackend.Scheme) }));
        Assert.Equal(ErrorCode.InvalidOptions, refused.Code);
    }

    [Fact]
    public async Task A_file_of_something_else_is_named_and_left_as_it_is()
    {
        DuckFixture.Require();
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, new string('x', 100_000));
        var refused = Assert.Throws<BasaltException>(() => DuckDbBackend.Open(new DuckDbOptions { Path = path }));
        Assert.Equal(ErrorCode.Corrupt, refused.Code);
        Assert.Equal(new string('x', 100_000), await File.ReadAllTextAsync(path));
        File.Delete(path);
    }

    [Fact]
    public async Task A_catalogue_that_is_spoilt_is_told_of_and_a_newer_format_is_refused()
    {
        await using var fixture = new BackendFixture();
        await fixture.Database.Collection("things").CreateAsync(new Record { Id = "a", ["n"] = 1 });
        await fixture.Database.DisposeAsync();
        foreach (var sql in new[] { "UPDATE basalt.collections SET layout = '{}'", "UPDATE basalt.collections SET schema = 'x'", "UPDATE basalt.format SET version = 2", "DELETE FROM basalt.format" })
        {
            var copy = fixture.Path + ".spoilt";
            File.Copy(fixture.Path, copy, overwrite: true);
            using (var database = DuckDatabase.Open(copy, new DuckSettings()))
            using (var connection = database.Connect()) connection.Execute(sql);
            Assert.Equal(ErrorCode.Corrupt, Assert.Throws<BasaltException>(() => DuckDbBackend.Open(new DuckDbOptions { Path = copy })).Code);
        }

        await fixture.ReopenAsync();
    }

    [Fact]
    public async Task A_stream_that_goes_on_after_the_database_was_disposed_keeps_the_file_until_it_ends()
    {
        await using var fixture = new BackendFixture();
        await fixture.Database.Collection("things").CreateManyAsync([.. Enumerable.Range(0, 5000).Select(static i => new Record { Id = $"{i}", ["n"] = i })]);
        await using (var stream = fixture.Database.Collection("things").StreamAsync(Query.All).GetAsyncEnumerator())
        {
            Assert.True(await stream.MoveNextAsync());
            await fixture.Database.DisposeAsync();
            Assert.Equal(ErrorCode.Locked, Assert.Throws<BasaltException>(() => DuckDbBackend.Open(new DuckDbOptions { Path = fixture.Path })).Code);
            var left = 1;
            while (await stream.MoveNextAsync()) left++;
            Assert.Equal(5000, left);
        }

        await fixture.ReopenAsync();
    }
}

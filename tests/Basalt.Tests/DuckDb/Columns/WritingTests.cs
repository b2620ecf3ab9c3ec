using Basalt.Conformance;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.Tests.DuckDb.Columns;

/// <summary>What is written through chunks and read back.</summary>
public sealed class WritingTests : IDisposable
{
    private readonly DuckFixture _duck = new();

    public static TheoryData<string> ScalarTypes => ["BOOLEAN", "BIGINT", "DOUBLE", "DECIMAL(38,10)", "VARCHAR", "BLOB", "UUID", "TIMESTAMPTZ", "TIMESTAMP_NS", "FLOAT[]", "FLOAT[3]", "VARCHAR[]", "BIGINT[][]", "STRUCT(x BIGINT, y VARCHAR)", "STRUCT(x DOUBLE, \"the list\" VARCHAR[])[]"];

    [Theory]
    [MemberData(nameof(ScalarTypes))]
    public void Random_values_read_back_as_their_fit_says(string sql)
    {
        var random = new Generator(Generator.SeedOfRun);
        _duck.Connection.Execute($"CREATE TABLE t (x {sql})");
        var written = new List<(Value Value, Fit Fit)>();
        using (var appender = new DuckAppender(_duck.Connection, null, "t"))
        {
            for (var i = 0; i < 5000; i++)
            {
                var value = ValueFor(sql, random);
                written.Add((value, appender.Write(0, value)));
                appender.EndRow();
            }

            appender.Complete();
        }

        // From the file's form of the column, too: compression must not change a bit of what fits exactly.
        var isVector = sql.StartsWith("FLOAT", StringComparison.Ordinal);
        using var rows = _duck.Connection.Query("SELECT x FROM t ORDER BY rowid");
        var at = 0;
        while (rows.Next())
        {
            for (var row = 0; row < rows.Count; row++, at++)
            {
                var read = isVector ? ColumnValues.ReadVector(rows[0], row) : ColumnValues.Read(rows[0], row);
                var (value, fit) = written[at];
                var about = $"{Generator.SeedVariable}={random.Seed}, row {at}: {value} as {fit} reads {read}";
                if (fit == Fit.None) Assert.True(read.IsNull, about);
                if (fit == Fit.Equal && !sql.StartsWith("STRUCT", StringComparison.Ordinal)) Assert.True(read.Equals(value), about);
                if (fit == Fit.Exact) Assert.True(Oracle.AreSame(value, read), about);
            }
        }

        Assert.Equal(written.Count, at);
        Assert.True(written.Count(static w => w.Fit == Fit.Exact) > 100, $"only {written.Count(static w => w.Fit == Fit.Exact)} of {sql} fit exactly");
    }

    [Fact]
    public void Judging_says_what_writing_does()
    {
        var random = new Generator(Generator.SeedOfRun);
        DuckType[] types = [DuckType.Boolean, DuckType.BigInt, DuckType.Double, DuckType.Decimal(38, 10), DuckType.Varchar, DuckType.Blob, DuckType.Uuid, DuckType.TimestampTz, DuckType.TimestampNanos, DuckType.List(DuckType.Of(DuckTypeId.Float))];
        using var chunk = new ChunkBuilder(types);
        var writers = types.Select(ValueWriter.Of).ToArray();
        for (var i = 0; i < 5000; i++)
        {
            if (chunk.IsFull) chunk.Clear();
            var value = random.Value(1);
            for (var column = 0; column < types.Length; column++)
            {
                var fit = chunk.Write(column, value);
                if (!value.IsNull) Assert.True(fit == writers[column].Judge(value), $"{Generator.SeedVariable}={random.Seed}: {value} into {types[column]} is {fit}");
            }

            chunk.EndRow();
        }
    }

    [Theory]
    [InlineData("1.50", 10, "15000000000")]
    [InlineData("-0.0000000001", 10, "-1")]
    [InlineData("0.00000000001", 10, null)]
    [InlineData("79228162514264337593543950335", 9, "79228162514264337593543950335000000000")]
    [InlineData("79228162514264337593543950335", 10, null)]
    [InlineData("1.0000000000000000000000000000", 0, "1")]
    [InlineData("-0.00", 3, "0")]
    public void Decimals_take_the_digits_that_a_column_has(string text, int scale, string? unscaled)
    {
        var fits = Scalars.TryToUnscaled(decimal.Parse(text), scale, out var found);
        Assert.Equal(unscaled is not null, fits);
        if (unscaled is not null) Assert.Equal(Int128.Parse(unscaled), found);
    }

    [Fact]
    public void An_appender_that_is_not_completed_leaves_the_table_as_it_was()
    {
        _duck.Connection.Execute("CREATE TABLE t (x BIGINT)");
        using (var appender = new DuckAppender(_duck.Connection, null, "t"))
        {
            appender.Write(0, 1);
            appender.EndRow();
        }

        Assert.Equal(0, _duck.One("SELECT count(*) FROM t"));
    }

    [Fact]
    public void An_appender_says_what_the_table_refuses()
    {
        _duck.Connection.Execute("CREATE TABLE t (x BIGINT NOT NULL)");
        using var appender = new DuckAppender(_duck.Connection, null, "t");
        appender.Write(0, Value.Null);
        appender.EndRow();
        var refused = Assert.Throws<BasaltException>(appender.Complete);
        Assert.True(refused.Code == ErrorCode.InvalidRecord, refused.Message);
        Assert.Equal(ErrorCode.NotFound, Assert.Throws<BasaltException>(() => new DuckAppender(_duck.Connection, null, "missing")).Code);
    }

    [Fact]
    public void A_million_rows_arrive_in_order()
    {
        _duck.Connection.Execute("CREATE TABLE t (n BIGINT, s VARCHAR)");
        using (var appender = new DuckAppender(_duck.Connection, null, "t"))
        {
            for (long i = 0; i < 1_000_000; i++)
            {
                appender.Write(0, i % 7 == 0 ? Value.Null : i);
                appender.Write(1, $"row number {i}");
                appender.EndRow();
            }

            appender.Complete();
        }

        Assert.Equal(1_000_000, _duck.One("SELECT count(*) FROM t WHERE s = 'row number ' || rowid AND n IS NOT DISTINCT FROM CASE WHEN rowid % 7 > 0 THEN rowid END"));
    }

    public void Dispose() => _duck.Dispose();

    private static Value ValueFor(string sql, Generator random)
    {
        if (random.Next(6) == 0) return random.Value(1);
        return sql switch
        {
            "BOOLEAN" => random.Next(2) == 0,
            "BIGINT" or "DOUBLE" or "DECIMAL(38,10)" => random.Pick(Specimens.Numbers),
            "VARCHAR" => random.Pick(Specimens.Texts),
            "VARCHAR[]" => Value.FromList(Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(5) == 0 ? Value.Null : random.Pick(Specimens.Texts))),
            "BIGINT[][]" => Value.FromList(Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(5) == 0 ? Value.Null : Value.FromList(Enumerable.Range(0, random.Next(4)).Select(i => (Value)i)))),
            "STRUCT(x BIGINT, y VARCHAR)" => new ValueMapBuilder().Set("y", random.Pick(Specimens.Texts)).Set("x", random.Next(10)).Build(),
            "FLOAT[]" or "FLOAT[3]" => Enumerable.Range(0, sql == "FLOAT[3]" ? 3 : random.Next(40)).Select(i => random.Next(20) == 0 ? -0f : i / 3f).ToArray(),
            "TIMESTAMPTZ" or "TIMESTAMP_NS" => DateTimeOffset.UnixEpoch.AddTicks(random.Next(int.MaxValue) * (sql == "TIMESTAMPTZ" ? 10_000_000L : 99_999_999L)),
            "UUID" => new Guid(random.Next(int.MaxValue), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            "BLOB" => Enumerable.Range(0, random.Next(30)).Select(i => (byte)(i * 17)).ToArray(),
            _ => Value.FromList(Enumerable.Range(0, random.Next(3)).Select(i => (Value)new ValueMapBuilder().Set("x", i + 0.5).Set("the list", new Value[] { "a", "b" }).Build())),
        };
    }
}

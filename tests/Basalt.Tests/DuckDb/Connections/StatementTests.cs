using Basalt.Conformance;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Feeds;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.Tests.DuckDb.Connections;

/// <summary>Statements, parameters, faults, cancellation.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly DuckFixture _duck = new();

    [Fact]
    public void Parameters_of_every_type_come_back_as_they_went()
    {
        foreach (var text in Specimens.Texts) Assert.Equal(text, _duck.One("SELECT $1", text).AsString);
        foreach (var number in new[] { long.MinValue, -1, 0, long.MaxValue }) Assert.Equal(number, _duck.One("SELECT $1", number).AsInt64);
        foreach (var number in new[] { double.MinValue, double.Epsilon, -0.0, double.NaN, double.PositiveInfinity }) Assert.Equal(number, _duck.One("SELECT $1", number).AsDouble);
        Assert.True(_duck.One("SELECT $1", true).AsBool);
        Assert.True(_duck.One("SELECT $1::INTEGER", Parameter.Null).IsNull);
        Assert.Equal(new byte[] { 0, 255, 1 }, _duck.One("SELECT $1", new byte[] { 0, 255, 1 }).AsBytes.ToArray());
        foreach (var guid in new[] { Guid.Empty, Guid.AllBitsSet, Guid.Parse("80112233-4455-6677-8899-aabbccddeeff") }) Assert.Equal(guid, _duck.One("SELECT $1", guid).AsGuid);
        Assert.Equal("170141183460469231731687303715884105727", _duck.One("SELECT $1::VARCHAR", Int128.MaxValue).AsString);
        Assert.Equal(-1.5m, _duck.One("SELECT $1", Parameter.Decimal(-15_000, 4)).AsDecimal);
        Assert.Equal("DECIMAL(38,4)", _duck.One("SELECT typeof($1)", Parameter.Decimal(-15_000, 4)).AsString);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMicroseconds(5), _duck.One("SELECT $1", Parameter.TimestampTz(5)).AsDateTime);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(-1), _duck.One("SELECT $1", Parameter.TimestampNanos(-100)).AsDateTime);
        Assert.Equal("1969-12-31", _duck.One("SELECT $1", Parameter.Date(-1)).AsString);
        Assert.Equal("1 month 2 days 00:00:03", _duck.One("SELECT $1", Parameter.Interval(new Interval(1, 2, 3_000_000))).AsString);
        Assert.Equal(["a", "", "日本"], _duck.One("SELECT $1", Parameter.TextList(["a", "", "日本"])).AsList.ToArray().Select(static item => item.AsString));
        Assert.Equal(2.5, _duck.One("SELECT list_sum($1)", Parameter.FloatList(new[] { 1f, 1.5f })).AsDouble);
    }

    [Fact]
    public void A_parameter_too_many_is_misuse()
    {
        using var statement = _duck.Connection.Prepare("SELECT $1::BIGINT");
        Assert.Equal(1, statement.ParameterCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => statement.Bind(2, 1L));
    }

    [Fact]
    public void A_statement_runs_again_with_other_parameters()
    {
        _duck.Connection.Execute("CREATE TABLE t (x BIGINT)");
        using var insert = _duck.Connection.Prepare("INSERT INTO t VALUES ($1), ($1 + 1)");
        for (var i = 0; i < 10; i++) Assert.Equal(2, insert.Bind(i * 10L).Execute());
        Assert.Equal(20, _duck.One("SELECT count(DISTINCT x) FROM t"));
    }

    [Fact]
    public void A_text_of_statements_runs_in_order_and_the_last_one_answers()
    {
        Assert.Equal([3L, 4L], _duck.All("CREATE TABLE t (x BIGINT); INSERT INTO t VALUES (3), (4); SELECT x FROM t ORDER BY x;").Select(static row => row[0].AsInt64));
        Assert.Equal(2, _duck.Connection.Execute("CREATE TABLE u AS FROM t; DELETE FROM u"));
    }

    [Theory]
    [InlineData("SELEC 1", ErrorCode.InvalidQuery, "Parser Error")]
    [InlineData("", ErrorCode.InvalidQuery, "no statement")]
    [InlineData("SELECT nope FROM range(1)", ErrorCode.InvalidQuery, "nope")]
    [InlineData("SELECT * FROM nope", ErrorCode.InvalidQuery, "nope")]
    [InlineData("SELECT 'x'::INTEGER", ErrorCode.InvalidQuery, "Conversion Error")]
    [InlineData("SELECT 1\0", ErrorCode.InvalidQuery, "NUL")]
    [InlineData("SELECT * FROM read_csv('/does/not/exist.csv')", ErrorCode.Unavailable, "exist.csv")]
    [InlineData("SELECT * FROM read_parquet('https://example.com/x.parquet')", ErrorCode.Unsupported, "not loaded by themselves")]
    [InlineData("SELECT CASE WHEN i > 5000 THEN error('late') ELSE i::VARCHAR END FROM range(10000) r(i)", ErrorCode.InvalidQuery, "late")]
    public void A_fault_has_a_code_and_the_words_of_the_library(string sql, ErrorCode code, string words)
    {
        var fault = Assert.Throws<BasaltException>(() => _duck.All(sql));
        Assert.Contains(words, fault.Message);
        Assert.Equal(code, fault.Code);
        Assert.Equal("duckdb", fault.Backend);
        // The connection goes on.
        Assert.Equal(1, _duck.One("SELECT 1"));
    }

    [Fact]
    public void A_stream_makes_only_what_is_asked_for()
    {
        using var rows = _duck.Connection.Query("SELECT i, i * 2 FROM range(1000000000000) r(i)");
        for (var i = 0; i < 10; i++) Assert.True(rows.Next());
        Assert.Equal(9 * 2048, rows[0].Values<long>()[0]);
    }

    [Fact]
    public async Task A_cancellation_interrupts_what_runs()
    {
        using var cancelling = new CancellationTokenSource();
        var endless = new Endless();
        TableFunction.Register(_duck.Connection, "endless", endless);
        var running = Task.Run(() => _duck.Connection.Execute("SELECT sum(n) FROM endless()", cancelling.Token));
        await endless.Begun.Task;
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(1, _duck.One("SELECT 1"));
        Assert.Throws<OperationCanceledException>(() => _duck.Connection.Execute("SELECT 1", cancelling.Token));
    }

    [Fact]
    public void A_cancellation_ends_a_stream()
    {
        using var cancelling = new CancellationTokenSource();
        using var rows = _duck.Connection.Query("SELECT i FROM range(1000000000000) r(i)", cancelling.Token);
        Assert.True(rows.Next());
        cancelling.Cancel();
        Assert.Throws<OperationCanceledException>(() => rows.Next());
    }

    [Fact]
    public void Settings_reach_the_library()
    {
        using var duck = new DuckFixture(new DuckSettings { MemoryBytes = 256L << 20, Threads = 3 });
        Assert.Equal("256.0 MiB", duck.One("SELECT current_setting('memory_limit')").AsString);
        Assert.Equal(3, duck.One("SELECT current_setting('threads')"));
        Assert.False(duck.One("SELECT current_setting('autoload_known_extensions')").AsBool);
        Assert.False(duck.One("SELECT current_setting('autoinstall_known_extensions')").AsBool);
    }

    [Fact]
    public void More_than_the_memory_is_spilled_to_the_folder_which_is_gone_afterwards()
    {
        string folder;
        using (var duck = new DuckFixture(new DuckSettings { MemoryBytes = DuckSettings.LeastMemoryBytes, Threads = 1 }))
        {
            folder = duck.One("SELECT current_setting('temp_directory')").AsString;
            // Some 200 MB of rows to sort.
            Assert.Equal(3_000_000, duck.One("SELECT count(*) FROM (SELECT i, repeat('x', 40) || i AS s FROM range(3000000) r(i) ORDER BY hash(i) LIMIT 3000000 OFFSET 0)"));
            Assert.Equal(1, duck.One("SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY hash(i), repeat('x', 60) || i) AS n FROM range(1500000) r(i)) WHERE n = 700000"));
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Settings_that_cannot_be_used_are_refused()
    {
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(static () => new DuckSettings { MemoryBytes = 1 }.Validate()).Code);
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(static () => new DuckSettings { Threads = 0 }.Validate()).Code);
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(static () => new DuckSettings { SpillFolder = "" }.Validate()).Code);
    }

    public void Dispose() => _duck.Dispose();

    /// <summary>A table without an end, that says when somebody reads it.</summary>
    private sealed class Endless : TableSource
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override IReadOnlyList<DuckField> Fields { get; } = [new("n", DuckType.BigInt)];

        public override RowFeed Open(IReadOnlyList<int> columns) => new Feed(Begun);

        private sealed class Feed(TaskCompletionSource begun) : RowFeed
        {
            private readonly ValueWriter[] _writers = [ValueWriter.Of(DuckType.BigInt)];

            public override void Fill(ref FeedChunk chunk)
            {
                begun.TrySetResult();
                chunk.Attach(_writers);
                for (; chunk.Count < FeedChunk.Capacity; chunk.Count++) _writers[0].Write(chunk.Count, 1);
            }

            public override void Dispose()
            {
            }
        }
    }
}

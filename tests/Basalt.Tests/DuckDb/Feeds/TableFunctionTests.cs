using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Feeds;
using Basalt.Records;

namespace Basalt.Tests.DuckDb.Feeds;

/// <summary>Tables whose rows come from .NET.</summary>
public sealed class TableFunctionTests : IDisposable
{
    private readonly DuckFixture _duck = new();
    private readonly Numbers _numbers = new(100_000);

    [Fact]
    public void Rows_come_chunk_by_chunk_and_only_the_columns_that_are_asked_for()
    {
        TableFunction.Register(_duck.Connection, "numbers", _numbers);
        Assert.Equal(["100000", "4999950000", "a row with a long text 99999"], Assert.Single(_duck.All("SELECT count(*), sum(n), max(s) FILTER (n = 99999) FROM numbers()")).Select(static value => value.ToString().Trim('\'')));
        Assert.Equal([0, 1], _numbers.LastColumns);
        _duck.All("SELECT max(odd) FROM numbers()");
        Assert.Equal([2], _numbers.LastColumns);
        Assert.Equal(50_000, _duck.One("SELECT count(odd) FROM numbers()"));
    }

    [Fact]
    public void A_table_that_a_statement_reads_twice_has_two_feeds()
    {
        TableFunction.Register(_duck.Connection, "numbers", _numbers);
        Assert.Equal(100_000, _duck.One("SELECT count(*) FROM numbers() a JOIN numbers() b USING (n)"));
        Assert.Equal(2, _numbers.Opened);
        Assert.Equal(2, _numbers.Closed);
    }

    [Fact]
    public void A_query_that_has_enough_reads_no_further()
    {
        TableFunction.Register(_duck.Connection, "numbers", _numbers);
        Assert.Equal(3, _duck.All("SELECT n FROM numbers() LIMIT 3").Count);
        Assert.True(_numbers.Rows < 50_000, $"{_numbers.Rows} rows were made");
        Assert.Equal(_numbers.Opened, _numbers.Closed);
    }

    [Fact]
    public void What_a_source_throws_ends_the_statement_and_is_kept()
    {
        var function = TableFunction.Register(_duck.Connection, "numbers", new Numbers(100_000) { FailsAt = 5000 });
        var fault = Assert.Throws<BasaltException>(() => _duck.All("SELECT sum(n) FROM numbers()"));
        Assert.Contains("row 5000 cannot be made", fault.Message);
        Assert.IsType<InvalidOperationException>(function.Failure!.SourceException);
        function.ForgetFailure();
        Assert.Null(function.Failure);
    }

    [Fact]
    public void Cardinality_reaches_the_plan()
    {
        TableFunction.Register(_duck.Connection, "numbers", _numbers);
        Assert.Contains("100,000", string.Concat(_duck.All("EXPLAIN SELECT * FROM numbers()").SelectMany(static row => row).Select(static value => value.ToString())));
    }

    public void Dispose() => _duck.Dispose();

    private sealed class Numbers(int rows) : TableSource
    {
        public int? FailsAt { get; init; }

        public int Opened { get; private set; }

        public int Closed { get; private set; }

        public long Rows { get; private set; }

        public IReadOnlyList<int> LastColumns { get; private set; } = [];

        public override IReadOnlyList<DuckField> Fields { get; } = [new("n", DuckType.BigInt), new("s", DuckType.Varchar), new("odd", DuckType.BigInt)];

        public override long? Cardinality => rows;

        public override RowFeed Open(IReadOnlyList<int> columns)
        {
            Opened++;
            LastColumns = columns;
            return new Feed(this, columns);
        }

        private sealed class Feed(Numbers source, IReadOnlyList<int> columns) : RowFeed
        {
            private readonly ValueWriter[] _writers = [.. columns.Select(column => ValueWriter.Of(source.Fields[column].Type))];
            private int _next;

            public override void Fill(ref FeedChunk chunk)
            {
                chunk.Attach(_writers);
                for (; chunk.Count < FeedChunk.Capacity && _next < source.Count; _next++, chunk.Count++)
                {
                    if (_next == source.FailsAt) throw new InvalidOperationException($"row {_next} cannot be made");
                    for (var i = 0; i < columns.Count; i++) _writers[i].Write(chunk.Count, columns[i] switch { 0 => _next, 1 => $"a row with a long text {_next}", _ => _next % 2 == 0 ? Value.Null : _next });
                }

                source.Rows += chunk.Count;
            }

            public override void Dispose() => source.Closed++;
        }

        private int Count => rows;
    }
}

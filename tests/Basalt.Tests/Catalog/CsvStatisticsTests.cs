using System.Text;
using Basalt.Catalog.Metadata;
using Basalt.Catalog.Statistics;

namespace Basalt.Tests.Catalog;

public sealed class CsvStatisticsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RowOrder.Clustered, 1)]
    [InlineData(RowOrder.Interleaved, 2)]
    [InlineData(RowOrder.Shuffled, 3)]
    public async Task Series_are_counted_as_by_hand_in_any_order_and_memory(RowOrder order, int parts)
    {
        var sample = new SampleDataset("d", seed: 7 + parts).Make(series: 900, files: 1, parts, longest: 12);
        var (_, content) = sample.Files(order).Single();
        var expected = sample.Rows.GroupBy(static r => SeriesKey.NameOf(r.Key)).OrderBy(static g => Convert.ToHexString(Encoding.UTF8.GetBytes(g.Key)), StringComparer.Ordinal)
            .Select(static g => $"{g.Key} {g.Count()} {g.Min(static r => r.Time):s} {g.Max(static r => r.Time):s}").ToList();
        var key = Enumerable.Range(0, parts).Select(static i => new ColumnDeclaration($"K{i}")).ToList();
        foreach (var memory in new long[] { 1 << 30, 30_000, 2_000 })
        {
            var (summary, series) = await ReadAsync(content, key, memory);
            Assert.Equal((sample.Rows.Count, expected.Count, "timestamp", 0L), (summary.Rows, summary.Series, summary.TimeColumn, summary.Untimed));
            Assert.Equal(expected, series);
            Assert.Equal(["text", "time", "double"], summary.Columns.Skip(parts - 1).Select(static c => c.Type));
        }
    }

    [Fact]
    public async Task Columns_have_types_nulls_and_what_is_not_finite()
    {
        var (summary, _) = await ReadAsync("""
            item_id,n,x,mixed,when,flag,blank,nan,big
            a,1,1.5,2020-01-01,2020-01-01,true,,NaN,12345678901234567890
            b,,NaN,7,2020-01-02T10:00:00Z,false,,-inf,1
            ,3,-Infinity,,,true,"",,2

            """u8.ToArray());
        Assert.Equal(
            [("item_id", "text", 1, 0), ("n", "int64", 1, 0), ("x", "double", 0, 2), ("mixed", "text", 1, 0), ("when", "time", 1, 0), ("flag", "bool", 0, 0), ("blank", "text", 2, 0), ("nan", "double", 1, 2), ("big", "decimal", 0, 0)],
            summary.Columns.Select(static c => (c.Name, c.Type, (int)c.Nulls, (int)c.NotFinite)));
        Assert.Equal((3, 3, null), (summary.Rows, summary.Series, summary.TimeColumn));
    }

    [Fact]
    public async Task Without_a_key_all_rows_are_one_series_and_unreadable_times_are_counted()
    {
        var (summary, series) = await ReadAsync("date,v\n2020-01-01,1\nyesterday,2\n2020-01-03 10:00:00+02:00,3\n2020-01-02,4\n"u8.ToArray());
        Assert.Equal((4, 1, "date", 1), (summary.Rows, summary.Series, summary.TimeColumn, (int)summary.Untimed));
        Assert.Equal([" 4 2020-01-01T00:00:00 2020-01-03T08:00:00"], series);
    }

    [Fact]
    public async Task A_header_without_rows_is_no_fault()
    {
        var (summary, series) = await ReadAsync("item_id,v\n"u8.ToArray());
        Assert.Equal((0, 0), (summary.Rows, summary.Series));
        Assert.Empty(series);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("item_id,v\na,1,2\n", "line 2")]
    [InlineData("item_id,v\na\n", "line 2")]
    [InlineData("item_id,v\n\"a,1\n", "not closed")]
    [InlineData("v,v\n", "twice")]
    [InlineData("item_id,v\na,\xFF\n", "UTF-8")]
    public async Task What_is_no_such_file_is_refused_with_its_place(string text, string words)
    {
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await ReadAsync(Encoding.Latin1.GetBytes(text)));
        Assert.Equal((ErrorCode.InvalidData, "f.csv"), (fault.Code, fault.Target));
        Assert.Contains(words, fault.Message);
    }

    [Fact]
    public async Task A_declared_key_must_be_there_and_names_may_not_be_longer_than_ids()
    {
        var missing = await Assert.ThrowsAsync<BasaltException>(async () => await ReadAsync("a,b\n1,2\n"u8.ToArray(), [new ColumnDeclaration("c")]));
        Assert.Contains("'c'", missing.Message);
        var tooLong = await Assert.ThrowsAsync<BasaltException>(async () => await ReadAsync(Encoding.UTF8.GetBytes($"item_id\n{new string('x', 501)}\n")));
        Assert.Contains("501 bytes", tooLong.Message);
    }

    [Fact]
    public async Task A_cut_gzip_file_is_a_fault_and_never_a_smaller_number()
    {
        var sample = new SampleDataset("d", seed: 3).Make(series: 50, files: 1);
        var (_, content) = sample.Files(RowOrder.Clustered, isGzip: true).Single();
        foreach (var length in new[] { content.Length - 1, content.Length / 2, 20, 5 })
            await Assert.ThrowsAsync<BasaltException>(async () => await ReadAsync(CsvStatistics.Decompress(new MemoryStream(content[..length])), [new ColumnDeclaration("k0")], 1 << 20));
        var (summary, _) = await ReadAsync(CsvStatistics.Decompress(new MemoryStream(content)), [new ColumnDeclaration("k0")], 1 << 20);
        Assert.Equal(sample.Rows.Count, summary.Rows);
    }

    [Fact]
    public void Quantiles_are_interpolated_as_sql_has_them()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var lengths = Enumerable.Range(0, random.Next(1, 60)).Select(_ => (long)random.Next(1, 20)).Order().ToList();
            var statistics = new LengthStatistics();
            foreach (var length in lengths.OrderBy(_ => random.Next())) statistics.See(length);
            var shares = new[] { 0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 };
            Assert.Equal(shares.Select(share =>
            {
                var place = share * (lengths.Count - 1);
                var low = (int)Math.Floor(place);
                return Math.Round(lengths[low] + ((place - low) * (lengths[Math.Min(low + 1, lengths.Count - 1)] - lengths[low])), 9);
            }), statistics.Quantiles(shares).Select(static q => Math.Round(q!.Value, 9)));
            Assert.Equal((lengths[0], lengths[^1], lengths.Average()), (statistics.Least, statistics.Most, statistics.Mean));
        }

        Assert.Equal([null], new LengthStatistics().Quantiles(0.5));
    }

    private static Task<(FileSummary Summary, List<string> Series)> ReadAsync(byte[] content, IReadOnlyList<ColumnDeclaration>? key = null, long memory = 1 << 20) => ReadAsync(new MemoryStream(content), key ?? [], memory);

    private static async Task<(FileSummary Summary, List<string> Series)> ReadAsync(Stream content, IReadOnlyList<ColumnDeclaration> key, long memory)
    {
        using var csv = new CsvStatistics(content, "f.csv", key, longestName: 500, memory);
        var series = new List<string>();
        var summary = await csv.ReadAsync(chunk =>
        {
            var reader = new FragmentReader(chunk);
            while (reader.Read())
            {
                var times = reader.Tally.Timed == 0 ? "" : $" {new DateTime(reader.Tally.First):s} {new DateTime(reader.Tally.Last):s}";
                series.Add($"{Encoding.UTF8.GetString(reader.Name)} {reader.Tally.Rows}{times}");
            }

            return ValueTask.CompletedTask;
        }, Token);
        return (summary, series);
    }
}

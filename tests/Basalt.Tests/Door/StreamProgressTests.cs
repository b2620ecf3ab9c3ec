using Basalt.Queries;

namespace Basalt.Tests.Door;

public sealed class StreamProgressTests
{
    /// <summary>Each look at the clock takes a tenth of a second.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += TimeSpan.TicksPerMillisecond * 100;
    }

    private sealed class Reports : List<StreamProgress>, IProgress<StreamProgress>
    {
        public void Report(StreamProgress value) => Add(value);
    }

    private static async Task<(Reports Reports, int Records)> Stream(Query query)
    {
        await using var db = await Database.OpenAsync("memory:", new DatabaseOptions { TimeProvider = new SteppingClock() });
        var numbers = db.Collection("numbers");
        (await numbers.CreateManyAsync([.. Enumerable.Range(0, 1000).Select(static i => new Record { ["n"] = i })])).EnsureDone();
        var reports = new Reports();
        var records = 0;
        await foreach (var _ in numbers.StreamAsync(query, reports)) records++;
        return (reports, records);
    }

    [Fact]
    public async Task Progress_is_reported_on_the_way_and_at_the_end()
    {
        var (reports, records) = await Stream(Query.All);
        Assert.Equal(1000, records);
        Assert.Equal([.. Enumerable.Range(1, 15).Select(static i => i * 64L), 1000L], reports.Select(static r => r.Records));
        Assert.All(reports, static r => Assert.Equal(1000, r.Total));
        Assert.Equal(0.064, reports[0].Fraction);
        Assert.Equal(1, reports[^1].Fraction);
        Assert.True(reports[^1].Elapsed > reports[0].Elapsed);
    }

    [Fact]
    public async Task The_total_of_a_page_is_what_the_page_holds()
    {
        var (reports, _) = await Stream(Query.All.Skip(900).Take(500));
        Assert.Equal([(64L, 100L), (100L, 100L)], reports.Select(static r => (r.Records, r.Total!.Value)));
    }

    [Fact]
    public async Task A_filter_leaves_the_total_to_the_end()
    {
        var (reports, _) = await Stream(Query.Where("n < 100"));
        Assert.Null(reports[0].Total);
        Assert.Null(reports[0].Fraction);
        Assert.Equal((100L, 100L), (reports[^1].Records, reports[^1].Total!.Value));
    }
}

using Basalt.Backends.Memory;
using Basalt.Migration;

namespace Basalt.Tests.Migration;

public sealed class ProgressTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>A clock that moves on by a fixed step whenever it is read.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += step.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);
    }

    private sealed class Recorder : IProgress<MoveProgress>
    {
        public List<MoveProgress> Reports { get; } = [];

        public void Report(MoveProgress value) => Reports.Add(value);
    }

    [Fact]
    public void Rate_fraction_and_rest_follow_from_the_counts()
    {
        var progress = new MoveProgress(MovePhase.Writing, 250, 5000, 1000, 20_000, TimeSpan.FromSeconds(10));
        Assert.Equal((25.0, 500.0, 0.25), (progress.RecordsPerSecond, progress.BytesPerSecond, progress.Fraction!.Value));
        Assert.Equal(TimeSpan.FromSeconds(30), progress.Remaining);
        Assert.Equal(0.25, (progress with { TotalRecords = null }).Fraction);
        Assert.Null((progress with { TotalRecords = null, TotalBytes = null }).Fraction);
        Assert.Null((progress with { TotalRecords = null, TotalBytes = null }).Remaining);
        Assert.Null((progress with { Records = 0 }).Remaining);
        Assert.Equal(0, (progress with { Elapsed = TimeSpan.Zero }).RecordsPerSecond);
        Assert.Equal(1, (progress with { Records = 0, TotalRecords = 0 }).Fraction);
        Assert.Equal(1, (progress with { Records = 2000 }).Fraction);
    }

    [Fact]
    public void Pace_of_a_resumed_move_counts_only_what_this_run_did()
    {
        var progress = new MoveProgress(MovePhase.Writing, 600, 0, 1000, null, TimeSpan.FromSeconds(10)) { ResumedRecords = 500 };
        Assert.Equal(10, progress.RecordsPerSecond);
        Assert.Equal(40, progress.Remaining!.Value.TotalSeconds, 6);
    }

    [Fact]
    public async Task Progress_is_reported_ten_times_a_second_and_at_the_end_of_each_phase()
    {
        var films = Database.Over(new MemoryBackend(), new DatabaseOptions { TimeProvider = new SteppingTime(TimeSpan.FromMilliseconds(1)) }).Collection("films");
        await using var source = _bench.Source("f.jsonl", string.Concat(Enumerable.Range(0, 1000).Select(static i => $"{{\"n\":{i}}}\n")));
        var recorder = new Recorder();
        await Importer.RunAsync(source, films, progress: recorder);
        foreach (var phase in Enum.GetValues<MovePhase>())
        {
            var reports = recorder.Reports.Where(r => r.Phase == phase).ToList();
            Assert.InRange(reports.Count, 9, 11);
            Assert.Equal((1000, 1.0), (reports[^1].Records, reports[^1].Fraction));
            Assert.All(reports.Zip(reports.Skip(1)).SkipLast(1), static pair => Assert.True(pair.Second.Elapsed - pair.First.Elapsed >= TimeSpan.FromMilliseconds(100)));
            Assert.Equal(reports.Select(static r => r.Records).Order(), reports.Select(static r => r.Records));
        }

        Assert.Equal(source.TotalBytes, recorder.Reports.Last(static r => r.Phase == MovePhase.Writing).Bytes);
    }
}

using Basalt.Engine.Nearest;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>The meter samples by count, holds little, and says how sure it is.</summary>
public sealed class RecallMeterTests
{
    [Fact]
    public void Every_nth_search_has_its_turn_whoever_asks()
    {
        var meter = new RecallMeter(10);
        Assert.Equal([0, 10, 20], Enumerable.Range(0, 30).Where(_ => meter.IsTurn()));
        var turns = 0;
        Parallel.For(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Interlocked.Add(ref turns, meter.IsTurn() ? 1 : 0));
        Assert.Equal(100, turns);
    }

    [Fact]
    public void A_recall_is_the_mean_over_searches_of_the_share_that_was_found()
    {
        var meter = new RecallMeter(1);
        Assert.True(double.IsNaN(meter.Estimate().Recall));
        Assert.Equal((0, 1), (meter.Estimate().Low, meter.Estimate().High));
        Measure([1, 2, 3, 4], [1, 2, 3, 4], 1);
        // One was missed, and one that is as near as the last counts as it; what is farther does not.
        Measure([1, 2, 4, 5], [1, 2, 3, 4], 0.875);
        Measure([], [], 2.75 / 3);
        Measure([9, 9.5f], [1, 2], 2.75 / 4);
        Measure([], [1], 2.75 / 5);
        Assert.Equal((5, 5L, 0, 0L, 0L), meter.Estimate() is var e ? (e.Searches, e.Measured, e.Waiting, e.Dropped, e.Failed) : default);

        void Measure(float[] found, float[] exact, double recall)
        {
            Assert.True(meter.Offer([.. found.Select(static d => new Hit(0, (int)(d * 10), d))], _ => [.. exact.Select(static d => new Hit(0, (int)(d * 10), d))]));
            Assert.True(meter.MeasureNext());
            Assert.Equal(recall, meter.Estimate().Recall, 6);
        }
    }

    [Fact]
    public void Another_one_at_the_same_distance_is_as_good()
    {
        var meter = new RecallMeter(1);
        meter.Offer([new Hit(0, 1, 1), new Hit(1, 7, 2.00001f)], static _ => [new Hit(0, 1, 1), new Hit(0, 2, 2)]);
        meter.MeasureNext();
        Assert.Equal(1, meter.Estimate().Recall);
        // But not twice the same.
        meter.Offer([new Hit(0, 1, 1), new Hit(0, 1, 1)], static _ => [new Hit(0, 1, 1), new Hit(0, 2, 2)]);
        meter.MeasureNext();
        Assert.Equal(0.75, meter.Estimate().Recall);
    }

    [Fact]
    public void It_holds_the_last_searches_and_few_that_wait()
    {
        var meter = new RecallMeter(1, window: 3, mostWaiting: 2);
        foreach (var isFound in new[] { false, false, true, true, true })
        {
            meter.Offer(isFound ? [new Hit(0, 0, 1)] : [], static _ => [new Hit(0, 0, 1)]);
            meter.MeasureNext();
        }

        Assert.Equal((1, 3, 5L), meter.Estimate() is var last ? (last.Recall, last.Searches, last.Measured) : default);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => meter.Offer([], static _ => [])));
        Assert.Equal((2, 1L), meter.Estimate() is var full ? (full.Waiting, full.Dropped) : default);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => meter.MeasureNext(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void An_exact_search_that_throws_is_counted_and_thrown_on()
    {
        var meter = new RecallMeter(1);
        meter.Offer([], static _ => throw new InvalidDataException("damaged"));
        Assert.Throws<InvalidDataException>(() => meter.MeasureNext());
        Assert.Equal((1L, 0L, 0), meter.Estimate() is var e ? (e.Failed, e.Measured, e.Waiting) : default);
    }

    [Theory]
    // By the formula, to four places, as tables of score intervals have them: 0 of 10, 5 of 10, 9 of 10, 10 of 10, 81 of 263.
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(9, 10, 0.5958, 0.9821)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(81, 263, 0.2553, 0.3662)]
    public void The_interval_is_that_of_Wilson(int successes, int count, double low, double high)
    {
        var interval = RecallMeter.WilsonInterval((double)successes / count, count);
        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void Numbers_less_than_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new RecallMeter(0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new RecallMeter(1, window: 0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new RecallMeter(1, mostWaiting: 0));
    }
}

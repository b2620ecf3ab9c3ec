using Basalt.Vectors.Search;

namespace Basalt.Tests.Vectors.Search;

/// <summary>A reservoir keeps what sorting would, whichever way it is filled.</summary>
public sealed class CandidateReservoirTests
{
    [Fact]
    public void It_keeps_what_sorting_would()
    {
        var random = new Random(11);
        var reservoir = new CandidateReservoir();
        for (var round = 0; round < 200; round++)
        {
            var (count, wanted) = (random.Next(1, 3_000), random.Next(1, 200));
            // Few different scores, so that many are equal; numbers in any order.
            var scores = Enumerable.Range(0, count).Select(_ => random.Next(-50, 50) / 4f).ToArray();
            var numbers = Enumerable.Range(0, count).Select(static i => (uint)i).ToArray();
            random.Shuffle(numbers);
            var expected = numbers.Select((number, i) => CandidateReservoir.KeyOf((int)number, scores[i])).Order().Take(wanted).ToArray();
            reservoir.Reset(wanted, count);
            for (var i = 0; i < count; i++) reservoir.Offer((int)numbers[i], scores[i]);
            Assert.Equal(expected, reservoir.Sorted().ToArray());
            reservoir.Reset(wanted, count);
            for (int at = 0, length; at < count; at += length)
            {
                length = Math.Min(random.Next(1, 300), count - at);
                reservoir.Offer(numbers.AsSpan(at, length), scores.AsSpan(at, length));
            }

            Assert.Equal(expected, reservoir.Sorted().ToArray());
        }
    }

    [Fact]
    public void A_guess_keeps_enough_or_shows_that_it_was_wrong()
    {
        var random = new Random(12);
        var reservoir = new CandidateReservoir();
        var right = 0;
        for (var round = 0; round < 100; round++)
        {
            var scores = Enumerable.Range(0, 10_000).Select(_ => random.NextSingle()).ToArray();
            var numbers = Enumerable.Range(0, scores.Length).Select(static i => (uint)i).ToArray();
            // Every tenth time the lowest come first, so that what was seen says too much of the rest.
            if (round % 10 == 0) Array.Sort(scores);
            reservoir.Reset(50, scores.Length);
            reservoir.Offer(numbers.AsSpan(0, 256), scores.AsSpan(0, 256));
            reservoir.Guess(256, scores.Length);
            reservoir.Offer(numbers.AsSpan(256), scores.AsSpan(256));
            var enough = reservoir.Count >= 50;
            Assert.True(enough || round % 10 == 0, $"round {round}");
            if (!enough) continue;
            right++;
            Assert.Equal(scores.Order().Take(50), reservoir.Sorted().ToArray().Select(CandidateReservoir.ScoreOf));
        }

        Assert.InRange(right, 90, 100);
    }
}

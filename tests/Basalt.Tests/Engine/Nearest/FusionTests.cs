using Basalt.Engine.Nearest;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Fused rankings beside sums written down one by one.</summary>
public sealed class FusionTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void Both_ways_give_the_sums_of_their_definitions()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 200; seed++)
        {
            var random = new Random(seed);
            var rankings = Enumerable.Range(0, random.Next(0, 4)).Select(_ => Ranked(random)).ToList();
            var k = random.Next(0, 30);
            var keys = rankings.SelectMany(static r => r.Keys).Distinct().ToList();
            Check(Fusion.ByRank(rankings, k), key => rankings.Sum(r => Place(r, key) is >= 0 and var at ? r.Weight / (60 + at + 1) : 0));
            Check(Fusion.ByScore(rankings, k), key => rankings.Sum(r => Place(r, key) is >= 0 and var at ? r.Weight * Scaled(r, at) : 0));

            void Check(IReadOnlyList<Fused<string>> fused, Func<string, double> score)
            {
                var expected = keys.Select(key => (key, Score: score(key))).OrderByDescending(static e => e.Score).ThenBy(static e => e.key).Take(k).ToList();
                Assert.True(expected.Count == fused.Count, $"BASALT_SEED={seed}");
                for (var i = 0; i < fused.Count; i++)
                {
                    Assert.True(Math.Abs(expected[i].Score - fused[i].Score) < 1e-12 && Math.Abs(score(fused[i].Key) - fused[i].Score) < 1e-12, $"BASALT_SEED={seed}: {i}");
                    Assert.Equal(rankings.Select(r => Place(r, fused[i].Key) is >= 0 and var at ? r.Scores[at] : (double?)null), fused[i].Parts);
                }

                Assert.Equal(fused.Count, fused.DistinctBy(static f => f.Key).Count());
            }
        }

        static int Place(Ranking<string> ranking, string key) => ranking.Keys.ToList().IndexOf(key);

        static double Scaled(Ranking<string> ranking, int at) => ranking.Scores.Max() is var most && ranking.Scores.Min() is var least && most > least ? (ranking.Scores[at] - least) / (most - least) : 1;
    }

    [Fact]
    public void Equal_scores_come_in_the_order_of_keys()
    {
        Ranking<string>[] rankings = [new(["b"], [7]), new(["a"], [0.1])];
        Assert.Equal(["a", "b"], Fusion.ByRank(rankings, 5).Select(static f => f.Key));
        Assert.Equal(["b", "a"], Fusion.ByRank(rankings, 5, Comparer<string>.Create(static (x, y) => string.CompareOrdinal(y, x))).Select(static f => f.Key));
        Assert.Equal(1.0 / 61, Fusion.ByRank(rankings, 1)[0].Score);
        Assert.Equal(0.5, Fusion.ByRank(rankings, 1, rankConstant: 1)[0].Score);
    }

    [Fact]
    public void Scores_of_any_size_are_scaled()
    {
        var fused = Fusion.ByScore([new Ranking<int>([1, 2, 3], [double.MaxValue, 0, -double.MaxValue])], 3);
        Assert.Equal([1, 0.5, 0], fused.Select(static f => f.Score));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        foreach (var ranking in new Ranking<int>[] { new([1, 1], [2, 1]), new([1], [2, 1]), new([1, 2], [1, 2]), new([1], [double.NaN]), new([1], [1], -1), new([1], [1], double.NaN), new([1], [1], double.PositiveInfinity) })
        {
            Assert.Throws<ArgumentException>(() => Fusion.ByRank([ranking], 3));
            Assert.Throws<ArgumentException>(() => Fusion.ByScore([ranking], 3));
        }

        Assert.Throws<ArgumentOutOfRangeException>(static () => Fusion.ByRank<int>([], -1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => Fusion.ByRank<int>([], 1, rankConstant: 0));
    }

    private static Ranking<string> Ranked(Random random)
    {
        var keys = Enumerable.Range(0, 20).Select(static i => $"k{i:d2}").ToArray();
        random.Shuffle(keys);
        var scores = Enumerable.Range(0, random.Next(0, 15)).Select(_ => (double)random.Next(-5, 5)).OrderDescending().ToArray();
        return new Ranking<string>(keys[..scores.Length], scores, random.Next(0, 4));
    }
}

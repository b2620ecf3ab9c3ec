using Basalt.Engine.Nearest;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Maximal marginal relevance beside its definition, written naively.</summary>
public sealed class MmrTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void It_chooses_what_the_definition_chooses()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 200; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(0, 30);
            // Few values, so that there are ties.
            var relevance = Enumerable.Range(0, count).Select(_ => random.Next(-4, 5) / 4.0).ToArray();
            var alike = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, count).Select(_ => random.Next(-4, 5) / 4.0).ToArray()).ToArray();
            var (lambda, k) = (random.Next(5) / 4.0, random.Next(0, count + 3));
            var chosen = new List<int>();
            while (chosen.Count < Math.Min(k, count))
                chosen.Add(Enumerable.Range(0, count).Except(chosen).MaxBy(i => chosen.Count == 0 ? relevance[i] : lambda * relevance[i] - (1 - lambda) * chosen.Max(j => alike[i][j])));
            Assert.True(chosen.SequenceEqual(Mmr.Choose(relevance, (i, j) => alike[i][j], lambda, k)), $"BASALT_SEED={seed}");
        }
    }

    [Fact]
    public void Lambda_one_is_relevance_alone_and_zero_is_difference_alone()
    {
        double[] relevance = [0.9, 0.8, 0.1];
        // The first two say the same.
        static double Alike(int i, int j) => Math.Max(i, j) == 1 ? 1 : 0;
        Assert.Equal([0, 1, 2], Mmr.Choose(relevance, Alike, 1, 3));
        Assert.Equal([0, 2, 1], Mmr.Choose(relevance, Alike, 0, 3));
        Assert.Equal([0, 2], Mmr.Choose(relevance, Alike, 0.5, 2));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        foreach (var lambda in new[] { -0.1, 1.1, double.NaN }) Assert.Throws<ArgumentException>(() => Mmr.Choose([1], static (_, _) => 0, lambda, 1));
        Assert.Throws<ArgumentException>(() => Mmr.Choose([double.NaN], static (_, _) => 0, 0.5, 1));
        Assert.Throws<ArgumentException>(() => Mmr.Choose([1, 2], static (_, _) => double.NaN, 0.5, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mmr.Choose([1], static (_, _) => 0, 0.5, -1));
    }
}

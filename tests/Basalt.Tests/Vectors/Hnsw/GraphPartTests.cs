using Basalt.Vectors.Hnsw;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>The parts that a walk is made of.</summary>
public sealed class GraphPartTests
{
    [Fact]
    public void Keys_order_like_scores_and_then_like_nodes()
    {
        float[] scores = [float.NegativeInfinity, float.MinValue, -1.5f, -float.Epsilon, 0, float.Epsilon, 1, 1.0000001f, float.MaxValue, float.PositiveInfinity];
        for (var i = 0; i < scores.Length; i++)
        {
            var key = CandidatePool.KeyOf(scores[i], 12_345);
            Assert.Equal((scores[i], 12_345U), (CandidatePool.ScoreOf(key), CandidatePool.NodeOf(key)));
            Assert.True(key < CandidatePool.KeyOf(scores[i], 12_346));
            if (i > 0) Assert.True(CandidatePool.KeyOf(scores[i - 1], int.MaxValue - 1U) < key);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(64)]
    [InlineData(1_000)]
    public void A_pool_keeps_the_best_sorted_and_knows_the_next(int limit)
    {
        var random = new Random(limit);
        var pool = new CandidatePool();
        for (var round = 0; round < 3; round++)
        {
            pool.Begin(limit);
            var (model, expanded) = (new SortedSet<ulong>(), new HashSet<uint>());
            for (var node = 0U; node < 3_000; node++)
            {
                var key = CandidatePool.KeyOf(random.Next(200), node);
                Assert.Equal(model.Count < limit || key < model.Max, key < pool.Bound);
                if (key < pool.Bound)
                {
                    pool.Add(key);
                    model.Add(key);
                    if (model.Count > limit) model.Remove(model.Max);
                }

                if (random.Next(3) == 0 && pool.Next < pool.Count)
                {
                    var next = model.First(k => !expanded.Contains(CandidatePool.NodeOf(k)));
                    Assert.Equal(CandidatePool.NodeOf(next), pool.Take());
                    expanded.Add(CandidatePool.NodeOf(next));
                }

                if (node % 100 == 0) Assert.Equal(model, pool.Keys.ToArray().Select(static k => k & ~1UL));
            }
        }
    }

    [Fact]
    public void Visited_nodes_are_forgotten_with_every_walk()
    {
        var seen = new VisitedNodes();
        for (var walk = 0; walk < 600; walk++)
        {
            seen.Begin(100 + walk * 10);
            Assert.True(seen.Add((uint)(walk % 100)));
            Assert.False(seen.Add((uint)(walk % 100)));
            Assert.True(seen.Add((uint)(99 + walk * 10 - walk % 2)));
        }
    }

    [Fact]
    public void One_node_in_M_reaches_each_further_level()
    {
        var levels = Enumerable.Range(0, 100_000).GroupBy(static i => GraphGrowth.LevelOf(42, (ulong)i, 16)).ToDictionary(static g => g.Key, static g => g.Count());
        Assert.InRange(levels[0], 93_000, 94_500);
        Assert.InRange(levels[1], 5_500, 6_200);
        Assert.InRange(levels.Keys.Max(), 3, 7);
    }
}

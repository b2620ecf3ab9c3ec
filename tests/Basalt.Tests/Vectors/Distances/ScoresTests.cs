using Basalt.Vectors;
using Basalt.Vectors.Distances;

namespace Basalt.Tests.Vectors.Distances;

public sealed class ScoresTests
{
    [Fact]
    public void A_range_holds_exactly_the_scores_that_are_reported_within_it()
    {
        var random = new Random(3);
        foreach (var metric in Enum.GetValues<Metric>())
        {
            for (var i = 0; i < 1_000; i++)
            {
                var distance = (float)(random.NextDouble() * (metric == Metric.Cosine ? 2 : 1e3));
                var score = Scores.FromDistance(metric, distance);
                Assert.True(Scores.ToDistance(metric, score) <= distance);
                Assert.True(Scores.ToDistance(metric, MathF.BitIncrement(score)) > distance);
            }
        }
    }

    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.Cosine)]
    public void No_score_is_within_a_negative_distance(Metric metric) => Assert.Equal(float.NegativeInfinity, Scores.FromDistance(metric, -1e-3f));

    [Fact]
    public void Every_score_is_within_infinity()
    {
        foreach (var metric in Enum.GetValues<Metric>()) Assert.Equal(float.PositiveInfinity, Scores.FromDistance(metric, float.PositiveInfinity));
    }

    [Fact]
    public void Distances_are_what_the_metric_says()
    {
        Assert.Equal(3, Scores.ToDistance(Metric.L2, 9));
        Assert.Equal(0.25f, Scores.ToDistance(Metric.Cosine, -0.75f));
        Assert.Equal(0, Scores.ToDistance(Metric.Cosine, -1.0000001f));
        Assert.Equal(-7, Scores.ToDistance(Metric.Dot, -7));
        Assert.Equal(7, Scores.ToDistance(Metric.L1, 7));
    }
}

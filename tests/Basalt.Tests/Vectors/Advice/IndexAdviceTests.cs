using Basalt.Vectors;
using Basalt.Vectors.Advice;

namespace Basalt.Tests.Vectors.Advice;

public sealed class IndexAdviceTests
{
    private const long GiB = 1L << 30;

    [Theory]
    [InlineData(0, 128, Metric.L2, ElementType.Float32, GiB, AdvisedIndex.Flat, AdvisedCode.None, true)]
    [InlineData(10_000, 128, Metric.L2, ElementType.Float32, GiB, AdvisedIndex.Flat, AdvisedCode.None, true)]
    [InlineData(100_000, 128, Metric.L2, ElementType.Float32, GiB, AdvisedIndex.Hnsw, AdvisedCode.Int8, true)]
    [InlineData(100_000, 128, Metric.L1, ElementType.Float32, GiB, AdvisedIndex.Hnsw, AdvisedCode.None, true)]
    [InlineData(1_000_000, 16, Metric.L2, ElementType.Float32, GiB, AdvisedIndex.Hnsw, AdvisedCode.None, true)]
    [InlineData(10_000_000, 768, Metric.Cosine, ElementType.Float32, 16 * GiB, AdvisedIndex.Hnsw, AdvisedCode.Int8, false)]
    [InlineData(10_000_000, 768, Metric.Cosine, ElementType.Float32, 4 * GiB, AdvisedIndex.IvfPq, AdvisedCode.Product4, false)]
    [InlineData(1_000_000_000, 128, Metric.L2, ElementType.Float32, 32 * GiB, AdvisedIndex.IvfPq, AdvisedCode.Product4, false)]
    [InlineData(1_000_000, 1024, Metric.Hamming, ElementType.Bit, GiB, AdvisedIndex.Hnsw, AdvisedCode.None, true)]
    [InlineData(1_000_000, 256, Metric.Dot, ElementType.Int8, GiB, AdvisedIndex.Hnsw, AdvisedCode.None, true)]
    public void The_kind_follows_from_number_shape_and_budget(long count, int dimension, Metric metric, ElementType type, long budget, AdvisedIndex index, AdvisedCode code, bool areResident)
    {
        var advice = IndexAdvice.For(count, dimension, metric, type, budget);
        Assert.Equal((index, code, areResident), (advice.Index, advice.Code, advice.AreVectorsResident));
        Assert.True(advice.FitsBudget);
        Assert.InRange(advice.ResidentBytes, 0, budget);
        Assert.NotEmpty(advice.Reasons);
        Assert.All(advice.Reasons, static reason => Assert.EndsWith(".", reason, StringComparison.Ordinal));
        Assert.Equal(index == AdvisedIndex.Hnsw, advice.M > 0 && advice.EfConstruction > 0);
        Assert.Equal(index == AdvisedIndex.IvfPq, advice.Lists > 0 && advice.Subspaces > 0);
        Assert.Equal(index != AdvisedIndex.Flat, advice.Effort > 0);
    }

    [Fact]
    public void More_memory_never_makes_it_worse()
    {
        foreach (var metric in new[] { Metric.L2, Metric.Cosine, Metric.Dot })
        {
            var last = int.MaxValue;
            for (var budget = GiB / 16; budget <= 256 * GiB; budget *= 2)
            {
                var advice = IndexAdvice.For(5_000_000, 384, metric, ElementType.Float32, budget);
                var rank = (advice.FitsBudget ? 0 : 8) + (advice.Index == AdvisedIndex.IvfPq ? 4 : 0) + (advice.AreVectorsResident ? 0 : 1);
                Assert.True(rank <= last, $"{budget} bytes give {advice}");
                last = rank;
            }

            Assert.Equal(0, last);
        }
    }

    [Fact]
    public void A_budget_that_nothing_fits_is_said_to_be_one()
    {
        foreach (var (metric, type) in new[] { (Metric.L2, ElementType.Float32), (Metric.L1, ElementType.Float32), (Metric.Dot, ElementType.Int8) })
        {
            var advice = IndexAdvice.For(10_000_000, 128, metric, type, 1 << 20);
            Assert.False(advice.FitsBudget);
            Assert.True(advice.ResidentBytes > 1 << 20);
            Assert.Contains("budget", advice.Reasons[^1]);
        }
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexAdvice.For(-1, 4, Metric.L2, ElementType.Float32, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexAdvice.For(1L << 32, 4, Metric.L2, ElementType.Float32, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexAdvice.For(1, 0, Metric.L2, ElementType.Float32, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexAdvice.For(1, 4, Metric.L2, ElementType.Float32, 0));
        Assert.Throws<ArgumentException>(() => IndexAdvice.For(1, 4, Metric.Hamming, ElementType.Float32, 1));
    }
}

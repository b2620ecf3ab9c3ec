using Basalt.Vectors;

namespace Basalt.Tests.Vectors;

public sealed class VectorRulesTests
{
    [Theory]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.None, 1f, 2f)]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.None, 0f, 0f)]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.WrongDimension, 1f)]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.WrongDimension, 1f, 2f, 3f)]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.NotFinite, 1f, float.NaN)]
    [InlineData(Metric.Cosine, ElementType.Float32, VectorFault.NotFinite, float.PositiveInfinity, 1f)]
    [InlineData(Metric.Dot, ElementType.Float32, VectorFault.NotFinite, float.NegativeInfinity, float.PositiveInfinity)]
    [InlineData(Metric.L2, ElementType.Float32, VectorFault.OutOfRange, 3e38f, 0f)]
    [InlineData(Metric.L1, ElementType.BFloat16, VectorFault.OutOfRange, 1e19f, 0f)]
    [InlineData(Metric.Cosine, ElementType.Float32, VectorFault.None, 3e38f, 3e38f)]
    [InlineData(Metric.Cosine, ElementType.Float32, VectorFault.None, 1e-45f, 0f)]
    [InlineData(Metric.Cosine, ElementType.Float32, VectorFault.Zero, 0f, -0f)]
    [InlineData(Metric.Cosine, ElementType.Float16, VectorFault.None, 1e6f, 0f)]
    [InlineData(Metric.L2, ElementType.Float16, VectorFault.None, 65504f, 0f)]
    [InlineData(Metric.L2, ElementType.Float16, VectorFault.OutOfRange, 65520f, 0f)]
    [InlineData(Metric.Dot, ElementType.Int8, VectorFault.None, -128f, 127f)]
    [InlineData(Metric.Dot, ElementType.Int8, VectorFault.OutOfRange, -129f, 0f)]
    [InlineData(Metric.Dot, ElementType.Int8, VectorFault.OutOfRange, 0.5f, 0f)]
    [InlineData(Metric.Hamming, ElementType.Bit, VectorFault.None, 1f, 0f)]
    [InlineData(Metric.Hamming, ElementType.Bit, VectorFault.OutOfRange, 2f, 0f)]
    [InlineData(Metric.Hamming, ElementType.Bit, VectorFault.NotFinite, float.NaN, 0f)]
    public void A_vector_is_taken_or_has_a_fault(Metric metric, ElementType type, VectorFault fault, params float[] vector)
    {
        Assert.Equal(fault, VectorRules.Check(vector, 2, metric, type));
        Assert.NotEmpty(VectorRules.Describe(fault, vector.Length, 2));
    }

    [Fact]
    public void A_fault_is_found_wherever_it_is()
    {
        for (var dimension = 1; dimension < 70; dimension++)
        {
            for (var at = 0; at < dimension; at++)
            {
                var vector = VectorSamples.Next(new Random(at), dimension);
                vector[at] = float.NaN;
                Assert.Equal(VectorFault.NotFinite, VectorRules.Check(vector, dimension, Metric.L2, ElementType.Float32));
            }
        }
    }

    [Fact]
    public void A_query_may_be_larger_than_half_precision_holds() =>
        Assert.Equal(VectorFault.None, VectorRules.CheckQuery([1e6f, 0], 2, Metric.L2, ElementType.Float16));
}

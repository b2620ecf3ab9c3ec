using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Memory;

public sealed unsafe class RowCodecTests
{
    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.Bit)]
    public void Exact_types_give_back_what_they_were_given(ElementType type)
    {
        var random = new Random(7);
        for (var dimension = 1; dimension < 140; dimension++)
        {
            var vector = VectorSamples.Next(random, dimension, type);
            Assert.Equal(vector, RoundTrip(vector, Metric.L2, type));
        }
    }

    [Theory]
    [InlineData(ElementType.Float16, 11)]
    [InlineData(ElementType.BFloat16, 8)]
    public void Short_floats_round_to_the_nearest(ElementType type, int significantBits)
    {
        var vector = VectorSamples.Next(new Random(9), 1_000);
        var stored = RoundTrip(vector, Metric.L2, type);
        for (var i = 0; i < vector.Length; i++) Assert.True(Math.Abs(stored[i] - vector[i]) <= Math.Max(Math.Abs(vector[i]) * Math.Pow(2, -significantBits), Math.Pow(2, -25)), $"{vector[i]} became {stored[i]}");
    }

    [Fact]
    public void The_largest_numbers_stay_finite_as_bfloat16() =>
        Assert.All(RoundTrip([float.MaxValue, -float.MaxValue], Metric.L2, ElementType.BFloat16), static element => Assert.True(float.IsFinite(element)));

    [Theory]
    [InlineData(1e-38f)]
    [InlineData(1e-44f)]
    [InlineData(1f)]
    [InlineData(3e38f)]
    public void Cosine_vectors_get_length_one_whatever_their_size(float size)
    {
        var stored = RoundTrip([size, -size, size, size], Metric.Cosine, ElementType.Float32);
        Assert.Equal([0.5f, -0.5f, 0.5f, 0.5f], stored);
    }

    [Fact]
    public void What_lies_behind_the_elements_is_zero()
    {
        foreach (var type in Enum.GetValues<ElementType>())
        {
            var stride = VectorRows.StrideOf(type, 3);
            var row = new AlignedBytes().Take(stride);
            new Span<byte>(row, stride).Fill(0xFF);
            RowCodec.Encode([1, 0, 1], Metric.L2, type, row);
            var used = type switch { ElementType.Float32 => 12, ElementType.Int8 => 3, ElementType.Bit => 1, _ => 6 };
            Assert.False(new Span<byte>(row, stride)[used..].ContainsAnyExcept((byte)0));
            if (type == ElementType.Bit) Assert.Equal(0b101, *row);
        }
    }

    private static float[] RoundTrip(float[] vector, Metric metric, ElementType type)
    {
        var row = new AlignedBytes().Take(VectorRows.StrideOf(type, vector.Length));
        RowCodec.Encode(vector, metric, type, row);
        var decoded = new float[vector.Length];
        RowCodec.Decode(row, type, decoded);
        return decoded;
    }
}

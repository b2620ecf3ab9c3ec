using System.Runtime.Intrinsics;
using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Distances;

/// <summary>The paths for narrower registers than this machine has give the same answers.</summary>
public sealed unsafe class WidthTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(192)]
    [InlineData(1536)]
    public void Every_width_of_a_float_kernel_agrees(int dimension)
    {
        CompareFloats<L2Step, Float32Elements>(Metric.L2, ElementType.Float32, dimension);
        CompareFloats<L2Step, Float16Elements>(Metric.L2, ElementType.Float16, dimension);
        CompareFloats<L2Step, BFloat16Elements>(Metric.L2, ElementType.BFloat16, dimension);
        CompareFloats<DotStep, Float32Elements>(Metric.Dot, ElementType.Float32, dimension);
        CompareFloats<DotStep, Float16Elements>(Metric.Dot, ElementType.Float16, dimension);
        CompareFloats<DotStep, BFloat16Elements>(Metric.Dot, ElementType.BFloat16, dimension);
        CompareFloats<L1Step, Float32Elements>(Metric.L1, ElementType.Float32, dimension);
        CompareFloats<L1Step, Float16Elements>(Metric.L1, ElementType.Float16, dimension);
        CompareFloats<L1Step, BFloat16Elements>(Metric.L1, ElementType.BFloat16, dimension);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(192)]
    [InlineData(4096)]
    [InlineData(VectorRows.MaxDimension)]
    public void Every_width_of_an_int8_kernel_is_exact_even_at_the_ends_of_the_range(int dimension)
    {
        var random = new Random(dimension);
        foreach (var (left, right) in new[] { (-128, 127), (-128, -128), (127, 127), (0, 0) }) Compare(Filled(left), Filled(right));
        for (var i = 0; i < 5; i++) Compare(VectorSamples.Next(random, dimension, ElementType.Int8), VectorSamples.Next(random, dimension, ElementType.Int8));

        float[] Filled(int value)
        {
            var vector = new float[dimension];
            Array.Fill(vector, value);
            return vector;
        }

        void Compare(float[] left, float[] right)
        {
            CompareInt8<L2Step>(Metric.L2, left, right);
            CompareInt8<DotStep>(Metric.Dot, left, right);
            CompareInt8<L1Step>(Metric.L1, left, right);
        }
    }

    [Fact]
    public void Every_finite_half_is_read_exactly()
    {
        var halves = Enumerable.Range(0, 65_536).Select(static bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite).ToArray();
        var expected = halves.Select(static half => (float)half).ToArray();
        fixed (Half* first = halves)
        {
            for (var i = 0; i <= halves.Length - 16; i += 16)
            {
                for (var j = 0; j < 16; j++) Assert.Equal(expected[i + j], Float16Elements.Load512((byte*)first, i)[j]);
                for (var j = 0; j < 8; j++) Assert.Equal(expected[i + j], Float16Elements.Load256((byte*)first, i)[j]);
                for (var j = 0; j < 4; j++) Assert.Equal(expected[i + j], Float16Elements.Load128((byte*)first, i)[j]);
            }
        }
    }

    [Fact]
    public void Pairs_are_multiplied_alike_with_and_without_the_instruction()
    {
        var random = new Random(5);
        for (var i = 0; i < 100; i++)
        {
            var left = Vector128.Create(random.NextInt64(), random.NextInt64()).AsInt16() >> 7;
            var right = Vector128.Create(random.NextInt64(), random.NextInt64()).AsInt16() >> 7;
            Assert.Equal(Vector128.Sum(PairProducts.Portable(left, right)), Vector128.Sum(PairProducts.Add(left, right)));
        }
    }

    private static void CompareFloats<TStep, TElements>(Metric metric, ElementType type, int dimension)
        where TStep : struct, IFloatStep
        where TElements : struct, IFloatElements
    {
        var random = new Random(dimension);
        using var buffer = new VectorBuffer(type, dimension, 4);
        var vectors = new float[4][];
        for (var i = 0; i < 4; i++)
        {
            RowCodec.Encode(VectorSamples.Next(random, dimension, type), metric, type, buffer.Next());
            buffer.Publish();
            RowCodec.Decode(buffer.Rows[i], type, vectors[i] = new float[dimension]);
        }

        var rows = buffer.Rows;
        var vector = VectorSamples.Next(random, dimension);
        var query = (float*)new AlignedBytes().Take(dimension * sizeof(float));
        vector.CopyTo(new Span<float>(query, dimension));
        for (var i = 0; i < 4; i++)
        {
            var expected = ScalarDistance.Score(metric, vector, vectors[i]);
            var bound = ScalarDistance.Bound(metric, vector, vectors[i]);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Score512(query, rows[i], dimension), bound);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Score256(query, rows[i], dimension), bound);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Score128(query, rows[i], dimension), bound);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Four512(query, rows[0], rows[1], rows[2], rows[3], dimension)[i], bound);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Four256(query, rows[0], rows[1], rows[2], rows[3], dimension)[i], bound);
            Assert.Equal(expected, FloatDistance<TStep, TElements>.Four128(query, rows[0], rows[1], rows[2], rows[3], dimension)[i], bound);
        }
    }

    private static void CompareInt8<TStep>(Metric metric, float[] left, float[] right) where TStep : struct, IInt8Step
    {
        var dimension = left.Length;
        var memory = new AlignedBytes().Take(2L * dimension);
        byte* query = memory, row = memory + dimension;
        RowCodec.Encode(left, metric, ElementType.Int8, query);
        RowCodec.Encode(right, metric, ElementType.Int8, row);
        // The sum without the sign of the score, as the 32 bits that it fits in.
        var expected = (uint)(long)Math.Abs(ScalarDistance.Score(metric, left, right));
        if (metric == Metric.Dot) expected = (uint)(long)-ScalarDistance.Score(metric, left, right);
        Assert.Equal(expected, (uint)Int8Distance<TStep>.Sum512(query, row, dimension));
        Assert.Equal(expected, (uint)Int8Distance<TStep>.Sum256(query, row, dimension));
        Assert.Equal(expected, (uint)Int8Distance<TStep>.Sum128(query, row, dimension));
        Assert.Equal(Vector128.Create(expected), Int8Distance<TStep>.Four512(query, row, row, row, row, dimension).AsUInt32());
        Assert.Equal(Vector128.Create(expected), Int8Distance<TStep>.Four256(query, row, row, row, row, dimension).AsUInt32());
        Assert.Equal(Vector128.Create(expected), Int8Distance<TStep>.Four128(query, row, row, row, row, dimension).AsUInt32());
        Assert.Equal((float)ScalarDistance.Score(metric, left, right), Int8Distance<TStep>.Score(query, row, dimension));
        Assert.Equal(Vector128.Create((float)ScalarDistance.Score(metric, left, right)), Int8Distance<TStep>.ScoreFour(query, row, row, row, row, dimension));
    }
}

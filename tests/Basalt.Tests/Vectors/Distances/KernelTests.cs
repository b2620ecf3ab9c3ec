using System.Runtime.Intrinsics;
using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Distances;

/// <summary>Every kernel against the scalar definition, over what the rows really hold.</summary>
public sealed class KernelTests
{
    public static TheoryData<Metric, ElementType> Kernels
    {
        get
        {
            var kernels = new TheoryData<Metric, ElementType>();
            foreach (var metric in Enum.GetValues<Metric>())
            foreach (var type in Enum.GetValues<ElementType>())
                if (VectorRules.IsSupported(metric, type)) kernels.Add(metric, type);
            return kernels;
        }
    }

    private static IEnumerable<int> Dimensions => [.. Enumerable.Range(1, 130), 255, 256, 257, 784, 1536, 4096];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_agrees_with_the_definition_in_every_dimension(Metric metric, ElementType type)
    {
        foreach (var dimension in Dimensions) DistanceChoice.Use<Comparison, bool>(metric, type, new Comparison(metric, type, dimension));
    }

    [Fact]
    public void There_is_a_kernel_for_every_pair_that_is_said_to_be_supported()
    {
        foreach (var metric in Enum.GetValues<Metric>())
        foreach (var type in Enum.GetValues<ElementType>())
        {
            if (VectorRules.IsSupported(metric, type)) Assert.True(DistanceChoice.Use<Touch, bool>(metric, type, default));
            else Assert.Throws<ArgumentException>(() => DistanceChoice.Use<Touch, bool>(metric, type, default));
        }
    }

    private readonly struct Touch : IDistanceUser<bool>
    {
        public bool With<TDistance>() where TDistance : struct, IDistance => TDistance.QueryStride(64) >= 64;
    }

    private readonly unsafe struct Comparison(Metric metric, ElementType type, int dimension) : IDistanceUser<bool>
    {
        private const int Rows = 4;
        private const int Queries = 4;

        public bool With<TDistance>() where TDistance : struct, IDistance
        {
            var random = new Random(dimension * 31 + (int)metric * 7 + (int)type);
            using var buffer = new VectorBuffer(type, dimension, Rows);
            var stride = buffer.Stride;
            Assert.Equal(RowCodec.QueryStrideOf(type, dimension), TDistance.QueryStride(stride));
            for (var i = 0; i < Rows; i++)
            {
                RowCodec.Encode(VectorSamples.Next(random, dimension, type), metric, type, buffer.Next());
                Assert.Equal(i, buffer.Publish());
            }

            var rows = buffer.Rows;
            var queries = new AlignedBytes();
            var query = queries.Take(Queries * (long)TDistance.QueryStride(stride));
            for (var i = 0; i < Queries; i++) RowCodec.EncodeQuery(VectorSamples.Next(random, dimension, type), metric, type, query + i * TDistance.QueryStride(stride));

            var tile = stackalloc float[16];
            TDistance.ScoreTile(query, rows.Start, stride, tile);
            for (var q = 0; q < Queries; q++)
            {
                var at = query + q * TDistance.QueryStride(stride);
                var four = TDistance.ScoreFour(at, rows[0], rows[1], rows[2], rows[3], stride);
                for (var r = 0; r < Rows; r++)
                {
                    CheckOne(Query(at), Row(rows[r]), TDistance.Score(at, rows[r], stride));
                    CheckOne(Query(at), Row(rows[r]), four.GetElement(r));
                    CheckOne(Query(at), Row(rows[r]), tile[4 * q + r]);
                }
            }

            TDistance.QueryOfRow(rows[2], query, stride);
            Assert.Equal(Row(rows[2]), Query(query));
            if (TDistance.RowIsQuery) CheckOne(Row(rows[1]), Row(rows[2]), TDistance.Score(rows[1], rows[2], stride));
            return true;
        }

        private float[] Row(byte* row)
        {
            var vector = new float[dimension];
            RowCodec.Decode(row, type, vector);
            return vector;
        }

        private float[] Query(byte* query) => type is ElementType.Int8 or ElementType.Bit ? Row(query) : new ReadOnlySpan<float>(query, dimension).ToArray();

        private void CheckOne(float[] query, float[] row, float score)
        {
            var expected = ScalarDistance.Score(metric, query, row);
            var bound = type is ElementType.Int8 or ElementType.Bit ? Math.Abs(expected) * Math.Pow(2, -24) : ScalarDistance.Bound(metric, query, row);
            Assert.True(Math.Abs(score - expected) <= bound, $"{metric} of {type} x {dimension}: {score}, not {expected} within {bound}");
        }
    }
}

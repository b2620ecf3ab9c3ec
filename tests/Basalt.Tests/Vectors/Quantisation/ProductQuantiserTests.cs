using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

public sealed unsafe class ProductQuantiserTests
{
    [Theory]
    [InlineData(16, 4, 4)]
    [InlineData(16, 4, 8)]
    [InlineData(10, 3, 4)]
    [InlineData(1, 1, 8)]
    [InlineData(33, 33, 4)]
    public void Codes_are_the_nearest_centres_and_tables_the_products_with_them(int dimension, int subspaces, int bits)
    {
        const int Count = 600;
        var width = (dimension + subspaces - 1) / subspaces;
        var rows = Padded(MixtureSamples.Next(Count, dimension, 5), width * subspaces);
        fixed (float* data = rows)
        {
            using var quantiser = ProductQuantiser.Train(data, Count, width * subspaces, dimension, subspaces, bits, new KMeansOptions { Iterations = 5, Seed = 1 });
            Assert.Equal(width * subspaces, quantiser.Size);
            using var memory = new Scratch(quantiser.TableFloats + quantiser.Size);
            float* tables = memory.Floats, decoded = tables + quantiser.TableFloats;
            var codes = new byte[Count * subspaces];
            fixed (byte* code = codes)
            {
                quantiser.Encode(data, Count, quantiser.Size, code);
                for (var i = 0; i < 40; i++)
                {
                    var row = data + i * quantiser.Size;
                    var own = code + i * subspaces;
                    quantiser.Decode(own, decoded);
                    CheckNearest(quantiser, row, own, decoded);
                    quantiser.ProductTables(data + (i + 40) * quantiser.Size, -2, tables);
                    var exact = 0.0;
                    for (var j = 0; j < quantiser.Size; j++) exact += -2.0 * data[(i + 40) * quantiser.Size + j] * decoded[j];
                    Assert.Equal(exact, quantiser.Sum(tables, own), 1e-3 * (1 + Math.Abs(exact)));
                }
            }

            using var again = ProductQuantiser.Of(dimension, subspaces, bits, quantiser.Books);
            var second = new byte[codes.Length];
            fixed (byte* code = second) again.Encode(data, Count, quantiser.Size, code);
            Assert.Equal(codes, second);
        }
    }

    [Fact]
    public void More_bits_lose_less()
    {
        const int Count = 2_000;
        var rows = Padded(MixtureSamples.Next(Count, 16, 8), 16);
        var losses = new[] { (2, 4), (4, 4), (4, 8), (16, 8) }.Select(shape => Loss(rows, Count, shape.Item1, shape.Item2)).ToArray();
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.True(losses[^1] < losses[0] / 20, string.Join(' ', losses));
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        var rows = Padded(MixtureSamples.Next(700, 12, 2), 12);
        fixed (float* data = rows)
        {
            using var one = ProductQuantiser.Train(data, 700, 12, 12, 6, 4, new KMeansOptions { Seed = 3 });
            using var many = ProductQuantiser.Train(data, 700, 12, 12, 6, 4, new KMeansOptions { Seed = 3, Threads = 4 });
            Assert.True(one.Books.SequenceEqual(many.Books));
        }
    }

    [Theory]
    [InlineData(8, 9, 8)]
    [InlineData(8, 0, 8)]
    [InlineData(8, 2, 5)]
    [InlineData(2000, 513, 4)]
    public void Shapes_that_cannot_be_are_refused(int dimension, int subspaces, int bits) => Assert.Throws<ArgumentException>(() => ProductQuantiser.Check(dimension, subspaces, bits));

    private static double Loss(float[] rows, int count, int subspaces, int bits)
    {
        fixed (float* data = rows)
        {
            using var quantiser = ProductQuantiser.Train(data, count, 16, 16, subspaces, bits, new KMeansOptions { Seed = 1 });
            using var decoded = new Scratch(16);
            var codes = stackalloc byte[subspaces];
            var sum = 0.0;
            for (var i = 0; i < count; i++)
            {
                quantiser.Encode(data + i * 16, 1, 16, codes);
                quantiser.Decode(codes, decoded.Floats);
                for (var j = 0; j < 16; j++) sum += Math.Pow(data[i * 16 + j] - decoded.Floats[j], 2);
            }

            return sum / count;
        }
    }

    /// <summary>No single subspace can do better with another centre.</summary>
    private static void CheckNearest(ProductQuantiser quantiser, float* row, byte* code, float* decoded)
    {
        using var other = new Scratch(quantiser.Size);
        var changed = new byte[quantiser.Subspaces];
        for (var j = 0; j < quantiser.Subspaces; j++)
        for (var c = 0; c < quantiser.Centres; c += 5)
        {
            new ReadOnlySpan<byte>(code, quantiser.Subspaces).CopyTo(changed);
            changed[j] = (byte)c;
            fixed (byte* instead = changed) quantiser.Decode(instead, other.Floats);
            Assert.True(Distance(row, decoded, quantiser.Size) <= Distance(row, other.Floats, quantiser.Size) + 1e-3);
        }
    }

    private static double Distance(float* a, float* b, int count)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }

    private static float[] Padded(float[][] rows, int size) => [.. rows.SelectMany(row => row.Concat(Enumerable.Repeat(0f, size - row.Length)))];
}

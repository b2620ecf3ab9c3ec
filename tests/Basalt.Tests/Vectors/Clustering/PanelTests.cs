using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Clustering;

/// <summary>Products with panels: every width gives the bits of the scalar chain.</summary>
public sealed unsafe class PanelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(37)]
    [InlineData(1025)]
    public void Every_width_gives_the_bits_of_the_scalar_chain(int dimension)
    {
        var random = new Random(dimension);
        using var memory = new Scratch(Panels.Width * (dimension + 1L) + 6L * dimension + 5 * 6 * Panels.Width + 64);
        float* panel = memory.Floats, start = panel + (long)Panels.Width * dimension, sums = start + Panels.Width, rows = sums + 5 * 6 * Panels.Width;
        for (var i = 0; i < Panels.Width * dimension; i++) panel[i] = random.NextSingle() - 0.5f;
        for (var i = 0; i < Panels.Width; i++) start[i] = random.NextSingle() * 10;
        for (var i = 0; i < 6 * dimension; i++) rows[i] = random.NextSingle() - 0.5f;
        const int Tile = 6 * Panels.Width;
        PanelProduct.MultiplyScalar(panel, start, rows, sums, dimension);
        PanelProduct.Multiply128(panel, start, rows, sums + Tile, dimension);
        PanelProduct.Multiply256(panel, start, rows, sums + 2 * Tile, dimension);
        PanelProduct.Multiply512(panel, start, rows, sums + 3 * Tile, dimension);
        PanelProduct.Multiply(panel, start, rows, sums + 4 * Tile, dimension);
        for (var way = 1; way < 5; way++) Assert.True(new ReadOnlySpan<float>(sums, Tile).SequenceEqual(new ReadOnlySpan<float>(sums + way * Tile, Tile)), $"way {way}");
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 3, 5)]
    [InlineData(64, 6, 16)]
    [InlineData(65, 13, 20)]
    [InlineData(300, 100, 33)]
    public void The_nearest_is_the_one_that_a_loop_finds(int count, int rows, int dimension)
    {
        var random = new Random(count);
        var vectors = Enumerable.Range(0, count).Select(_ => VectorSamples.Next(random, dimension)).ToArray();
        using var panels = new Panels(count, dimension);
        for (var i = 0; i < count; i++) panels.SetNearest(i, vectors[i]);
        using var memory = new Scratch((long)rows * dimension + rows * 2 + (long)rows * count + Panels.ScratchFloats(dimension) + panels.PanelCount * Panels.Width + 64);
        var scores = memory.Floats;
        float* data = scores + panels.PanelCount * Panels.Width, values = data + rows * dimension, products = values + 2 * rows, scratch = products + (long)rows * count;
        var nearest = (int*)(values + rows);
        for (var i = 0; i < rows * dimension; i++) data[i] = random.NextSingle() * 4 - 2;
        panels.Nearest(data, rows, dimension, nearest, values, scratch);
        panels.Products(data, rows, dimension, products, count, scratch);
        for (var r = 0; r < rows; r++)
        {
            var row = new ReadOnlySpan<float>(data + r * dimension, dimension).ToArray();
            panels.Scores(data + r * dimension, scores);
            Assert.True(new ReadOnlySpan<float>(scores, count).SequenceEqual(new ReadOnlySpan<float>(products + r * count, count)));
            var best = Enumerable.Range(0, count).MaxBy(i => products[r * count + i]);
            Assert.Equal(best, nearest[r]);
            Assert.Equal(products[r * count + best], values[r]);
            var distances = vectors.Select(v => v.Zip(row, static (a, b) => ((double)a - b) * ((double)a - b)).Sum()).ToArray();
            Assert.InRange(distances[nearest[r]], 0, distances.Min() * 1.001 + 1e-3);
        }
    }

    [Fact]
    public void Of_equal_vectors_the_first_is_the_nearest()
    {
        using var panels = new Panels(130, 3);
        for (var i = 0; i < 130; i++) panels.SetNearest(i, [1, 2, 3]);
        using var memory = new Scratch(64 + Panels.ScratchFloats(3));
        memory.Floats[0] = memory.Floats[1] = memory.Floats[2] = 1;
        panels.Nearest(memory.Floats, 1, 3, (int*)memory.Floats + 16, memory.Floats + 17, memory.Floats + 32);
        Assert.Equal(0, ((int*)memory.Floats)[16]);
    }
}

using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

public sealed unsafe class RotationTests
{
    [Theory]
    [InlineData(RotationKind.None, 1)]
    [InlineData(RotationKind.None, 13)]
    [InlineData(RotationKind.Spread, 1)]
    [InlineData(RotationKind.Spread, 2)]
    [InlineData(RotationKind.Spread, 13)]
    [InlineData(RotationKind.Spread, 100)]
    [InlineData(RotationKind.Principal, 1)]
    [InlineData(RotationKind.Principal, 13)]
    [InlineData(RotationKind.Principal, 48)]
    public void Distances_stay_what_they_were(RotationKind kind, int dimension)
    {
        var rows = MixtureSamples.Next(200, dimension, 4);
        var mean = rows[0];
        var subspaces = Math.Max(1, dimension / 3);
        var width = (dimension + subspaces - 1) / subspaces;
        var flat = rows.SelectMany(row => row.Zip(mean, static (x, m) => x - m)).ToArray();
        fixed (float* centred = flat)
        {
            using var rotation = kind switch
            {
                RotationKind.Principal => Rotation.Principal(mean, centred, rows.Length, dimension, subspaces, width, CancellationToken.None),
                RotationKind.Spread => Rotation.Spread(mean, subspaces * width, 9),
                _ => Rotation.Move(mean, subspaces * width),
            };
            Assert.Equal(kind, rotation.Kind);
            using var memory = new Scratch((long)rows.Length * rotation.Size + Rotation.ScratchFloats(dimension) + dimension);
            var scratch = memory.Floats + (long)rows.Length * rotation.Size;
            fixed (float* plain = rows.SelectMany(static row => row).ToArray()) rotation.Apply(plain, rows.Length, dimension, memory.Floats, rotation.Size, scratch);
            for (var i = 0; i < 40; i++)
            {
                var before = rows[i].Zip(rows[i + 100], static (a, b) => ((double)a - b) * ((double)a - b)).Sum();
                var after = 0.0;
                for (var j = 0; j < rotation.Size; j++) after += Math.Pow(memory.Floats[i * rotation.Size + j] - memory.Floats[(i + 100) * rotation.Size + j], 2);
                Assert.Equal(before, after, 1e-4 * (1 + before));
            }

            // A row that has the mean subtracted already ends at the same place.
            using var again = new Scratch(rotation.Size);
            rotation.Apply(centred + 5 * dimension, 1, dimension, again.Floats, rotation.Size, scratch, centred: true);
            for (var j = 0; j < rotation.Size; j++) Assert.Equal(memory.Floats[5 * rotation.Size + j], again.Floats[j], 1e-4f);
        }
    }

    [Fact]
    public void Principal_axes_are_orthogonal_and_leave_no_covariance()
    {
        const int Size = 40;
        var random = new Random(3);
        var factors = Enumerable.Range(0, Size * Size).Select(_ => random.NextDouble() - 0.5).ToArray();
        var matrix = new double[Size * Size];
        for (var i = 0; i < Size; i++)
        for (var j = 0; j < Size; j++)
        for (var l = 0; l < 9; l++) matrix[i * Size + j] += factors[i * Size + l] * factors[j * Size + l] * (l + 1);
        var (axes, variances) = PrincipalAxes.Of(matrix, Size, CancellationToken.None);
        Assert.Equal(variances.OrderDescending(), variances);
        Assert.True(variances[8] > 0.01 && variances[9] < 1e-6, "nine directions have all the variance");
        for (var i = 0; i < Size; i++)
        for (var j = 0; j < Size; j++)
        {
            var (product, covariance) = (0.0, 0.0);
            for (var a = 0; a < Size; a++)
            {
                product += axes[i * Size + a] * axes[j * Size + a];
                for (var b = 0; b < Size; b++) covariance += axes[i * Size + a] * matrix[a * Size + b] * axes[j * Size + b];
            }

            Assert.Equal(i == j ? 1 : 0, product, 1e-9);
            Assert.Equal(i == j ? variances[i] : 0, covariance, 1e-6);
        }
    }

    [Fact]
    public void Principal_axes_deal_the_variance_out_to_the_subspaces()
    {
        // Four directions tell all; each must come to a subspace of its own.
        var random = new Random(1);
        var rows = Enumerable.Range(0, 500).SelectMany(_ =>
        {
            var z = Enumerable.Range(0, 4).Select(_ => random.NextDouble() - 0.5).ToArray();
            return Enumerable.Range(0, 16).Select(j => (float)(z[0] * (j + 1) + z[1] * (j % 3) * 9 + z[2] * (j % 5) * 5 + z[3] * (j & 1) * 12));
        }).ToArray();
        fixed (float* data = rows)
        {
            using var rotation = Rotation.Principal(new float[16], data, 500, 16, 4, 4, CancellationToken.None);
            using var memory = new Scratch(500 * 16 + Rotation.ScratchFloats(16));
            rotation.Apply(data, 500, 16, memory.Floats, 16, memory.Floats + 500 * 16);
            for (var part = 0; part < 4; part++)
            {
                var variance = 0.0;
                for (var i = 0; i < 500; i++)
                for (var j = 0; j < 4; j++) variance += Math.Pow(memory.Floats[i * 16 + part * 4 + j], 2);
                Assert.True(variance / 500 > 1, $"subspace {part} has variance {variance / 500}");
            }
        }
    }

    [Fact]
    public void Spreading_makes_elements_alike()
    {
        using var memory = new Scratch(300);
        var spread = new SignedHadamard(300, 5);
        for (var axis = 0; axis < 300; axis += 11)
        {
            new Span<float>(memory.Floats, 300).Clear();
            memory.Floats[axis] = 1;
            spread.Apply(memory.Floats);
            Assert.InRange(new ReadOnlySpan<float>(memory.Floats, 300).ToArray().Max(Math.Abs), 0, 6 / MathF.Sqrt(300));
        }
    }
}

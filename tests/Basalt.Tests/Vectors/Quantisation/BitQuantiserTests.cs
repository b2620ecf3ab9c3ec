using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

public sealed unsafe class BitQuantiserTests
{
    /// <summary>Estimates of squared distances against the distances: unbiased, within the bound nearly always, within the certain bound always.</summary>
    [Theory]
    [InlineData(64, false)]
    [InlineData(200, false)]
    [InlineData(200, true)]
    public void Estimates_lie_within_their_bounds(int size, bool isDot)
    {
        const int Trials = 4_000;
        var random = new Random(size);
        var quantiser = new BitQuantiser(size);
        using var memory = new Scratch(4L * size + (quantiser.Subspaces << 4) + 64);
        float* tables = memory.Floats, row = tables + (quantiser.Subspaces << 4), residual = row + size, query = residual + size, terms = query + size;
        var code = stackalloc byte[quantiser.Subspaces];
        var (outside, bias, errors) = (0, 0.0, 0.0);
        for (var trial = 0; trial < Trials; trial++)
        {
            for (var j = 0; j < size; j++)
            {
                row[j] = random.NextSingle() * (j % 7 == 0 ? 4 : 0.1f);
                residual[j] = row[j] - 0.3f;
                query[j] = residual[j] * 0.5f + random.NextSingle();
            }

            // The estimate is unbiased over rotations, so each trial has its own; row, residual and query are turned alike.
            var spread = new SignedHadamard(size, (ulong)trial);
            spread.Apply(row);
            spread.Apply(residual);
            spread.Apply(query);
            quantiser.Encode(row, residual, 1, isDot, code, terms);
            quantiser.ProductTables(query, isDot ? -1 : -2, tables);
            var sum = 0.0;
            for (var j = 0; j < quantiser.Subspaces; j++) sum += tables[(j << 4) + code[j]];
            var (exact, start, norm) = (0.0, 0.0, 0.0);
            for (var j = 0; j < size; j++)
            {
                var centre = (double)row[j] - residual[j];
                exact += isDot ? -(double)query[j] * row[j] : Math.Pow((double)query[j] - row[j], 2);
                start += isDot ? -query[j] * centre : Math.Pow(query[j] - centre, 2);
                norm += isDot ? (double)query[j] * query[j] : Math.Pow(query[j] - centre, 2);
            }

            var error = start + terms[0] + terms[1] * sum - exact;
            var bound = terms[2] * Math.Sqrt(norm);
            if (Math.Abs(error) > bound) outside++;
            Assert.True(Math.Abs(error) <= bound * quantiser.Certain + 1e-3 * (1 + Math.Abs(exact)), $"trial {trial}: {error} past {bound * quantiser.Certain}");
            bias += error;
            errors += Math.Abs(error);
        }

        Assert.InRange(outside, 1, Trials / 10);
        Assert.True(Math.Abs(bias) < 0.1 * errors, $"bias {bias / Trials}, mean error {errors / Trials}");
    }

    [Fact]
    public void A_zero_residual_is_exact()
    {
        var quantiser = new BitQuantiser(8);
        using var memory = new Scratch(64);
        new Span<float>(memory.Floats, 64).Clear();
        memory.Floats[0] = 3;
        var code = stackalloc byte[2];
        quantiser.Encode(memory.Floats, memory.Floats + 8, 1, false, code, memory.Floats + 16);
        Assert.Equal([0, 0, 0], new ReadOnlySpan<float>(memory.Floats + 16, 3).ToArray());
    }
}

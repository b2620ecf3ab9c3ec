using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Clustering;

public sealed unsafe class KMeansTests
{
    [Theory]
    [InlineData(500, 1, 7)]
    [InlineData(700, 5, 64)]
    [InlineData(2_000, 24, 100)]
    [InlineData(64, 3, 64)]
    public void A_full_step_never_raises_the_objective(int count, int dimension, int centres)
    {
        for (var seed = 0UL; seed < 5; seed++)
        {
            var result = Train(Rows(count, dimension, seed), dimension, centres, new KMeansOptions { Iterations = 12, Seed = seed });
            for (var i = 1; i < result.Objectives.Count; i++) Assert.True(result.Objectives[i] <= result.Objectives[i - 1] * 1.000001, $"seed {seed}: step {i} raised {result.Objectives[i - 1]} to {result.Objectives[i]}");
        }
    }

    [Fact]
    public void The_objective_is_the_mean_of_what_a_loop_finds()
    {
        var rows = Rows(300, 6, 3);
        var seeded = Train(rows, 6, 10, new KMeansOptions { Iterations = 0, Seed = 3 });
        var stepped = Train(rows, 6, 10, new KMeansOptions { Iterations = 1, Seed = 3 });
        Assert.Equal(MeanDistance(rows, 6, seeded.Centres), stepped.Objectives[0], 1e-4);
        Assert.True(MeanDistance(rows, 6, stepped.Centres) <= MeanDistance(rows, 6, seeded.Centres));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700)]
    public void The_number_of_threads_changes_no_bit(int batch)
    {
        var rows = Rows(5_000, 17, 1);
        var options = new KMeansOptions { Iterations = 6, Seed = 5, BatchRows = batch };
        var one = Train(rows, 17, 130, options);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            var many = Train(rows, 17, 130, options with { Threads = threads });
            Assert.Equal(one.Centres, many.Centres);
            Assert.Equal(one.Objectives, many.Objectives);
        }

        Assert.NotEqual(one.Centres, Train(rows, 17, 130, options with { Seed = 6 }).Centres);
    }

    [Fact]
    public void Centres_that_lie_far_apart_are_all_found()
    {
        var random = new SplitMix64(1);
        var rows = new float[2_000 * 2];
        for (var i = 0; i < 2_000; i++) (rows[2 * i], rows[2 * i + 1]) = ((float)(i % 10 * 100 + random.NextUnit()), (float)(i % 7 * 100 + random.NextUnit()));
        var result = Train(rows, 2, 70, new KMeansOptions { Iterations = 20, Seed = 2 });
        Assert.True(MeanDistance(rows, 2, result.Centres) < 1);
    }

    [Fact]
    public void Empty_clusters_are_given_rows_that_lie_far_off()
    {
        // Ten values for sixty centres that are drawn with the same values again and again, then a row far off.
        var rows = Enumerable.Range(0, 600).Select(static i => i == 599 ? 1e4f : i % 30 + i / 60 * 0.001f).ToArray();
        var repaired = 0;
        for (var seed = 0UL; seed < 20; seed++)
        {
            var result = Train(rows, 1, 200, new KMeansOptions { Iterations = 8, Seed = seed });
            repaired += result.Repaired;
            Assert.True(MeanDistance(rows, 1, result.Centres) < 1e-5);
        }

        Assert.True(repaired > 0, "no seed made an empty cluster: the test tests nothing");
    }

    [Fact]
    public void Equal_rows_give_equal_centres()
    {
        var result = Train([.. Enumerable.Repeat(3.5f, 400)], 4, 16, new KMeansOptions { Iterations = 4 });
        Assert.All(result.Centres, static x => Assert.Equal(3.5f, x));
        Assert.Equal(0, result.Objectives[^1]);
    }

    [Fact]
    public void Mini_batches_come_near_to_full_steps()
    {
        var rows = Rows(20_000, 12, 9);
        var seeded = MeanDistance(rows, 12, Train(rows, 12, 50, new KMeansOptions { Iterations = 0, Seed = 1 }).Centres);
        var full = MeanDistance(rows, 12, Train(rows, 12, 50, new KMeansOptions { Iterations = 20, Seed = 1 }).Centres);
        var batches = MeanDistance(rows, 12, Train(rows, 12, 50, new KMeansOptions { Iterations = 20, Seed = 1, BatchRows = 2_000 }).Centres);
        Assert.True(batches < seeded && batches < full * 1.1, $"seeded {seeded}, full {full}, batches {batches}");
    }

    [Fact]
    public void It_stops_when_little_is_gained_and_tells_its_progress()
    {
        var told = new List<double>();
        var result = Train(Rows(3_000, 4, 2), 4, 20, new KMeansOptions { Iterations = 100, Tolerance = 0.01, Seed = 1 }, new Told(told));
        Assert.InRange(result.Objectives.Count, 2, 50);
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var rows = Rows(10, 2, 1);
        Assert.Contains("at least as many rows", Assert.Throws<ArgumentException>(() => Train(rows, 2, 11, new KMeansOptions())).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(rows, 2, 0, new KMeansOptions()));
        foreach (var options in new[] { new KMeansOptions { Iterations = -1 }, new KMeansOptions { Threads = 0 }, new KMeansOptions { Tolerance = double.NaN }, new KMeansOptions { BatchRows = -1 }, new KMeansOptions { SeedRowsPerCentre = 0 } })
            Assert.Throws<ArgumentException>(() => Train(rows, 2, 2, options));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Train(rows, 2, 2, new KMeansOptions(), null, cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => Train(Rows(5_000, 2, 1), 2, 2, new KMeansOptions { Threads = 2 }, null, cancelled.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(12)]
    [InlineData(4_096)]
    [InlineData(99_991)]
    public void A_walk_visits_every_row_once(int count)
    {
        for (var seed = 0UL; seed < 5; seed++)
        {
            var random = new SplitMix64(seed);
            var walk = new RowWalk(count, ref random);
            var seen = new bool[count];
            for (var i = 0; i < count; i++) seen[walk.Next()] = true;
            Assert.DoesNotContain(false, seen);
        }
    }

    private static float[] Rows(int count, int dimension, ulong seed) => [.. MixtureSamples.Next(count, dimension, seed + 100).SelectMany(static r => r)];

    private static KMeansResult Train(float[] rows, int dimension, int centres, KMeansOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        fixed (float* first = rows) return KMeans.Train(first, rows.Length / dimension, dimension, dimension, centres, options, progress, cancellationToken);
    }

    private static double MeanDistance(float[] rows, int dimension, float[] centres)
    {
        var sum = 0.0;
        for (var i = 0; i < rows.Length; i += dimension)
        {
            var least = double.MaxValue;
            for (var c = 0; c < centres.Length; c += dimension)
            {
                var distance = 0.0;
                for (var j = 0; j < dimension; j++) distance += ((double)rows[i + j] - centres[c + j]) * ((double)rows[i + j] - centres[c + j]);
                least = Math.Min(least, distance);
            }

            sum += least;
        }

        return sum * dimension / rows.Length;
    }

    private sealed class Told(List<double> told) : IProgress<double>
    {
        public void Report(double value) => told.Add(value);
    }
}

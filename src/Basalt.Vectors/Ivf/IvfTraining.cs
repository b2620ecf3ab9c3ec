using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>Trains an <see cref="IvfModel"/>: mean, lists by k-means, axes and subspaces of the residuals.</summary>
internal sealed unsafe class IvfTraining(IvfPqOptions options, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
{
    /// <summary>Rows that the code of residuals is trained on at most.</summary>
    private const int CodeRows = 32_768;

    /// <summary>Rows whose covariance gives the principal axes.</summary>
    private const int AxisRows = 8_192;

    private const int ChunkRows = 96 * Panels.TileRows;

    public IvfModel Train(VectorRows rows)
    {
        var dimension = rows.Dimension;
        var random = new SplitMix64(options.Seed);
        var count = (int)Math.Min(rows.Count, options.TrainingRowsFor(dimension));
        using var sample = new Scratch((long)count * dimension);
        Gather(rows, count, sample.Floats, ref random);
        var mean = options.Metric == Metric.Dot ? new float[dimension] : Mean(sample.Floats, count, dimension);
        Subtract(sample.Floats, count, mean);
        var kmeans = new KMeansOptions { Iterations = options.Iterations, BatchRows = options.BatchRows, Seed = random.Next(), Threads = threads };
        var lists = KMeans.Train(sample.Floats, count, dimension, dimension, options.Lists, kmeans, Part(0, 0.7), cancellationToken);
        var codeRows = Math.Min(count, CodeRows);
        using var residuals = new Scratch((long)codeRows * dimension);
        Residuals(sample.Floats, codeRows, dimension, lists.Centres, residuals.Floats);
        var rotation = RotationOf(mean, residuals.Floats, codeRows, random.Next());
        try
        {
            var centres = Centres(rotation, lists.Centres);
            try
            {
                var code = options.Code == IvfCode.Bit ? (IRowCode)new BitQuantiser(rotation.Size) : Products(rotation, residuals.Floats, codeRows, kmeans with { BatchRows = 0, Seed = random.Next() });
                progress?.Report(1);
                return new IvfModel(options.Metric, options.Code, rotation, centres, code);
            }
            catch
            {
                centres.Dispose();
                throw;
            }
        }
        catch
        {
            rotation.Dispose();
            throw;
        }
    }

    private PartProgress? Part(double from, double to) => progress is null ? null : new PartProgress(progress, from, to);

    private static void Gather(VectorRows rows, int count, float* to, ref SplitMix64 random)
    {
        var walk = new RowWalk(rows.Count, ref random);
        for (var i = 0; i < count; i++) RowCodec.Decode(rows[(int)walk.Next()], rows.ElementType, new Span<float>(to + (long)i * rows.Dimension, rows.Dimension));
    }

    private static float[] Mean(float* rows, int count, int dimension)
    {
        var sums = new double[dimension];
        for (var i = 0L; i < count; i++)
        for (var j = 0; j < dimension; j++) sums[j] += rows[i * dimension + j];
        return Array.ConvertAll(sums, sum => (float)(sum / count));
    }

    private static void Subtract(float* rows, int count, float[] mean)
    {
        for (var i = 0L; i < count; i++)
        for (var j = 0; j < mean.Length; j++) rows[i * mean.Length + j] -= mean[j];
    }

    private void Residuals(float* rows, int count, int dimension, float[] centres, float* residuals)
    {
        using var panels = new Panels(options.Lists, dimension);
        for (var c = 0; c < options.Lists; c++) panels.SetNearest(c, centres.AsSpan(c * dimension, dimension));
        Chunks.Run(count, ChunkRows, threads, (from, to) =>
        {
            var floats = Panels.ScratchFloats(dimension);
            using var scratch = new Scratch(floats + 2L * (to - from));
            var nearest = (int*)(scratch.Floats + floats);
            panels.Nearest(rows + (long)from * dimension, to - from, dimension, nearest, (float*)nearest + (to - from), scratch.Floats);
            for (var i = from; i < to; i++)
            for (var j = 0; j < dimension; j++) residuals[(long)i * dimension + j] = rows[(long)i * dimension + j] - centres[nearest[i - from] * dimension + j];
        }, cancellationToken);
    }

    private Rotation RotationOf(float[] mean, float* residuals, int count, ulong seed)
    {
        if (options.Code == IvfCode.Bit)
            return options.RotationFor(mean.Length) == RotationKind.Spread ? Rotation.Spread(mean, BitQuantiser.SizeOf(mean.Length), seed) : Rotation.Move(mean, BitQuantiser.SizeOf(mean.Length));
        var width = (mean.Length + options.Subspaces - 1) / options.Subspaces;
        return options.RotationFor(mean.Length) switch
        {
            RotationKind.Principal => Rotation.Principal(mean, residuals, Math.Min(count, AxisRows), mean.Length, options.Subspaces, width, cancellationToken),
            RotationKind.Spread => Rotation.Spread(mean, options.Subspaces * width, seed),
            _ => Rotation.Move(mean, options.Subspaces * width),
        };
    }

    private static Panels Centres(Rotation rotation, float[] centres)
    {
        var (dimension, count) = (rotation.Dimension, centres.Length / rotation.Dimension);
        var panels = new Panels(count, rotation.Size);
        using var scratch = new Scratch(Rotation.ScratchFloats(dimension) + rotation.Size);
        var turned = scratch.Floats + Rotation.ScratchFloats(dimension);
        fixed (float* from = centres)
            for (var c = 0; c < count; c++)
            {
                rotation.Apply(from + (long)c * dimension, 1, dimension, turned, rotation.Size, scratch.Floats, centred: true);
                panels.SetNearest(c, new ReadOnlySpan<float>(turned, rotation.Size));
            }

        return panels;
    }

    private ProductQuantiser Products(Rotation rotation, float* residuals, int count, KMeansOptions kmeans)
    {
        using var scratch = new Scratch(Rotation.ScratchFloats(rotation.Dimension) + (long)count * rotation.Size);
        var turned = scratch.Floats + Rotation.ScratchFloats(rotation.Dimension);
        rotation.Apply(residuals, count, rotation.Dimension, turned, rotation.Size, scratch.Floats, centred: true);
        return ProductQuantiser.Train(turned, count, rotation.Size, rotation.Dimension, options.Subspaces, (int)options.Code, kmeans, Part(0.7, 1), cancellationToken);
    }
}

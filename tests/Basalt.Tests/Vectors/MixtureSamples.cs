using Basalt.Vectors;
using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors;

/// <summary>Rows around random centres in few directions, as real vectors lie: uniform ones have no neighbours worth finding.</summary>
internal static class MixtureSamples
{
    private const int Clusters = 20;

    public static float[][] Next(int count, int dimension, ulong seed, ulong stream = 0)
    {
        var shape = new SplitMix64(seed);
        var latent = Math.Min(dimension, 8);
        var centres = Draw(ref shape, Clusters, latent, 2);
        var axes = Draw(ref shape, latent, dimension, 1);
        var random = new SplitMix64(seed * 7919 + stream + 1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var centre = centres[random.Below(Clusters)];
            var row = new float[dimension];
            for (var l = 0; l < latent; l++)
            {
                var z = centre[l] + random.NextGaussian();
                for (var j = 0; j < dimension; j++) row[j] += (float)(z * axes[l][j]);
            }

            for (var j = 0; j < dimension; j++) row[j] += (float)(0.05 * random.NextGaussian()) + 1;
            return row;
        })];
    }

    public static unsafe VectorBuffer BufferOf(float[][] rows, Metric metric = Metric.L2, ElementType type = ElementType.Float32)
    {
        var buffer = new VectorBuffer(type, rows[0].Length, rows.Length);
        foreach (var row in rows)
        {
            RowCodec.Encode(row, metric, type, buffer.Next());
            buffer.Publish();
        }

        return buffer;
    }

    private static double[][] Draw(ref SplitMix64 random, int count, int length, double scale)
    {
        var drawn = new double[count][];
        for (var i = 0; i < count; i++)
        {
            drawn[i] = new double[length];
            for (var j = 0; j < length; j++) drawn[i][j] = scale * random.NextGaussian();
        }

        return drawn;
    }
}

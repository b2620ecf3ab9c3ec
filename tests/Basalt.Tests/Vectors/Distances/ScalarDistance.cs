using Basalt.Vectors;

namespace Basalt.Tests.Vectors.Distances;

/// <summary>The definition of every metric, one element at a time in double: what the kernels are measured by.</summary>
internal static class ScalarDistance
{
    /// <summary>The score that a kernel gives: L2 squared, dot and cosine negated, of vectors that are scaled already.</summary>
    public static double Score(Metric metric, ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            double l = left[i], r = right[i];
            sum += metric switch
            {
                Metric.L2 => (l - r) * (l - r),
                Metric.Dot or Metric.Cosine => -l * r,
                Metric.L1 => Math.Abs(l - r),
                Metric.Hamming => l == r ? 0 : 1,
                _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
            };
        }

        return sum;
    }

    /// <summary>
    /// How far a float32 sum may be from the score: half a unit in the last place of the sum of the magnitudes, for each addition and each rounding on the way.
    /// </summary>
    public static double Bound(Metric metric, ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var magnitude = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            double l = left[i], r = right[i];
            magnitude += metric switch { Metric.L2 => (l - r) * (l - r), Metric.L1 => Math.Abs(l - r), Metric.Dot or Metric.Cosine => Math.Abs(l * r), _ => 0 };
        }

        return magnitude * (left.Length + 2) * Math.Pow(2, -24);
    }
}

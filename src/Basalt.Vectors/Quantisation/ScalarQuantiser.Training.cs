using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

public sealed unsafe partial class ScalarQuantiser
{
    /// <summary>The share of a sample's elements that is clipped unless told.</summary>
    public const float DefaultClipped = 0.001f;

    private const int MostSampled = 10_000;
    private const int MostDeviations = 2_000_000;

    /// <summary>Learns the levels from a sample, of which it looks at up to 10,000 rows, evenly spread.</summary>
    /// <param name="sample">At least one float32 row; of length one under the cosine.</param>
    /// <param name="metric">L2, cosine, dot or L1.</param>
    /// <param name="range">What the levels are spread over.</param>
    /// <param name="clipped">The share of elements that may lie outside; from 0 to less than 0.5.</param>
    /// <exception cref="ArgumentException">The sample is empty or not float32, or the metric has no such codes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static ScalarQuantiser Train(VectorRows sample, Metric metric, QuantiserRange range = QuantiserRange.Global, float clipped = DefaultClipped)
    {
        if (sample.Count == 0 || sample.ElementType != ElementType.Float32) throw new ArgumentException("A quantiser learns from at least one float32 vector.", nameof(sample));
        if (metric is not (Metric.L2 or Metric.Cosine or Metric.Dot or Metric.L1)) throw new ArgumentException($"There are no int8 codes for {metric}.", nameof(metric));
        if (!(clipped is >= 0 and < 0.5f)) throw new ArgumentOutOfRangeException(nameof(clipped), clipped, "The share is from 0 to less than 0.5.");
        var count = Math.Min(sample.Count, MostSampled);
        var (middles, steps) = (new float[sample.Dimension], new float[sample.Dimension]);
        var elements = new float[count];
        var isCentred = range == QuantiserRange.PerDimension || metric != Metric.Dot;
        for (var d = 0; d < middles.Length; d++)
        {
            for (var i = 0; i < count; i++) elements[i] = Element(sample, i, count, d);
            elements.AsSpan().Sort();
            var (low, high) = (Quantile(elements, clipped / 2), Quantile(elements, 1 - clipped / 2));
            middles[d] = isCentred ? low / 2 + high / 2 : 0;
            steps[d] = StepOf(high / 2 - low / 2);
        }

        if (range == QuantiserRange.Global) Array.Fill(steps, GlobalStep(sample, count, middles, clipped));
        return new ScalarQuantiser(metric, range, middles, steps);
    }

    private static float GlobalStep(VectorRows sample, int count, float[] middles, float clipped)
    {
        var rows = Math.Max(1, Math.Min(count, MostDeviations / middles.Length));
        var deviations = new float[rows * middles.Length];
        for (var i = 0; i < rows; i++)
            for (var d = 0; d < middles.Length; d++) deviations[i * middles.Length + d] = Math.Abs(Element(sample, i, rows, d) - middles[d]);
        deviations.AsSpan().Sort();
        return StepOf(Quantile(deviations, 1 - clipped));
    }

    private static float Element(VectorRows sample, int number, int count, int dimension) => ((float*)sample[(int)((long)number * sample.Count / count)])[dimension];

    private static float Quantile(float[] sorted, float share) => sorted[(int)Math.Clamp(Math.Round((double)share * (sorted.Length - 1)), 0, sorted.Length - 1)];

    // A dimension that does not vary still needs a step, and one whose inverse is finite.
    private static float StepOf(float reach) => reach / Levels is var step && step > 1e-37f ? step : 1;
}

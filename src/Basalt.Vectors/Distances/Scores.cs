namespace Basalt.Vectors.Distances;

/// <summary>Between the scores that kernels compute and the distances that users read.</summary>
internal static class Scores
{
    /// <summary>What a user reads: L2 as a root, cosine from 0 to 2.</summary>
    public static float ToDistance(Metric metric, float score) => metric switch
    {
        Metric.L2 => MathF.Sqrt(score),
        Metric.Cosine => Math.Max(0, 1 + score),
        _ => score,
    };

    /// <summary>The largest score whose distance is at most <paramref name="distance"/>; negative infinity when there is none.</summary>
    public static float FromDistance(Metric metric, float distance) => metric switch
    {
        Metric.L2 => distance < 0 ? float.NegativeInfinity : LargestWithin(metric, distance * distance, distance),
        Metric.Cosine => distance < 0 ? float.NegativeInfinity : LargestWithin(metric, distance - 1, distance),
        _ => distance,
    };

    // Rounding puts the first guess a step or two off; a range must hold exactly what is reported at its distance.
    private static float LargestWithin(Metric metric, float score, float distance)
    {
        if (!float.IsFinite(score)) return score;
        while (ToDistance(metric, score) > distance) score = MathF.BitDecrement(score);
        while (float.IsFinite(score) && ToDistance(metric, MathF.BitIncrement(score)) <= distance) score = MathF.BitIncrement(score);
        return score;
    }
}

namespace Basalt.Vectors.Distances;

/// <summary>Which kernel serves a metric over an element type.</summary>
internal static class DistanceChoice
{
    /// <summary>Whether there is a kernel. Bits have Hamming alone; int8 has no cosine, since scaled to length one nothing of it would be left.</summary>
    public static bool IsSupported(Metric metric, ElementType elementType) => elementType switch
    {
        ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 => metric is Metric.L2 or Metric.Cosine or Metric.Dot or Metric.L1,
        ElementType.Int8 => metric is Metric.L2 or Metric.Dot or Metric.L1,
        ElementType.Bit => metric is Metric.Hamming,
        _ => false,
    };

    /// <summary>Runs the user with the kernel. Cosine is the dot product of vectors of length one; see <see cref="Scores"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TResult Use<TUser, TResult>(Metric metric, ElementType elementType, TUser user) where TUser : IDistanceUser<TResult>, allows ref struct => (metric, elementType) switch
    {
        (Metric.L2, ElementType.Float32) => user.With<FloatDistance<L2Step, Float32Elements>>(),
        (Metric.L2, ElementType.Float16) => user.With<FloatDistance<L2Step, Float16Elements>>(),
        (Metric.L2, ElementType.BFloat16) => user.With<FloatDistance<L2Step, BFloat16Elements>>(),
        (Metric.Dot or Metric.Cosine, ElementType.Float32) => user.With<FloatDistance<DotStep, Float32Elements>>(),
        (Metric.Dot or Metric.Cosine, ElementType.Float16) => user.With<FloatDistance<DotStep, Float16Elements>>(),
        (Metric.Dot or Metric.Cosine, ElementType.BFloat16) => user.With<FloatDistance<DotStep, BFloat16Elements>>(),
        (Metric.L1, ElementType.Float32) => user.With<FloatDistance<L1Step, Float32Elements>>(),
        (Metric.L1, ElementType.Float16) => user.With<FloatDistance<L1Step, Float16Elements>>(),
        (Metric.L1, ElementType.BFloat16) => user.With<FloatDistance<L1Step, BFloat16Elements>>(),
        (Metric.L2, ElementType.Int8) => user.With<Int8Distance<L2Step>>(),
        (Metric.Dot, ElementType.Int8) => user.With<Int8Distance<DotStep>>(),
        (Metric.L1, ElementType.Int8) => user.With<Int8Distance<L1Step>>(),
        (Metric.Hamming, ElementType.Bit) => user.With<BitHamming>(),
        _ => throw new ArgumentException($"There is no {metric} distance of {elementType} vectors.", nameof(metric)),
    };
}

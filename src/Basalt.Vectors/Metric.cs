namespace Basalt.Vectors;

/// <summary>How far two vectors are apart. A smaller distance is nearer under every metric.</summary>
public enum Metric
{
    /// <summary>Euclidean: the root of the sum of squared differences.</summary>
    L2,

    /// <summary>One minus the cosine of the angle, 0 to 2. Vectors are scaled to length one when they come in; the zero vector has no angle and is refused.</summary>
    Cosine,

    /// <summary>The negated inner product, so that the largest product is the nearest.</summary>
    Dot,

    /// <summary>The sum of absolute differences.</summary>
    L1,

    /// <summary>How many bits differ. Only of vectors of bits, and their only metric.</summary>
    Hamming,
}

namespace Basalt.Indexes;

/// <summary>How far two vectors are apart. A smaller distance is nearer under every metric.</summary>
public enum VectorMetric
{
    /// <summary>One minus the cosine of the angle, 0 to 2. The zero vector has no angle and is refused.</summary>
    Cosine,

    /// <summary>The negated inner product, so that the largest product is the nearest.</summary>
    Dot,

    /// <summary>Euclidean: the root of the sum of squared differences.</summary>
    L2,

    /// <summary>The sum of absolute differences.</summary>
    L1,
}

/// <summary>How a vector index finds what is near.</summary>
public enum VectorMethod
{
    /// <summary>As the number and size of the vectors advise: exact while they are few, a graph beyond.</summary>
    Auto,

    /// <summary>By comparing with all vectors: exact.</summary>
    Flat,

    /// <summary>By walking a graph of neighbours (HNSW): approximate.</summary>
    Hnsw,
}

/// <summary>What a graph is walked by; what it finds is measured again by the full vectors.</summary>
public enum VectorCodes
{
    /// <summary>One byte an element.</summary>
    Int8,

    /// <summary>The full vectors.</summary>
    None,
}

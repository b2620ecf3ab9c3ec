using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>What a metric adds to its sum for a few elements at a time.</summary>
internal interface IFloatStep
{
    /// <summary>What the sum is multiplied by to be a score.</summary>
    static abstract float Sign { get; }

    static abstract Vector512<float> Add(Vector512<float> sum, Vector512<float> query, Vector512<float> row);

    static abstract Vector256<float> Add(Vector256<float> sum, Vector256<float> query, Vector256<float> row);

    static abstract Vector128<float> Add(Vector128<float> sum, Vector128<float> query, Vector128<float> row);
}

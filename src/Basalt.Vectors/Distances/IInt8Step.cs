using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>What a metric adds to its sum for int8 elements, widened to 16 bits so that nothing overflows.</summary>
internal interface IInt8Step
{
    /// <summary>What the sum is multiplied by to be a score.</summary>
    static abstract float Sign { get; }

    static abstract Vector512<int> Add(Vector512<int> sum, Vector512<short> query, Vector512<short> row);

    static abstract Vector256<int> Add(Vector256<int> sum, Vector256<short> query, Vector256<short> row);

    static abstract Vector128<int> Add(Vector128<int> sum, Vector128<short> query, Vector128<short> row);
}
